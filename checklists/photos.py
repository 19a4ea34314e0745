"""Photos as evidence: bounded, turned upright, written anew without what the camera added."""

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from kernel.errors import Refused
from kernel.pictures import clean_jpeg

LONGEST_SIDE = 2000  # pixels; a label stays readable


def clean_photo(upload: UploadedFile) -> bytes:
    """The photo as JPEG without metadata. Raises ValidationError with a sentence."""
    try:
        return clean_jpeg(upload, LONGEST_SIDE)
    except Refused as refused:
        raise ValidationError(str(refused)) from refused
