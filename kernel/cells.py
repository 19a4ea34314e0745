"""Cells of exported tables: a spreadsheet must never take one for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from itertools import islice
from typing import Any

from django.utils import timezone, translation
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

AT_ONCE = 500  # lines sent together
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: Any) -> Any:
    """The value as a cell; text that a spreadsheet would run gets an apostrophe in front. Numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def csv_lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Lines of a CSV file that Excel reads as UTF-8; written as they come, never all in memory.

    The rows are made while the server sends them, after the request's middleware is done, and yet in the language and
    zone in which this was called.
    """
    return _lines(iter(rows), translation.get_language(), timezone.get_current_timezone())


def xlsx_file(rows: Iterable[Iterable[Any]], title: str) -> bytes:
    """The same rows as a workbook of one sheet, in which text stays text, whatever it looks like."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    for row in rows:
        sheet.append([_text_cell(sheet, safe_cell(cell)) for cell in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _text_cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value))
        cell.data_type = "s"
        return cell
    return value


def _lines(rows: Iterator[Iterable[Any]], language: str | None, zone: tzinfo) -> Iterator[str]:
    yield "\ufeff"
    while True:
        buffer = io.StringIO()
        with translation.override(language), timezone.override(zone):
            csv.writer(buffer).writerows([safe_cell(cell) for cell in row] for row in islice(rows, AT_ONCE))
        if not buffer.tell():
            return
        yield buffer.getvalue()
