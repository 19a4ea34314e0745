"""One file that holds everything: the database, the files, the keys, and a digest of each member."""

import gzip
import hashlib
import json
import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

from django.conf import settings
from django.db import connection

from kernel import clock
from records.dumping import BackupError, live_database

FORM = 2  # of the archive; the first had no digests
MANIFEST = "manifest.json"
DATABASE = "database"
HEADS = "ledger-heads.jsonl"  # copied before the database: it must not know heads that the database's copy does not
PIECES = (  # what lies in DATA_DIR and belongs to the company
    HEADS,
    *("secret-key", "ledger-key", "ledger-keys", "first-administrator-token"),
    *("evidence", "media", "imports", "labels"),
)
UNFINISHED = ".part"  # what is being written has such a name; it is nobody's yet
CHUNK = 1024 * 1024


def data_path(name: str) -> Path:
    return Path(settings.DATA_DIR) / name


# --- writing


def write_backup(target: Path) -> dict[str, Any]:
    """Writes the archive beside its final name and moves it there when it is whole. Returns what it says of itself."""
    about = {
        "form": FORM,
        "database": connection.vendor,
        "made_at": clock.now().isoformat(timespec="seconds"),
        "pieces": [name for name in PIECES if data_path(name).exists()],
    }
    digests: dict[str, str] = {}
    part = target.with_name(target.name + UNFINISHED)
    try:
        with (
            _synced(part) as file_out,
            tempfile.TemporaryDirectory(dir=target.parent) as folder,
            tarfile.open(fileobj=file_out, mode="w:gz", compresslevel=4) as archive,
        ):
            for path in _files(data_path(HEADS)):
                _add(archive, digests, f"data/{HEADS}", path)
            live_database().dump(Path(folder) / DATABASE)
            _add(archive, digests, DATABASE, Path(folder) / DATABASE)
            for name in PIECES:
                for path in _files(data_path(name)) if name != HEADS else ():
                    _add(archive, digests, f"data/{path.relative_to(settings.DATA_DIR).as_posix()}", path)
            (Path(folder) / MANIFEST).write_text(json.dumps({**about, "members": digests}), "utf-8")
            archive.add(Path(folder) / MANIFEST, MANIFEST)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return {**about, "bytes": target.stat().st_size}


@contextmanager
def _synced(path: Path) -> Iterator[BinaryIO]:
    """A file of its owner alone, on the disk when the block ends."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (one for one in sorted(path.rglob("*")) if one.is_file() and not one.name.endswith(UNFINISHED))
    elif path.is_file():
        yield path


def _add(archive: tarfile.TarFile, digests: dict[str, str], name: str, path: Path) -> None:
    """What was discarded while the archive is written is left out: it is of no use any more."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        member = archive.gettarinfo(arcname=name, fileobj=file)
        hashing = _Hashing(file, member.size)
        archive.addfile(member, hashing)
        digests[name] = hashing.digest.hexdigest()


class _Hashing:
    """Reads no further than a file was long when it was asked, and keeps the digest of what it gave."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self.file, self.left, self.digest = file, size, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(min(size, self.left) if size >= 0 else self.left)
        self.left -= len(data)
        self.digest.update(data)
        return data


# --- reading


def unpack_backup(source: Path, folder: Path) -> dict[str, Any]:
    """Unpacks an archive and compares each member with its digest. Returns the manifest. Raises BackupError for what is
    no backup, of another kind of database, not whole, or damaged anywhere."""
    try:
        digests = _unpack(source, folder)
        about = json.loads((folder / MANIFEST).read_text("utf-8"))
        form, database, members = about["form"], about["database"], about["members"]
    except (OSError, EOFError, KeyError, ValueError, TypeError, zlib.error, tarfile.TarError) as error:
        raise BackupError(f"{source} is not a backup of this product, or it is damaged: {error}") from error
    if form != FORM:
        raise BackupError(f"This backup has form {form}; this version reads form {FORM}.")
    if database != connection.vendor:
        raise BackupError(f"This backup is of {database}; the database here is {connection.vendor}.")
    del digests[MANIFEST]
    wrong = sorted(name for name in members.keys() | digests.keys() if members.get(name) != digests.get(name))
    if wrong or DATABASE not in digests:
        raise BackupError(f"This backup is damaged: {', '.join(wrong[:5]) or DATABASE} missing or not as written.")
    return about


def _unpack(source: Path, folder: Path) -> dict[str, str]:
    """Reads the archive to its last byte, so that its own checksum is asked too. Returns a digest for each member."""
    digests = {}
    with gzip.open(source) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
        for member in archive:
            if not member.isfile() or member.name in digests:
                raise ValueError(f"{member.name} is no file, or is there twice")
            target = folder / tarfile.data_filter(member, str(folder)).name
            target.parent.mkdir(parents=True, exist_ok=True)
            with _synced(target) as out, archive.extractfile(member) as content:  # type: ignore[union-attr]
                digest = hashlib.sha256()
                while data := content.read(CHUNK):
                    out.write(data)
                    digest.update(data)
            digests[member.name] = digest.hexdigest()
        while plain.read(CHUNK):
            pass
    return digests
