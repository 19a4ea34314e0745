"""A workbook opened without looking how far it reaches, run in a sandbox by the tests beside this."""

from collections.abc import Iterator
from pathlib import Path

from orders.sandboxed.sheets import whole_rows


def read_at_once(_content: bytes, path: str) -> Iterator[bytes]:
    for _row in whole_rows(Path(path)):
        yield b"read"
