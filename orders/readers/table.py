"""A file as a table: its kind, and its rows by field name."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import python_calamine
import yaml
from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused
from kernel.sniffing import NotATable, Sniffed, sniff
from orders.readers.cells import BadCell, plain

HEADERS = Path(__file__).parent / "headers.yaml"
SEARCHED_ROWS = 20
MAX_COLUMNS = 400
csv.field_size_limit(1 << 20)


class UnknownHeader(Refused):
    sentence = _(
        "“%(name)s” has no header that is known. Found: %(found)s. Needed: an order report, item report, label log "
        "or tracking file with its column names."
    )


@cache
def headers() -> dict[str, Any]:
    return yaml.safe_load(HEADERS.read_text("utf-8"))


@dataclass(frozen=True)
class Table:
    """`columns` says where each known field lies; `header_line` counts from 1."""

    path: Path
    name: str
    kind: str
    columns: dict[str, int]
    header_line: int
    width: int
    sniffed: Sniffed

    @property
    def is_latest_only(self) -> bool:
        return self.kind == "tracking" and "latest_text" in self.columns

    def rows(self) -> Iterator[tuple[int, dict[str, str] | BadCell]]:
        """(line, {field: text}) for each row that is not blank; a row that is cut off comes as its fault."""
        last = max(self.columns.values())
        for line, cells in _lines(self.path, self.sniffed, self.name):
            if line <= self.header_line or not any(plain(c) for c in cells):
                continue
            if len(cells) <= last and (self.sniffed.kind == "text" and len(cells) < self.width):
                yield line, BadCell("too_few_fields", "", str(len(cells)))
            else:
                yield line, {f: cells[i] if i < len(cells) else "" for f, i in self.columns.items()}


def open_table(path: Path, name: str) -> Table:
    """Raises NotATable, NotReadable, EmptyFile or UnknownHeader, each with a sentence."""
    sniffed = sniff(path, name)
    first: list[str] = []
    for line, cells in _lines(path, sniffed, name):
        if line > SEARCHED_ROWS:
            break
        found = _columns(cells[:MAX_COLUMNS])
        for kind, needed in headers()["kinds"]:
            if all(field in found for field in needed):
                return Table(path, name, kind, found, line, len(cells), sniffed)
        first = first or [plain(c) for c in cells if plain(c)]
    raise UnknownHeader(name=name, found="、".join(first[:12])[:200] or "–")


def _columns(cells: list[str]) -> dict[str, int]:
    at: dict[str, int] = {}
    for index, cell in enumerate(cells):
        at.setdefault(_folded(cell), index)
    found = {}
    for field, names in headers()["fields"].items():
        index = next((at[_folded(n)] for n in names if _folded(n) in at), None)
        if index is not None:
            found[field] = index
    return found


def _folded(text: str) -> str:
    return re.sub(r"[\s（）()]", "", plain(text)).lower()


def _lines(path: Path, sniffed: Sniffed, name: str) -> Iterator[tuple[int, list[str]]]:
    if sniffed.kind == "text":
        with path.open(encoding=sniffed.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=sniffed.delimiter)
            try:
                for line, cells in enumerate(reader, start=1):
                    yield line, cells
            except csv.Error:
                raise NotATable(name=name) from None
        return
    try:
        sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        for line, cells in enumerate(sheet.iter_rows(), start=sheet.start[0] + 1 if sheet.start else 1):
            yield line, [_text(cell) for cell in cells]
    except (python_calamine.CalamineError, BadZipFile, OSError):
        raise NotATable(name=name) from None


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)
