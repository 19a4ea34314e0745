"""Rows of a workbook's sheets. The quick reader holds a sheet in memory; a large one is streamed instead, which takes
four times as long and no memory."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import openpyxl
import python_calamine

STREAMED = 60 * 1024 * 1024  # bytes of the unpacked sheet, some 50,000 orders
BROKEN = (python_calamine.CalamineError, BadZipFile, OSError, KeyError, ValueError)


def sheet_names(path: Path) -> list[str]:
    """Of the worksheets that can hold rows, in their order. Raises one of BROKEN for what is no workbook."""
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    kinds = {sheet.name: sheet.typ for sheet in book.sheets_metadata}
    return [name for name in book.sheet_names if kinds.get(name) in (None, python_calamine.SheetTypeEnum.WorkSheet)]


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
    except (BadZipFile, KeyError, OSError, RuntimeError):
        return False


def _unpacked(path: Path) -> int:
    try:
        with ZipFile(path) as packed:
            sizes = [part.file_size for part in packed.infolist() if part.filename.startswith("xl/worksheets/")]
    except BadZipFile:  # an old .xls
        return 0
    return max(sizes, default=0)


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)
