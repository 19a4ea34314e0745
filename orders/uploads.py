"""Files as they came, kept under their SHA-256 until nothing may read them any more."""

import hashlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused


class FileTooLarge(Refused):
    sentence = _("“%(name)s” is larger than %(limit)s MB. Export a shorter period, or split the file.")


@dataclass(frozen=True)
class Upload:
    """A file as it came: its name, its size in bytes, something to read it from."""

    name: str
    size: int
    file: IO[bytes]


def uploads_folder() -> Path:
    return Path(settings.DATA_DIR) / "imports"


def stored_path(digest: str) -> Path:
    return uploads_folder() / digest


def store_upload(upload: Upload) -> str:
    """Keeps an upload under its SHA-256 and returns that; reads it in pieces, so size does not matter."""
    if upload.size > settings.UPLOAD_MAX_MB * 1024 * 1024:
        raise FileTooLarge(name=upload.name, limit=settings.UPLOAD_MAX_MB)
    folder = uploads_folder()
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{uuid.uuid4().hex}.part"
    digest = hashlib.sha256()
    with part.open("wb") as file:
        while chunk := upload.file.read(1 << 20):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    part.replace(stored_path(digest.hexdigest()))
    return digest.hexdigest()
