"""The files in a ZIP. Runs in the sandbox alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from kernel.errors import Refused
from kernel.sniffing import BROKEN_ZIP, IsArchive, sniff
from orders.uploads import ArchiveLocked, TooManyFiles

PIECE = 1 << 20  # bytes
UTF8_NAME, ENCRYPTED = 0x800, 0x1  # flags of a ZIP's entry


def is_archive(_content: bytes, path: str, name: str) -> Iterator[bytes]:
    """b"yes" where the file is an archive of whichever kind, and no workbook."""
    try:
        yield b"yes" if sniff(Path(path), name).kind == "archive" else b""
    except IsArchive:
        yield b"yes"
    except Refused:
        yield b""  # whoever opens it says what it is


def members(_content: bytes, path: str, name: str, most: int) -> Iterator[bytes]:
    """Of each file: n and its name as JSON, then pieces of its content after a c, then e. Raises IsArchive,
    TooManyFiles, ArchiveLocked."""
    if sniff(Path(path), name).kind != "archive":
        raise IsArchive(name=name)
    try:
        with ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if _is_file(entry)]
            if len(entries) > most:
                raise TooManyFiles(name=name, limit=most)
            if any(entry.flag_bits & ENCRYPTED for entry in entries):
                raise ArchiveLocked(name=name)
            if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries):
                raise IsArchive(name=name)
            for entry in entries:
                yield b"n" + json.dumps(_name_of(entry)).encode()
                with archive.open(entry) as file:
                    while piece := file.read(PIECE):
                        yield b"c" + piece
                yield b"e"
    except BROKEN_ZIP:
        raise IsArchive(name=name) from None


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
