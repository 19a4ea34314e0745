"""Files as they came, kept under their SHA-256 until nothing may read them any more; a ZIP is unpacked first."""

import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused
from kernel.sandbox import Unopened
from kernel.sniffing import ARCHIVES, MOST_UNPACKED, EmptyFile, IsArchive, UnpacksTooLarge
from orders.readers.opened import TooHard, seconds_for, tables

MOST_MEMBERS = 50
PIECE = 1 << 20  # bytes


class FileTooLarge(Refused):
    sentence = _("“%(name)s” is larger than %(limit)s MB. Export a shorter period, or split the file.")


class TooManyFiles(Refused):
    sentence = _("“%(name)s” holds more than %(limit)s files. Unpack it and upload only the tables in it.")


class ArchiveLocked(Refused):
    sentence = _("“%(name)s” is a ZIP with a password. Unpack it with its password and upload the files in it.")


class ArchiveInArchive(Refused):
    sentence = _("“%(name)s” holds another archive, “%(inner)s”. Unpack both and upload the tables in them.")


@dataclass(frozen=True)
class Upload:
    """A file as it came: its name, its size in bytes, something to read it from."""

    name: str
    size: int
    file: IO[bytes]


@dataclass(frozen=True)
class Stored:
    """A file that is kept; `inside` names the ZIP that it came in."""

    name: str
    size: int
    digest: str
    inside: str = ""


def uploads_folder() -> Path:
    return Path(settings.DATA_DIR) / "imports"


def stored_path(digest: str) -> Path:
    return uploads_folder() / digest


def store_upload(upload: Upload) -> Stored:
    """Keeps a file as it came; nothing of it is looked at. Raises FileTooLarge."""
    if upload.size > settings.UPLOAD_MAX_MB * 1024 * 1024:
        raise FileTooLarge(name=upload.name, limit=settings.UPLOAD_MAX_MB)
    digest, size = _store(_pieces(upload.file))
    return Stored(upload.name, size, digest)


def unpacked(stored: Stored) -> list[Stored]:
    """The file itself; of a ZIP the files in it. Raises EmptyFile, TooManyFiles, ArchiveLocked, ArchiveInArchive,
    IsArchive, UnpacksTooLarge."""
    if not _is_archive(stored):
        return [stored]
    members = tables.run(
        "orders.sandboxed.archives:members",
        seconds=seconds_for(stored_path(stored.digest)),
        path=str(stored_path(stored.digest)),
        name=stored.name,
        most=MOST_MEMBERS,
    )
    try:
        found = list(_members(members, stored.name))
    except Unopened:
        raise TooHard(name=stored.name) from None
    except ValueError:
        raise IsArchive(name=stored.name) from None
    if not found:
        raise EmptyFile(name=stored.name)
    if inner := next((member.name for member in found if _is_archive(member)), ""):
        raise ArchiveInArchive(name=stored.name, inner=inner)
    return found


def _members(pieces: Iterator[bytes], name: str) -> Iterator[Stored]:
    """Each file of an archive, as the sandbox hands it out: a line of JSON with its name, then what it holds."""
    left = MOST_UNPACKED
    for piece in pieces:
        inner = str(json.loads(piece[1:]))[:200]
        digest, size = _store(_content(pieces, left, name))
        left -= size
        yield Stored(inner, size, digest, name)


def _content(pieces: Iterator[bytes], most: int, name: str) -> Iterator[bytes]:
    """What one file of an archive holds, up to its end; more than `most` bytes are not read."""
    read = 0
    for piece in pieces:
        if piece[:1] == b"e":
            return
        read += len(piece) - 1
        if read > most:
            raise UnpacksTooLarge(name=name, limit=MOST_UNPACKED // 1024**2)
        yield piece[1:]


def _is_archive(stored: Stored) -> bool:
    with stored_path(stored.digest).open("rb") as file:
        if not file.read(8).startswith((b"PK", *ARCHIVES)):
            return False
    path = str(stored_path(stored.digest))
    try:
        return tables.answer("orders.sandboxed.archives:is_archive", path=path, name=stored.name) == b"yes"
    except Unopened:
        raise TooHard(name=stored.name) from None


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(PIECE):
        yield chunk


def _store(pieces: Iterator[bytes]) -> tuple[str, int]:
    """(SHA-256, bytes) of what was kept; in pieces, so size does not matter."""
    folder = uploads_folder()
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{uuid.uuid4().hex}.part"
    digest, size = hashlib.sha256(), 0
    try:
        with part.open("wb") as file:
            for chunk in pieces:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        part.replace(stored_path(digest.hexdigest()))
    finally:
        part.unlink(missing_ok=True)
    return digest.hexdigest(), size
