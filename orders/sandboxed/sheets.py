"""Rows of a workbook's sheets. The quick reader holds a sheet in memory; a large one is streamed instead, which takes
four times as long and no memory."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

import openpyxl
import python_calamine
from openpyxl.utils import get_column_letter

from kernel.sniffing import BROKEN_ZIP, TooFar, UnpacksTooLarge

STREAMED = 60 * 1024 * 1024  # bytes of the unpacked sheet, some 50,000 orders
MOST_SHARED = 160 * 1024 * 1024  # bytes of the texts that a workbook's cells share; of 100,000 orders some 50 million
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # of a sheet
LARGEST = 10_000_000  # cells that the quick reader makes room for, whether anything stands in them or not
REFERENCE = re.compile(rb"""[ \t\r\n]r[ \t\r\n]*=[ \t\r\n]*["']([A-Z]{0,8})(\d{1,18})["']""")
PIECE = 1 << 20
BROKEN = (*BROKEN_ZIP, python_calamine.CalamineError, KeyError, ValueError)


def sheet_names(path: Path) -> list[str]:
    """Of the worksheets that can hold rows, in their order. Raises one of BROKEN for what is no workbook."""
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    kinds = {sheet.name: sheet.typ for sheet in book.sheets_metadata}
    return [name for name in book.sheet_names if kinds.get(name) in (None, python_calamine.SheetTypeEnum.WorkSheet)]


def refuse_far_cells(path: Path, name: str) -> None:
    """A reader makes room for all cells up to the last one, and one alone can stand anywhere: how far the sheets of a
    workbook reach is told by their text, before a reader opens it. Raises TooFar, UnpacksTooLarge."""
    try:
        with ZipFile(path) as packed:
            for part in packed.infolist():
                if part.filename.lower() == "xl/sharedstrings.xml" and part.file_size > MOST_SHARED:
                    raise UnpacksTooLarge(name=name, limit=MOST_SHARED // 1024**2)
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                    with packed.open(part) as file:
                        row, column = _reach(file)
                    is_large = part.file_size <= STREAMED and row * column > LARGEST
                    if is_large or row > LAST_ROW or column > LAST_COLUMN:
                        raise TooFar(name=name, cell=f"{get_column_letter(min(column, LAST_COLUMN))}{row}")
    except BROKEN_ZIP:
        return  # an old .xls, whose sheets end early; or broken, which its reader says


def _reach(file: IO[bytes]) -> tuple[int, int]:
    """(the last row, the last column) that a sheet's text names, from 1."""
    row = column = 1
    rest = b""
    while piece := file.read(PIECE):
        found = REFERENCE.findall(rest + piece)
        rest = piece[-64:]
        column = max([column, *(_column(letters) for letters in {letters for letters, _row in found})])
        row = max([row, *map(int, {number for _letters, number in found})])
    return row, column


def _column(letters: bytes) -> int:
    at = 0
    for letter in letters:
        at = at * 26 + letter - 64
    return at


def sheet_rows(path: Path, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """(row number from 1, texts of its cells). The stored dimension may be wrong and is not believed. Raises one of
    BROKEN for what is no workbook."""
    yield from streamed_rows(path, sheet) if _unpacked(path) > STREAMED else whole_rows(path, sheet)


def whole_rows(path: Path, sheet: str | None = None) -> Iterator[tuple[int, list[str]]]:
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    found = book.get_sheet_by_index(0) if sheet is None else book.get_sheet_by_name(sheet)
    for line, cells in enumerate(found.iter_rows(), start=found.start[0] + 1 if found.start else 1):
        yield line, [_text(cell) for cell in cells]


def streamed_rows(path: Path, sheet: str | None = None) -> Iterator[tuple[int, list[str]]]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        found = book.worksheets[0] if sheet is None else book[sheet]
        found.reset_dimensions()
        for line, cells in enumerate(found.iter_rows(values_only=True), start=1):
            yield line, ["" if cell is None else _text(cell) for cell in cells]
    finally:
        book.close()


def counts_from_1904(path: Path) -> bool:
    """Whether a workbook counts its days from 1904 on, as those of old Macs do."""
    try:
        with ZipFile(path) as packed:
            return re.search(rb"date1904=\"(?:1|true)\"", packed.read("xl/workbook.xml")) is not None
    except (*BROKEN_ZIP, KeyError):
        return False


def _unpacked(path: Path) -> int:
    try:
        with ZipFile(path) as packed:
            sizes = [part.file_size for part in packed.infolist() if part.filename.startswith("xl/worksheets/")]
    except BROKEN_ZIP:  # an old .xls, or broken
        return 0
    return max(sizes, default=0)


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)
