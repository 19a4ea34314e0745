"""Long tasks beside people: between two batches the database is left to whoever waits."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

LEAST, MOST = 0.04, 0.25  # seconds; a writer that waits for SQLite looks again after 25 ms at first


@contextmanager
def paced(gives_way: bool) -> Iterator[None]:
    """Around one batch. Afterwards pauses for as long as the batch took, if it shall give way; not inside a
    transaction, whose locks nobody gets by waiting."""
    began = time.monotonic()
    yield
    if gives_way and not connection.in_atomic_block:
        time.sleep(min(MOST, max(LEAST, time.monotonic() - began)))


def parts(rows: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """A long row in pieces of so many, each for a statement or a transaction of its own."""
    return (rows[i : i + size] for i in range(0, len(rows), size))
