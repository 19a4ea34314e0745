"""A file as rows. It is opened once, in the sandbox; what it holds is kept as text beside it, and read from there."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused
from kernel.sandbox import MB, Sandbox, Unopened
from kernel.sniffing import NotATable, Sniffed, UnpacksTooLarge
from orders.readers.fields import MAX_COLUMNS

MOST_ROWS_MB = 1024
tables = Sandbox(memory=1024, seconds=10, output=MOST_ROWS_MB, most=2, nice=5)
SECONDS_A_MB, MOST_SECONDS = 10, 300


class TooHard(Refused):
    sentence = _(
        "“%(name)s” cannot be opened in the time and memory that a file may take. Save it anew in the spreadsheet, or "
        "as CSV, and upload that."
    )


@dataclass(frozen=True)
class Opened:
    """What a file is, and its sheets by name: where the rows of each begin, and how many there are."""

    sniffed: Sniffed
    is_from_1904: bool
    sheets: dict[str, tuple[int, int]]


def opened(path: Path, name: str, tell: Callable[[], None] = lambda: None) -> Opened:
    """`tell` is called while it is opened, and ends that by raising. Raises what kernel.sniffing refuses, TooHard."""
    index = _index(path)
    if not index.exists():
        _open(path, name, index, tell)
    said = json.loads(index.read_bytes())
    kinds = {key: said["kind"][key] for key in ("kind", "encoding", "delimiter", "is_mixed")}
    sheets = {sheet: (at, rows) for sheet, at, rows in said["sheets"]}
    return Opened(Sniffed(**kinds), bool(said["kind"]["is_from_1904"]), sheets)


def rows_of(path: Path, name: str, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """(line from 1, cells) of a sheet."""
    at, rows = opened(path, name).sheets.get(sheet, (0, 0))
    with _rows(path).open("rb") as file:
        file.seek(at)
        for line, text in enumerate(islice(file, rows), start=1):
            yield line, json.loads(text)


def seconds_for(path: Path) -> float:
    """Of the processor: a large file may take longer than a small one that was made to take long."""
    return min(MOST_SECONDS, tables.seconds + SECONDS_A_MB * path.stat().st_size / MB)


def _index(path: Path) -> Path:
    return path.with_name(f"{path.name}.index")


def _rows(path: Path) -> Path:
    return path.with_name(f"{path.name}.rows")


def _open(path: Path, name: str, index: Path, tell: Callable[[], None]) -> None:
    """The rows first, then the index that says that they are whole."""
    part = path.with_name(f"{uuid.uuid4().hex}.part")
    try:
        with part.open("wb") as file:
            pieces = tables.run(
                "orders.sandboxed.tables:rows",
                seconds=seconds_for(path),
                path=str(path),
                name=name,
                columns=MAX_COLUMNS,
            )
            kind: dict[str, Any] = json.loads(next(pieces))
            sheets: list[list[Any]] = []
            for piece in pieces:
                tell()
                file.write(b"" if piece[:1] == b'"' else piece)
                if piece[:1] == b'"':
                    sheets.append([json.loads(piece), file.tell(), 0])
                else:
                    sheets[-1][2] += piece.count(b"\n")
        part.replace(_rows(path))
        part.write_text(json.dumps({"kind": kind, "sheets": sheets}), "utf-8")
        part.replace(index)
    except Unopened as error:
        if str(error) == "output":
            raise UnpacksTooLarge(name=name, limit=MOST_ROWS_MB) from None
        raise TooHard(name=name) from None
    except (ValueError, KeyError, IndexError, StopIteration):
        raise NotATable(name=name) from None
    finally:
        part.unlink(missing_ok=True)
