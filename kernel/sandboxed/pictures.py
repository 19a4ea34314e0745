"""A photo from outside, opened with care: turned upright, bounded, never trusted. Runs in the sandbox alone."""

import warnings
from collections.abc import Iterator
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

from kernel.pictures import MAX_PIXELS, PictureTooLarge, UnreadablePicture

register_heif_opener()
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "TIFF", "BMP")


def open_picture(content: bytes) -> Image.Image:
    """The photo as RGB, upright as its camera meant it. Raises UnreadablePicture, PictureTooLarge."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # counted here, before a pixel is decoded
            with Image.open(BytesIO(content), formats=FORMATS) as image:
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


def clean(content: bytes, longest_side: int) -> Iterator[bytes]:
    yield written_jpeg(open_picture(content), longest_side)
