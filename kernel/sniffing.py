"""What a file is, told by its content and never by its name."""

import codecs
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused

HEAD = 64 * 1024
ENCODINGS = ("utf-8-sig", "gb18030")
MOST_BROKEN = 0.01  # of the characters
MOST_UNPACKED = 512 * 1024**2  # bytes; 100,000 orders of 30 columns are 150 million


class NotATable(Refused):
    sentence = _("“%(name)s” is not a table. Upload the CSV or XLSX file as it was exported.")


class NotReadable(Refused):
    sentence = _("“%(name)s” is garbled and cannot be read as text. Export it again, or save it as XLSX.")


class EmptyFile(Refused):
    sentence = _("“%(name)s” is empty. Export it again.")


class UnpacksTooLarge(Refused):
    sentence = _("“%(name)s” unpacks to more than %(limit)s MB. Export a shorter period, or export it as CSV.")


@dataclass(frozen=True)
class Sniffed:
    """`kind` is "sheet" (xlsx, xls) or "text"; text has an encoding and a delimiter. In a mixed one some characters
    come as U+FFFD, which the encoding cannot read."""

    kind: str
    encoding: str = ""
    delimiter: str = ","
    is_mixed: bool = False


def sniff(path: Path, name: str) -> Sniffed:
    """Raises EmptyFile, NotATable, NotReadable or UnpacksTooLarge with a sentence that names the file."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip():
        raise EmptyFile(name=name)
    if head.startswith((b"PK\x03\x04", bytes.fromhex("D0CF11E0"))):
        _measure(path, name)
        return Sniffed("sheet")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding, is_mixed = "utf-16", False
    elif b"\x00" in head or head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b")):
        raise NotATable(name=name)
    else:
        encoding, is_mixed = _encoding(path, name)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        line = file.readline(HEAD)
    return Sniffed("text", encoding, "\t" if line.count("\t") > line.count(",") else ",", is_mixed)


def _measure(path: Path, name: str) -> None:
    """A workbook is a ZIP that says how large its parts are; one that would fill the memory is not opened."""
    try:
        with ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except BadZipFile:
        return  # an old XLS, or broken: its reader says so
    if size > MOST_UNPACKED:
        raise UnpacksTooLarge(name=name, limit=MOST_UNPACKED // 1024**2)


def _encoding(path: Path, name: str) -> tuple[str, bool]:
    """The encoding that reads the file, or all but a few bytes of it (some exports mix two), and whether so."""
    best, least = "", MOST_BROKEN
    for encoding in ENCODINGS:
        share = _broken_share(path, encoding)
        if share == 0:
            return encoding, False
        if share < least:
            best, least = encoding, share
    if not best:
        raise NotReadable(name=name)
    return best, True


def _broken_share(path: Path, encoding: str) -> float:
    """Which share of the characters the encoding cannot read; 1 is told early."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    broken = total = 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            text = decoder.decode(chunk)
            broken, total = broken + text.count("\ufffd"), total + len(text)
            if broken > total * 0.2:
                return 1.0
    text = decoder.decode(b"", final=True)
    return (broken + text.count("\ufffd")) / max(1, total)
