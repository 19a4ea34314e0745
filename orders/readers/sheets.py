"""Rows of a workbook's first sheet. The quick reader holds the sheet in memory; a large one is streamed instead, which
takes four times as long and no memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import openpyxl
import python_calamine

STREAMED = 60 * 1024 * 1024  # bytes of the unpacked sheet, some 50,000 orders


def sheet_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(row number from 1, texts of its cells). The stored dimension may be wrong and is not believed. Raises OSError,
    BadZipFile, CalamineError or ValueError for what is no workbook."""
    yield from streamed_rows(path) if _unpacked(path) > STREAMED else whole_rows(path)


def whole_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    for line, cells in enumerate(sheet.iter_rows(), start=sheet.start[0] + 1 if sheet.start else 1):
        yield line, [_text(cell) for cell in cells]


def streamed_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield line, ["" if cell is None else _text(cell) for cell in cells]
    finally:
        book.close()


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
