"""Files as rows: what each is, its sheets, their cells as text. Runs in the sandbox alone."""

import csv
import json
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

import python_calamine

from kernel.sniffing import HasPassword, IsArchive, NotATable, Sniffed, sniff
from orders.sandboxed.markup import markup_tables
from orders.sandboxed.sheets import BROKEN, counts_from_1904, refuse_far_cells, sheet_names, sheet_rows

PIECE = 1 << 18  # characters
spelled = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
csv.field_size_limit(1 << 20)


def rows(_content: bytes, path: str, name: str, columns: int) -> Iterator[bytes]:
    """What the file is, as a line of JSON; then each sheet: its name as a JSON text, its rows as lists of at most so
    many cells, a row a line. Raises what kernel.sniffing refuses, TooFar."""
    file = Path(path)
    sniffed = sniff(file, name)
    if sniffed.kind == "archive":
        raise IsArchive(name=name)
    is_from_1904 = sniffed.kind == "sheet" and counts_from_1904(file)
    yield _line({**vars(sniffed), "is_from_1904": is_from_1904})
    try:
        for sheet, found in _sheets(file, sniffed, name):
            yield _line(sheet)
            piece: list[str] = []
            size = 0
            for cells in found:
                piece.append(spelled(cells[:columns]))
                size += len(piece[-1])
                if size > PIECE:
                    yield _lines(piece)
                    piece, size = [], 0
            yield _lines(piece)
    except python_calamine.PasswordError:
        raise HasPassword(name=name) from None
    except BROKEN:
        raise NotATable(name=name) from None


def _sheets(file: Path, sniffed: Sniffed, name: str) -> Iterator[tuple[str, Iterator[list[str]]]]:
    if sniffed.kind == "text":
        yield "", _text_rows(file, sniffed, name)
    elif sniffed.kind == "sheet":
        refuse_far_cells(file, name)
        for sheet in sheet_names(file):
            yield sheet, _counted(sheet_rows(file, sheet))
    else:
        for table, found in markup_tables(file, sniffed, name).items():
            yield table, iter(found)


def _text_rows(file: Path, sniffed: Sniffed, name: str) -> Iterator[list[str]]:
    with file.open(encoding=sniffed.encoding, errors="replace", newline="") as opened:
        try:
            yield from unquoted_rows(opened, sniffed.delimiter)
        except csv.Error:
            raise NotATable(name=name) from None


def unquoted_rows(file: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Rows of a CSV. A quotation mark that nobody closes («24" …») would take the rows below it into its cell: a line
    that is whole without its marks, above one that is whole too, is a row by itself."""
    lines, taken, width = iter(file), list[str](), 0
    again: deque[str] = deque()

    def feed() -> Iterator[str]:
        while (line := again.popleft() if again else next(lines, None)) is not None:
            taken.append(line)
            yield line

    reader = csv.reader(feed(), delimiter=delimiter)
    while True:
        taken.clear()
        row = next(reader, [])
        if not taken:
            return
        if len(taken) > 1 and width > 1 and all(line.count(delimiter) >= width - 1 for line in taken[:2]):
            again.extendleft(reversed(taken[1:]))
            row = [cell.strip('"') for cell in taken[0].rstrip("\r\n").split(delimiter)]
            reader = csv.reader(feed(), delimiter=delimiter)
        width = max(width, len(row))
        yield row


def _counted(found: Iterator[tuple[int, list[str]]]) -> Iterator[list[str]]:
    """Rows so that each stands in the line of its number; what a workbook leaves out is empty."""
    last = 0
    for line, cells in found:
        for _left_out in range(line - last - 1):
            yield []
        yield cells
        last = line


def _line(said: object) -> bytes:
    return spelled(said).encode("utf-8", "replace") + b"\n"


def _lines(piece: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in piece).encode("utf-8", "replace")
