"""A file as a table: its kind, and its rows by field name."""

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import python_calamine
import yaml
from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused
from kernel.sniffing import NotATable, Sniffed, sniff
from orders.readers.cells import BadCell, plain
from orders.readers.sheets import sheet_rows

HEADERS = Path(__file__).parent / "headers.yaml"
SEARCHED_ROWS = 20
MAX_COLUMNS = 400
LEAST_COLUMNS = 3
MAX_WORDS = 100
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
class Known:
    """What somebody has said of files with one header: their kind, field → position, state as said → ours."""

    kind: str
    columns: Mapping[str, int]
    statuses: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """`columns` says where each known field lies; `header_line` counts from 1."""

    path: Path
    name: str
    kind: str
    columns: Mapping[str, int]
    header_line: int
    width: int
    sniffed: Sniffed
    statuses: Mapping[str, str]

    @property
    def is_latest_only(self) -> bool:
        return self.kind == "tracking" and "latest_text" in self.columns

    def _broken_field(self, cells: list[str]) -> str:
        """The first known column whose text the file's encoding could not read."""
        return next((f for f, at in self.columns.items() if at < len(cells) and "\ufffd" in cells[at]), "")

    def rows(self) -> Iterator[tuple[int, dict[str, str] | BadCell]]:
        """(line, {field: text}) for each row that is not blank; a row that is cut off comes as its fault."""
        last = max(self.columns.values())
        for line, cells in _lines(self.path, self.sniffed, self.name):
            if line <= self.header_line or not any(plain(c) for c in cells):
                continue
            if len(cells) <= last and (self.sniffed.kind == "text" and len(cells) < self.width):
                yield line, BadCell("too_few_fields", "", str(len(cells)))
            elif self.sniffed.is_mixed and (field := self._broken_field(cells)):
                yield line, BadCell("not_readable", field)  # what stood there may be a buyer's
            else:
                yield line, {f: cells[i] if i < len(cells) else "" for f, i in self.columns.items()}


def open_table(path: Path, name: str, known: Mapping[str, Known] | None = None) -> Table:
    """`known` says by signature what some headers mean. Raises NotATable, NotReadable, EmptyFile or UnknownHeader,
    each with a sentence."""
    sniffed = sniff(path, name)
    first: list[str] = []
    for line, row in _lines(path, sniffed, name):
        if line > SEARCHED_ROWS:
            break
        cells = row[:MAX_COLUMNS]
        if said := (known or {}).get(signature(cells)):
            return Table(path, name, said.kind, said.columns, line, len(cells), sniffed, said.statuses)
        found = _columns(cells)
        for kind, needed in headers()["kinds"]:
            if all(field in found for field in needed):
                return Table(path, name, kind, found, line, len(cells), sniffed, {})
        first = first or [plain(c) for c in cells if plain(c)]
    raise UnknownHeader(name=name, found="、".join(first[:12])[:200] or "–")


def signature(cells: list[str]) -> str:
    """What tells one header from another: its cells in their order, spaces and brackets aside."""
    return hashlib.sha256("\x1f".join(map(_folded, cells)).rstrip("\x1f").encode()).hexdigest()


@dataclass(frozen=True)
class Glimpse:
    """The top of a file: its header as far as can be told, and some rows beneath it."""

    header: list[str]
    rows: list[list[str]]

    def suggested(self) -> dict[str, int]:
        """Field → position, by the names that are known."""
        return _columns(self.header)


def glimpse(path: Path, name: str, rows: int = 3) -> Glimpse | None:
    """The header is the known one, else the first row that is widest and has no number in it; None where no row has
    three cells."""
    sniffed = sniff(path, name)
    top = [cells[:MAX_COLUMNS] for _line, cells in islice(_lines(path, sniffed, name), SEARCHED_ROWS)]
    names = [(i, cells) for i, cells in enumerate(top) if sum(map(_is_name, cells)) >= LEAST_COLUMNS]
    if not names:
        return None
    at, header = max(names, key=lambda row: (len(_columns(row[1])), sum(map(_is_name, row[1])), -row[0]))
    return Glimpse([plain(cell) for cell in header], top[at + 1 : at + 1 + rows])


def _is_name(cell: str) -> bool:
    return bool(plain(cell)) and not plain(cell)[0].isdigit()


def words_of(table: Table, field: str) -> set[str]:
    """The different texts of one column, at most a hundred."""
    at, found = table.columns.get(field), set[str]()
    if at is None:
        return found
    for line, cells in _lines(table.path, table.sniffed, table.name):
        if line > table.header_line and len(cells) > at and cells[at] not in found and len(found) < MAX_WORDS:
            found.add(cells[at])
    return {plain(cell) for cell in found} - {""}


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
        with path.open(encoding=sniffed.encoding, errors="replace", newline="") as file:
            reader = csv.reader(file, delimiter=sniffed.delimiter)
            try:
                yield from enumerate(reader, start=1)
            except csv.Error:
                raise NotATable(name=name) from None
        return
    try:
        yield from sheet_rows(path)
    except (python_calamine.CalamineError, BadZipFile, OSError):
        raise NotATable(name=name) from None
