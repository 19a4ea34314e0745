"""Photos as evidence: bounded, turned upright, written anew without what the camera added."""

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused
from kernel.pictures import open_picture, written_jpeg

MAX_BYTES = 10 * 1024 * 1024
LONGEST_SIDE = 2000  # pixels; a label stays readable


def clean_photo(upload: UploadedFile) -> bytes:
    """The photo as JPEG without metadata. Raises ValidationError with a sentence."""
    if (upload.size or 0) > MAX_BYTES:
        raise ValidationError(_("This photo is larger than 10 MB. Take it with a lower resolution."))
    try:
        return written_jpeg(open_picture(upload), LONGEST_SIDE)
    except Refused as refused:
        raise ValidationError(str(refused)) from refused
