"""A file that was made to break a reader harms nobody but its sender, who is told in a sentence: the process that opens
it ends, the one that serves people does not, and the next file is read."""

import io
import os
import resource
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image

from kernel.errors import Refused
from kernel.pictures import clean_jpeg, pictures
from kernel.sandbox import Sandbox, Unopened
from kernel.sniffing import NotATable, TooFar, UnpacksTooLarge
from orders.readers.opened import TooHard, opened, rows_of, tables
from tests.orders.test_containers import workbook

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
HOSTILE = "tests.faults.hostile"


def with_cells(*cells: str, **parts: bytes) -> bytes:
    """A workbook whose sheet is these cells, as they were never saved by a spreadsheet."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(a=[["x"]]))) as sound,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in sound.namelist():
            raw = sound.read(name)
            if name == "xl/worksheets/sheet1.xml":
                raw = SHEET.format("".join(cells)).encode()
            made.writestr(name, raw)
        for name, raw in parts.items():
            made.writestr(name, raw)
    return content.getvalue()


def row(number: int, *columns: str) -> str:
    return f'<row r="{number}">{"".join(f"<c r={chr(34)}{c}{number}{chr(34)}><v>1</v></c>" for c in columns)}</row>'


def told(folder: Path, content: bytes) -> Refused:
    path = folder / "orders.xlsx"
    path.write_bytes(content)
    with pytest.raises(Refused) as refusal:
        opened(path, "orders.xlsx")
    assert "orders.xlsx" in str(refusal.value)
    return refusal.value


def assert_next_file_is_read(folder: Path) -> None:
    path = folder / "sound.xlsx"
    path.write_bytes(workbook(a=[["订单编号", "1"]]))
    assert list(rows_of(path, "sound.xlsx", "a")) == [(1, ["订单编号", "1"])]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (with_cells(row(1, "A"), row(1_048_576, "XFD")), TooFar),
        (with_cells(row(1, "A"), row(9_999_999_999, "A")), TooFar),
        (with_cells(row(1, "A"), row(1, "ZZZZZZZ")), TooFar),
        (with_cells(row(1, *[chr(65 + n) for n in range(26)]), row(1_048_576, "A")), TooFar),
        (with_cells(row(1, "A").replace('r="A1"', "r = 'XFD1048576'")), TooFar),
        (with_cells(row(1, "A"), **{"xl/sharedStrings.xml": b"<sst>" + b" " * 170 * 1024**2}), UnpacksTooLarge),
        (with_cells("<row><c r='"), NotATable),
    ],
    ids=["corner", "impossible-row", "impossible-column", "last-row", "apostrophes", "shared-texts", "broken"],
)
def test_workbook_that_reaches_too_far_is_refused(tmp_path: Path, content: bytes, expected: type[Refused]) -> None:
    assert len(content) < 300_000
    assert type(told(tmp_path, content)) is expected
    assert_next_file_is_read(tmp_path)


def test_last_row_alone_is_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    path.write_bytes(with_cells(row(1, "A"), row(200_000, "A")))
    assert sum(1 for _row in rows_of(path, "orders.xlsx", "a")) == 200_000


def test_far_cell_that_reaches_its_reader_ends_one_process(tmp_path: Path) -> None:
    """As if the scan had overlooked it: the reader asks for 550 GB."""
    path = tmp_path / "orders.xlsx"
    path.write_bytes(with_cells(row(1, "A"), row(1_048_576, "XFD")))
    with pytest.raises(Unopened):
        tables.answer("tests.faults.far_cell:read_at_once", path=str(path))
    assert_next_file_is_read(tmp_path)


def test_row_of_a_hundred_and_thirty_million_cells_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"a,b,c\n" + b"," * 130_000_000)
    with pytest.raises(TooHard):
        opened(path, "orders.csv")
    assert_next_file_is_read(tmp_path)


def test_workbook_whose_compressed_sheet_is_damaged_is_told_as_no_table(tmp_path: Path) -> None:
    raw = bytearray(with_cells(*(row(n, "A", "B", "C") for n in range(1, 2000))))
    with zipfile.ZipFile(io.BytesIO(raw)) as sound:
        part = sound.getinfo("xl/worksheets/sheet1.xml")
    for at in range(part.header_offset + 230, part.header_offset + 290):
        raw[at] ^= 0xFF
    assert isinstance(told(tmp_path, bytes(raw)), NotATable)


def test_archive_with_a_directory_of_very_many_files_is_refused(tmp_path: Path) -> None:
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = entry * 200_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0, 0, len(directory), 4, 0)
    path = tmp_path / "orders.zip"
    path.write_bytes(b"PK\x03\x04" + directory + end)
    with pytest.raises(Refused):
        opened(path, "orders.zip")
    assert_next_file_is_read(tmp_path)


def test_web_page_that_never_closes_a_tag_is_done_in_time(tmp_path: Path) -> None:
    path = tmp_path / "orders.xls"
    path.write_bytes(b"<html><table>" + b"<!" * 100_000)
    try:
        opened(path, "orders.xls")
    except Refused as refusal:
        assert "orders.xls" in str(refusal)
    assert_next_file_is_read(tmp_path)


def picture(**options: Any) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (64, 48), "white").save(content, **{"format": "JPEG", **options})
    return content.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose head promises a large picture."""
    raw = bytearray(picture(format="PNG"))
    raw[16:24] = struct.pack(">II", width, height)
    return bytes(raw)


@pytest.mark.parametrize(
    "content",
    [
        png_that_says(2**31 - 1, 2**31 - 1),
        picture()[:-200],
        b"II*\x00" + b"\xff" * 400,
        b"RIFF\xff\xff\xff\xffWEBPVP8X",
    ],
    ids=["bomb", "cut-off", "tiff", "webp"],
)
def test_picture_made_to_break_its_reader_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        clean_jpeg(io.BytesIO(content), 2000)
    assert clean_jpeg(io.BytesIO(picture()), 2000).startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("what", "reason"),
    [("abort", "crash"), ("swallow", "memory"), ("spin", "time"), ("sleep", "time"), ("babble", "output")],
)
def test_reader_that_goes_wild_is_ended(what: str, reason: str) -> None:
    small = Sandbox(memory=400, seconds=2, output=4, most=1)
    with pytest.raises(Unopened, match=reason):
        small.answer(f"{HOSTILE}:{what}")
    assert small.answer(f"{HOSTILE}:greet") == b"hello"
    small.close()


def test_panic_of_a_native_reader_is_caught() -> None:
    with pytest.raises(Unopened, match="crash"):
        pictures.answer(f"{HOSTILE}:panic")


@pytest.mark.parametrize("what", ["write", "read_environment", "open_many"])
def test_reader_can_write_nothing_and_knows_no_secret(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "a secret")
    assert pictures.answer(f"{HOSTILE}:{what}", folder=str(tmp_path)) == b"no"


def test_process_of_the_pages_loads_no_native_reader() -> None:
    code = (
        "import django, sys; django.setup(); import config.urls;"
        "print(*sorted({'python_calamine', 'zxingcpp', 'rapidocr', 'onnxruntime', 'pillow_heif'} & set(sys.modules)))"
    )
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_this_process_stayed_small() -> None:
    """Whichever attacks of this file ran before: none of them took this process's memory."""
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1024**2
