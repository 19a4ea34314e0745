"""Photos as evidence: checked, turned upright, written anew without what the camera added (place, device)."""

import warnings
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 20_000_000
LONGEST_SIDE = 2000  # pixels; a label stays readable
FORMATS = ("JPEG", "PNG", "WEBP")


def clean_photo(upload: UploadedFile) -> bytes:
    """The photo as JPEG without metadata. Raises ValidationError with a sentence."""
    if (upload.size or 0) > MAX_BYTES:
        raise ValidationError(_("This photo is larger than 10 MB. Take it with a lower resolution."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(upload, formats=FORMATS) as probe:
                if probe.width * probe.height > MAX_PIXELS:
                    raise ValidationError(_("This photo has more than 20 megapixels. Take it with a lower resolution."))
                probe.verify()
            upload.seek(0)
            with Image.open(upload, formats=FORMATS) as image:
                upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError, Warning) as error:
        raise ValidationError(_("This file is not a photo that can be read. Use JPEG, PNG or WebP.")) from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    written = BytesIO()
    upright.save(written, "JPEG", quality=85)
    return written.getvalue()
