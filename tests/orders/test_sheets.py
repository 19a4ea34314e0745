"""A workbook reads the same whole and streamed."""

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from orders.sandboxed.sheets import streamed_rows, whole_rows
from tests.orders.factories import SAMPLES, YUNQI


@pytest.mark.parametrize("name", [name for name in YUNQI if name.endswith(".xlsx")])
def test_sample_reads_the_same_both_ways(name: str) -> None:
    path = SAMPLES / "yunqi-xlsx" / name
    whole = [(line, [cell.strip() for cell in cells]) for line, cells in whole_rows(path)]
    streamed = [(line, [cell.strip() for cell in cells]) for line, cells in streamed_rows(path)]
    assert len(whole) > 800
    assert streamed == whole


def test_numbers_and_moments_are_spelled_alike(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["订单编号", 12, 12.5, 4.14e18, datetime(2026, 11, 23, 8, 30), None, True])
    book.save(path)
    assert [row[1][:5] for row in streamed_rows(path)] == [row[1][:5] for row in whole_rows(path)]
