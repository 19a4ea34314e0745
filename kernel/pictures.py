"""Photos from outside: opened in the sandbox, written anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused
from kernel.sandbox import Sandbox, Unopened

MAX_PIXELS = 40_000_000
MAX_MB = 10


class UnreadablePicture(Refused):
    sentence = _("This file is not a photo that can be read. Use JPEG, PNG, WebP or HEIC.")


class PictureTooLarge(Refused):
    sentence = _("This photo has more than 40 megapixels. Take it with a lower resolution.")


class PictureTooHeavy(Refused):
    sentence = _("This photo is larger than 10 MB. Take it with a lower resolution.")


pictures = Sandbox(memory=1024, seconds=10, output=32, most=4)


@contextmanager
def picture_errors() -> Iterator[None]:
    """What the sandbox could not open is no photo."""
    try:
        yield
    except Unopened as error:
        raise UnreadablePicture from error


def content_of(file: IO[bytes]) -> bytes:
    """Raises PictureTooHeavy before more is read than a photo holds."""
    content = file.read(MAX_MB * 1024**2 + 1)
    if len(content) > MAX_MB * 1024**2:
        raise PictureTooHeavy
    return content


def clean_jpeg(file: IO[bytes], longest_side: int) -> bytes:
    """The photo as an upright JPEG of at most so many pixels a side, without what the camera added (place, device).
    Raises UnreadablePicture, PictureTooLarge, PictureTooHeavy."""
    content = content_of(file)
    with picture_errors():
        return pictures.answer("kernel.sandboxed.pictures:clean", content, longest_side=longest_side)
