"""What a file is, told by its content and never by its name."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused

HEAD = 64 * 1024


class NotATable(Refused):
    sentence = _("“%(name)s” is not a table. Upload the CSV or XLSX file as it was exported.")


class NotReadable(Refused):
    sentence = _("“%(name)s” cannot be read as text: it is neither UTF-8 nor GBK. Export it again, or save it as XLSX.")


class EmptyFile(Refused):
    sentence = _("“%(name)s” is empty. Export it again.")


@dataclass(frozen=True)
class Sniffed:
    """`kind` is "sheet" (xlsx, xls) or "text"; text has an encoding and a delimiter."""

    kind: str
    encoding: str = ""
    delimiter: str = ","


def sniff(path: Path, name: str) -> Sniffed:
    """Raises EmptyFile, NotATable or NotReadable with a sentence that names the file."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip():
        raise EmptyFile(name=name)
    if head.startswith((b"PK\x03\x04", bytes.fromhex("D0CF11E0"))):
        return Sniffed("sheet")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\x00" in head or head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b")):
        raise NotATable(name=name)
    else:
        encoding = _encoding(path, name)
    with path.open(encoding=encoding, errors="strict", newline="") as file:
        line = file.readline(HEAD)
    return Sniffed("text", encoding, "\t" if line.count("\t") > line.count(",") else ",")


def _encoding(path: Path, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        try:
            with path.open("rb") as file:
                while chunk := file.read(1 << 20):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise NotReadable(name=name)
