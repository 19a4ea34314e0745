"""What a file is, told by its content and never by its name. `sniff` runs in the sandbox alone."""

import codecs
import mmap
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused

# What the standard library raises for a ZIP that is broken, locked, or packed in a way that it does not know.
BROKEN_ZIP = (BadZipFile, EOFError, OSError, RuntimeError, zlib.error)  # RuntimeError: of an unknown way too

HEAD = 64 * 1024
SEEN = 20  # lines
ENCODINGS = ("utf-8-sig", "gb18030")
MOST_BROKEN = 0.01  # of the characters
MOST_UNPACKED = 512 * 1024**2  # bytes; 100,000 orders of 30 columns are 150 million
OLE = bytes.fromhex("D0CF11E0")
ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
OTHERS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"SQLite format 3")


class NotATable(Refused):
    sentence = _("“%(name)s” is not a table. Upload the CSV or XLSX file as it was exported.")


class NotReadable(Refused):
    sentence = _("“%(name)s” is garbled and cannot be read as text. Export it again, or save it as XLSX.")


class EmptyFile(Refused):
    sentence = _("“%(name)s” is empty. Export it again.")


class UnpacksTooLarge(Refused):
    sentence = _("“%(name)s” unpacks to more than %(limit)s MB. Export a shorter period, or export it as CSV.")


class TooFar(Refused):
    sentence = _(
        "A sheet of “%(name)s” reaches to cell %(cell)s. Delete the empty rows and columns behind its data, save it, "
        "and upload it again."
    )


class HasPassword(Refused):
    sentence = _(
        "“%(name)s” is protected by a password. Open it in the spreadsheet with its password, save it as XLSX without "
        "one, and upload that."
    )


class IsPdf(Refused):
    sentence = _("“%(name)s” is a PDF, which only looks like a table. Export the list as CSV or XLSX instead.")


class IsNumbers(Refused):
    sentence = _("“%(name)s” is a Numbers document. Export it in Numbers as Excel (XLSX) or CSV, and upload that.")


class IsArchive(Refused):
    sentence = _("“%(name)s” is a compressed archive that cannot be opened here. Unpack it and upload the files in it.")


@dataclass(frozen=True)
class Sniffed:
    """`kind` is "sheet" (xlsx, xlsb, xls, ods), "html", "xml" (Excel 2003), "mhtml", "archive" (ZIP) or "text"; what is
    written as text has an encoding, and plain text a delimiter. In a mixed one some characters come as U+FFFD, which
    the encoding cannot read."""

    kind: str
    encoding: str = ""
    delimiter: str = ","
    is_mixed: bool = False


def sniff(path: Path, name: str) -> Sniffed:
    """Raises a sentence that names the file where it is empty, or nothing that holds a table."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise EmptyFile(name=name)
    if head.startswith(b"PK\x03\x04"):
        return Sniffed(_zip_kind(path, name))
    if head.startswith(b"PK"):
        raise EmptyFile(name=name) if head.startswith(b"PK\x05\x06") else IsArchive(name=name)
    if head.startswith(OLE):
        if _is_encrypted(path):
            raise HasPassword(name=name)
        return Sniffed("sheet")
    if head.lstrip().startswith(b"%PDF"):
        raise IsPdf(name=name)
    if head.startswith(ARCHIVES):
        raise IsArchive(name=name)
    encoding, is_mixed = _text_encoding(path, name, head)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        start = file.read(HEAD)
    if kind := _markup(start):
        return Sniffed(kind, encoding)
    if not start.strip():
        raise EmptyFile(name=name)
    return Sniffed("text", encoding, _delimiter(start.splitlines()[:SEEN]), is_mixed)


def _delimiter(lines: list[str]) -> str:
    """The mark that parts the widest of the first lines; a note may stand above the header."""
    if lines[0].lower().startswith("sep=") and len(lines[0]) > 4:
        return lines[0][4]
    ends = [re.sub(r"\t+(?=,|$)", "", line) for line in lines] if max(line.count(",") for line in lines) > 1 else lines
    return max(",\t;|", key=lambda mark: (max(line.count(mark) for line in ends), mark == ","))


def _text_encoding(path: Path, name: str, head: bytes) -> tuple[str, bool]:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", False
    if b"\x00" in head or head.startswith(OTHERS):
        raise NotATable(name=name)
    return _encoding(path, name)


def _markup(start: str) -> str:
    """What kind of markup a text is, "" for none."""
    text = start[:8192].lstrip("\ufeff \t\r\n").lower()
    if text.startswith(("mime-version:", "from:")) and "multipart/related" in text:
        return "mhtml"
    if text.startswith("<?xml") and "urn:schemas-microsoft-com:office:spreadsheet" in text:
        return "xml"
    if text.startswith("<") and re.search(r"<(?:html|table|meta|head|body|style|!doctype html|tr|div)\b", text):
        return "html"
    return ""


def _zip_kind(path: Path, name: str) -> str:
    """A workbook is a ZIP that says how large its parts are; one that would fill the memory is not opened."""
    try:
        with ZipFile(path) as parts:
            entries = parts.infolist()
            names = {entry.filename for entry in entries}
            is_ods = "mimetype" in names and b"opendocument.spreadsheet" in parts.open("mimetype").read(200)
    except BROKEN_ZIP:
        return "sheet"  # broken: its reader says so
    if any(part.endswith(".iwa") for part in names) or "Index.zip" in names:
        raise IsNumbers(name=name)
    if not is_ods and "[Content_Types].xml" not in names and not any(part.startswith("xl/") for part in names):
        return "archive"
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise UnpacksTooLarge(name=name, limit=MOST_UNPACKED // 1024**2)
    if not is_ods and not any(part.startswith("xl/") for part in names):
        raise NotATable(name=name)  # a document or slides
    return "sheet"


def _is_encrypted(path: Path) -> bool:
    """Whether an OLE file holds a workbook that was encrypted as a whole (ECMA-376)."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find("EncryptedPackage".encode("utf-16-le")) >= 0


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
