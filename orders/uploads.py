"""Files as they came, kept under their SHA-256 until nothing may read them any more; a ZIP is unpacked first."""

import hashlib
import os
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused
from kernel.sniffing import MOST_UNPACKED, EmptyFile, IsArchive, UnpacksTooLarge, sniff

MOST_MEMBERS = 50
PIECE = 1 << 20  # bytes
UTF8_NAME, ENCRYPTED = 0x800, 0x1  # flags of a ZIP's entry


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


def store_upload(upload: Upload) -> list[Stored]:
    """Keeps an upload, of a ZIP the files in it. Raises a sentence for what is nothing to import, FileTooLarge,
    TooManyFiles, ArchiveLocked, ArchiveInArchive, UnpacksTooLarge."""
    if upload.size > settings.UPLOAD_MAX_MB * 1024 * 1024:
        raise FileTooLarge(name=upload.name, limit=settings.UPLOAD_MAX_MB)
    digest, size = _store(_pieces(upload.file))
    path = stored_path(digest)
    if sniff(path, upload.name).kind != "archive":
        return [Stored(upload.name, size, digest)]
    try:
        return _unpacked(path, upload.name)
    finally:
        path.unlink(missing_ok=True)


def _unpacked(path: Path, name: str) -> list[Stored]:
    found: list[Stored] = []
    try:
        with ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if _is_file(entry)]
            if len(entries) > MOST_MEMBERS:
                raise TooManyFiles(name=name, limit=MOST_MEMBERS)
            if any(entry.flag_bits & ENCRYPTED for entry in entries):
                raise ArchiveLocked(name=name)
            left = MOST_UNPACKED
            for entry in entries:
                with archive.open(entry) as file:
                    digest, size = _store(_pieces(file, left, name))
                left -= size
                member = _name_of(entry)
                if _is_archive(stored_path(digest), member):
                    raise ArchiveInArchive(name=name, inner=member)
                found.append(Stored(member, size, digest, name))
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, OSError):
        raise IsArchive(name=name) from None
    if not found:
        raise EmptyFile(name=name)
    return found


def _is_archive(path: Path, name: str) -> bool:
    try:
        return sniff(path, name).kind == "archive"
    except IsArchive:
        return True
    except Refused:
        return False  # whoever looks at it says what it is


def _is_file(entry: ZipInfo) -> bool:
    """Whether it is a file that somebody put in, not one that a system left there."""
    last = entry.filename.rsplit("/", 1)[-1]
    is_left = (
        entry.filename.startswith("__MACOSX/") or last.startswith(".") or last.lower() in ("thumbs.db", "desktop.ini")
    )
    return not entry.is_dir() and not is_left and entry.file_size > 0


def _name_of(entry: ZipInfo) -> str:
    """Chinese systems write names in GBK without saying so."""
    name = entry.filename
    if not entry.flag_bits & UTF8_NAME:
        try:
            raw = name.encode("cp437")
            name = raw.decode("utf-8") if _reads(raw) else raw.decode("gb18030")
        except UnicodeError:
            pass
    return name.rsplit("/", 1)[-1][:200]


def _reads(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _pieces(file: IO[bytes], most: int | None = None, name: str = "") -> Iterator[bytes]:
    """What a file holds, in pieces; more than `most` bytes are not read, whatever the archive says of its size."""
    read = 0
    while chunk := file.read(PIECE):
        read += len(chunk)
        if most is not None and read > most:
            raise UnpacksTooLarge(name=name, limit=MOST_UNPACKED // 1024**2)
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
