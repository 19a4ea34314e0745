"""A file as tables: of which kind each is, and its rows by field name."""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused
from kernel.sniffing import EmptyFile, Sniffed
from orders.readers.cells import DIGITS_KEPT, SERIAL, BadCell, has_lost_digits, narrow, number_text, plain
from orders.readers.fields import FIELDS, IDENTIFIERS, MAX_COLUMNS, MOMENTS, NEEDED
from orders.readers.opened import opened, rows_of

HEADERS = Path(__file__).parent / "headers.yaml"
SEARCHED_ROWS = 20
SAMPLED_ROWS = 5000  # for what is asked of a column as a whole
LEAST_COLUMNS = 3
MAX_WORDS = 100
MANY = 20  # cut numbers of a column; chance leaves fewer of them together
SHORT = "short"  # the key of a row that ends before its last columns
BETWEEN_1900_AND_1904 = 1462  # days


SUM = re.compile(r"(?:合计|总计|小计|汇总|总共|共计|共\s*\d+\s*[条笔单行票件]|TOTAL)[\s:：(（\d]*", re.IGNORECASE)


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
    """What somebody has said of files with one header: their kind, field → position, state as said → ours, and the same
    for words about refunds."""

    kind: str
    columns: Mapping[str, int]
    statuses: Mapping[str, str]
    refunds: Mapping[str, str]


NOBODY = Known("", {}, {}, {})


@dataclass(frozen=True)
class Explained:
    """Everything that was said: of headers, by their signature, and which couriers names mean, wherever they stand."""

    headers: Mapping[str, Known] = field(default_factory=dict)
    couriers: Mapping[str, str] = field(default_factory=dict)


NOTHING = Explained()


@dataclass
class Counted:
    """The long numbers of a column, and those of them that may have lost digits."""

    numbers: int = 0
    cut: int = 0
    zeros: int = 0  # behind the fifteenth digit, of those that are cut
    by_chance: float = 0.0  # how many end so by chance

    def see(self, cell: str) -> None:
        if text := number_text(cell):
            self.numbers += 1
            self.by_chance += 10.0 ** (DIGITS_KEPT - len(text))
            if has_lost_digits(text):
                self.cut += 1
                self.zeros += len(text) - DIGITS_KEPT

    @property
    def are_cut(self) -> bool:
        """All of them, or far more than chance leaves so."""
        if not self.cut:
            return False
        if self.cut == self.numbers:
            return self.zeros >= 4
        share = 0.2 if self.cut == 2 else 0.05 if self.cut < MANY else 0.01
        return self.cut >= max(2, 5 * self.by_chance) and self.cut >= share * self.numbers


@dataclass(frozen=True)
class Table:
    """`columns` says where each known field lies, `header` what its columns are called; `header_line` counts from 1.
    `sheet` is the worksheet, or the number of the table in a web page; "" for plain text. Of the fields in `cut` a
    spreadsheet has zeroed the last digits."""

    path: Path
    name: str
    kind: str
    columns: Mapping[str, int]
    header: tuple[str, ...]
    header_line: int
    sniffed: Sniffed
    said: Known = NOBODY
    couriers: Mapping[str, str] = field(default_factory=dict)
    sheet: str = ""
    cut: frozenset[str] = frozenset()
    is_from_1904: bool = False
    above: str = ""  # what stands above the header
    counts: "dict[str, Counted]" = field(default_factory=dict)

    def cut_after_all(self) -> frozenset[str]:
        """Which columns have lost digits, once all rows were read: a file may be sound at its top."""
        return frozenset(self.cut | {name for name, counted in self.counts.items() if counted.are_cut})

    @property
    def is_latest_only(self) -> bool:
        return self.kind == "tracking" and "latest_text" in self.columns

    def column_name(self, field: str) -> str:
        """What the column of a field is called in the file."""
        at = self.columns.get(field)
        return plain(self.header[at]) if at is not None and at < len(self.header) else ""

    def _broken_field(self, cells: list[str]) -> str:
        """The first known column whose text the file's encoding could not read."""
        return next((f for f, at in self.columns.items() if at < len(cells) and "\ufffd" in cells[at]), "")

    def _is_cut_off(self, cells: list[str]) -> bool:
        """Whether a row lacks more than the empty cells at its end, which spreadsheets leave out."""
        ends = [min(self.columns[field] for field in group if field in self.columns) for group in self._needed]
        return len(cells) <= max(ends)

    @property
    def _needed(self) -> list[tuple[str, ...]]:
        return [group for group in NEEDED[self.kind] if any(field in self.columns for field in group)]

    @property
    def rows_at_most(self) -> int:
        return opened(self.path, self.name).sheets[self.sheet][1]

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        return rows_of(self.path, self.name, self.sheet)

    def rows(self) -> Iterator[tuple[int, dict[str, str] | BadCell]]:
        """(line, {field: text}) for each row that is not blank; a row that is cut off comes as its fault. One that only
        lacks cells at its end says so under SHORT."""
        self.counts.update({name: Counted() for name in IDENTIFIERS if name in self.columns})
        last, is_text = max(self.columns.values()), self.sniffed.kind == "text"
        for line, cells in self.lines():
            if line <= self.header_line or (first := next(filter(None, map(plain, cells)), "")) == "":
                continue
            if SUM.match(first) and not _has_number(cells, self.columns):
                continue  # a row that sums up
            is_short = is_text and len(cells) <= last and len(cells) < len(self.header)
            if is_short and self._is_cut_off(cells):
                yield line, BadCell("too_few_fields", "", str(len(cells)))
                continue
            if self.sniffed.is_mixed and (broken := self._broken_field(cells)):
                yield line, BadCell("not_readable", broken)  # what stood there may be a buyer's
                continue
            row = {f: cells[i] if i < len(cells) else "" for f, i in self.columns.items()}
            if is_short:
                row[SHORT] = str(len(cells))
            if self.is_from_1904:
                row.update({f: _moved(row[f]) for f in MOMENTS if f in row})
            for name, counted in self.counts.items():
                if len(row[name]) > DIGITS_KEPT:
                    counted.see(row[name])
            if ruined := next((f for f in self.cut if has_lost_digits(row.get(f, ""))), ""):
                yield line, BadCell("digits_zeroed_by_excel", ruined, plain(row[ruined]))
            else:
                yield line, row


def _has_number(cells: list[str], columns: Mapping[str, int]) -> bool:
    """Whether a row names an order or a waybill."""
    at = [columns[name] for name in IDENTIFIERS if name in columns]
    return any(i < len(cells) and any(map(str.isdigit, cells[i])) and not SUM.match(plain(cells[i])) for i in at)


def _moved(cell: str) -> str:
    return str(float(cell) + BETWEEN_1900_AND_1904) if SERIAL.match(cell) else cell


@dataclass(frozen=True)
class Tables:
    """The tables of a file whose kind is known, and the names of its other sheets that have rows."""

    tables: list[Table]
    unread: list[str]


def open_tables(path: Path, name: str, explained: Explained = NOTHING) -> Tables:
    """Raises a sentence where the file holds no table of a kind that is known: what kernel.sniffing refuses, or
    UnknownHeader."""
    tables, unread, seen = [], [], ""
    for sheet in opened(path, name).sheets:
        found = _table(path, name, sheet, explained)
        if isinstance(found, Table):
            tables.append(found)
        elif found:
            unread.append(sheet)
            seen = max(seen, found, key=len)
    if not tables and not seen:
        raise EmptyFile(name=name)
    if not tables:
        raise UnknownHeader(name=name, found=seen)
    return Tables(tables, unread)


def open_table(
    path: Path, name: str, explained: Explained = NOTHING, sheet: str | None = None, cut: Collection[str] = ()
) -> Table:
    """The first table of the file, or that of one sheet; `cut` says which columns have lost digits, where reading all
    of it showed so. Raises as `open_tables`."""
    for each in opened(path, name).sheets if sheet is None else [sheet]:
        found = _table(path, name, each, explained, cut)
        if isinstance(found, Table):
            return found
    raise UnknownHeader(name=name, found="–")


def _table(path: Path, name: str, sheet: str, explained: Explained, cut: Collection[str] = ()) -> Table | str:
    """The table of a sheet; where its header is not known, the texts of its first row."""
    first, above = list[str](), list[str]()
    file, lines = opened(path, name), rows_of(path, name, sheet)
    for line, row in lines:
        if line > SEARCHED_ROWS:
            break
        cells = row[:MAX_COLUMNS]
        said = explained.headers.get(signature(cells), NOBODY)
        kind, columns = (said.kind, said.columns) if said.kind else _kind(cells)
        if kind:
            sample = [below for _line, below in islice(lines, SAMPLED_ROWS)]
            if not said.kind:
                columns = _fullest(dict(columns), cells, sample)
            if not said.kind and kind in ("orders", "labels", "aftersales"):
                columns = {**columns, **_platforms_own(cells, sample)}
            return Table(
                path,
                name,
                kind,
                columns,
                tuple(cells),
                line,
                file.sniffed,
                said,
                explained.couriers,
                sheet,
                _cut_fields(columns, sample).union(cut),
                file.is_from_1904,
                " ".join(above),
            )
        above += filter(None, map(plain, cells[:10]))
        first = first or [plain(c) for c in cells if plain(c)]
    return "、".join(first[:12])[:200]


def _kind(cells: list[str]) -> tuple[str, dict[str, int]]:
    found = {**_columns(cells, headers()["platforms_own"]), **_columns(cells)}
    kind = next((kind for kind, needed in headers()["kinds"] if all(field in found for field in needed)), "")
    found |= _columns(cells, headers()["of_kind"].get(kind, {}))
    if "aftersale_status" in FIELDS.get(kind, ()) and "aftersale_status" not in found:
        told = (i for i, cell in enumerate(cells) if _is_about_refunds(cell) and i not in found.values())
        if (at := next(told, None)) is not None:
            found["aftersale_status"] = at
    return kind, found


def _is_about_refunds(cell: str) -> bool:
    name = _folded(cell)
    return bool(re.search(headers()["about_refunds"], name)) and not re.search(headers()["not_about_refunds"], name)


def _fullest(columns: dict[str, int], cells: list[str], sample: list[list[str]]) -> dict[str, int]:
    """Of columns with the same name the one that has most in it: exports repeat a name and leave one of them empty."""
    names = [_folded(cell) for cell in cells]
    found = {}
    for name, at in columns.items():
        same = [i for i, called in enumerate(names) if called == names[at]] if at < len(names) else [at]
        filled = {i: sum(i < len(row) and bool(plain(row[i])) for row in sample) for i in same} if same[1:] else {}
        found[name] = max(same, key=lambda i: (filled.get(i, 0), -i))
    return found


def _platforms_own(cells: list[str], sample: list[list[str]]) -> dict[str, int]:
    """The column of the platform's number where an ERP's own stands beside it; one that is mostly empty is none."""
    found = _columns(cells, headers()["platforms_own"])
    filled = {f: sum(i < len(row) and bool(plain(row[i])) for row in sample) for f, i in found.items()}
    return {f: i for f, i in found.items() if filled[f] * 2 >= len(sample)}


def _cut_fields(columns: Mapping[str, int], sample: list[list[str]]) -> frozenset[str]:
    """Identifiers whose digits behind the fifteenth are zero in all rows, or in far more than chance leaves so: a
    spreadsheet took them for numbers. A true number that ends in zeros stands among others that do not."""
    found = set()
    for name in IDENTIFIERS:
        at = columns.get(name, MAX_COLUMNS)
        counted = Counted()
        for cells in sample:
            if at < len(cells):
                counted.see(cells[at])
        if counted.are_cut:
            found.add(name)
    return frozenset(found)


def signature(cells: list[str]) -> str:
    """What tells one header from another: its cells in their order, spaces and brackets aside."""
    return hashlib.sha256("\x1f".join(map(_folded, cells)).rstrip("\x1f").encode()).hexdigest()


@dataclass(frozen=True)
class Glimpse:
    """The top of a file: its header as far as can be told, and some rows beneath it."""

    header: list[str]
    rows: list[list[str]]
    sheet: str = ""

    def suggested(self) -> dict[str, int]:
        """Field → position, by the names that are known."""
        return _kind(self.header)[1]


def glimpse(path: Path, name: str, rows: int = 3, sheet: str | None = None) -> Glimpse | None:
    """The header is the known one, else the first row that is widest and has no number in it; None where no row has
    three cells. Without a sheet the first is looked at that has such a row."""
    sheets = opened(path, name).sheets if sheet is None else [sheet]
    return next((seen for each in sheets if (seen := _glimpse(path, name, each, rows))), None)


def _glimpse(path: Path, name: str, sheet: str, rows: int) -> Glimpse | None:
    top = [cells[:MAX_COLUMNS] for _line, cells in islice(rows_of(path, name, sheet), SEARCHED_ROWS)]
    names = [(i, cells) for i, cells in enumerate(top) if sum(map(_is_name, cells)) >= LEAST_COLUMNS]
    if not names:
        return None
    at, header = max(names, key=lambda row: (len(_columns(row[1])), sum(map(_is_name, row[1])), -row[0]))
    return Glimpse([plain(cell) for cell in header], top[at + 1 : at + 1 + rows], sheet)


def _is_name(cell: str) -> bool:
    return bool(plain(cell)) and not plain(cell)[0].isdigit()


def words_of(table: Table, field: str) -> set[str]:
    """The different texts of one column, at most a hundred."""
    at, found = table.columns.get(field), set[str]()
    if at is None:
        return found
    for line, cells in table.lines():
        if line > table.header_line and len(cells) > at and cells[at] not in found and len(found) < MAX_WORDS:
            found.add(cells[at])
    return {plain(cell) for cell in found} - {""}


def _columns(cells: list[str], fields: Mapping[str, list[str]] | None = None) -> dict[str, int]:
    at: dict[str, int] = {}
    for index, cell in enumerate(cells):
        at.setdefault(_folded(cell), index)
    found = {}
    for name, called in (headers()["fields"] if fields is None else fields).items():
        places = [at[_folded(n)] for n in called if _folded(n) in at]
        if places:
            found[name] = places[0]
    return found


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    return re.sub(r"[\s（）()\[\]【】:：*]", "", narrow(text)).lower()
