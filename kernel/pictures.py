"""A photo from outside, opened with care: turned upright, bounded, never trusted."""

import warnings
from io import BytesIO
from pathlib import Path
from typing import IO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

from kernel.errors import Refused

register_heif_opener()
MAX_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "TIFF", "BMP")


class UnreadablePicture(Refused):
    sentence = _("This file is not a photo that can be read. Use JPEG, PNG, WebP or HEIC.")


class PictureTooLarge(Refused):
    sentence = _("This photo has more than 40 megapixels. Take it with a lower resolution.")


def open_picture(source: Path | IO[bytes]) -> Image.Image:
    """The photo as RGB, upright as its camera meant it. Raises UnreadablePicture, PictureTooLarge."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # counted here, before a pixel is decoded
            with Image.open(source, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise PictureTooLarge
                return ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadablePicture from error


def written_jpeg(image: Image.Image, longest_side: int) -> bytes:
    """The photo as JPEG of at most so many pixels a side, without what the camera added (place, device)."""
    bounded = image.copy()
    bounded.thumbnail((longest_side, longest_side))
    bounded.info.clear()
    written = BytesIO()
    bounded.save(written, "JPEG", quality=85)
    return written.getvalue()
