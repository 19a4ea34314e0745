"""Long tasks beside people: between two batches the database is left to whoever waits."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from django.db import connection

T = TypeVar("T")
AIM = 0.04  # seconds of the processor that a batch may take while others wait
FEWEST = 50  # rows of a batch: each pays for its statements
LEAST, MOST = 0.04, 0.25  # seconds; a writer that waits for SQLite looks again every few milliseconds


class Pace:
    """How many rows a batch has: at first and at most so many, fewer where they keep others waiting for long."""

    def __init__(self, most: int) -> None:
        self.most = self.size = most

    def split(self, rows: Iterable[T]) -> Iterator[list[T]]:
        iterator = iter(rows)
        while some := list(islice(iterator, self.size)):
            yield some

    def learn(self, seconds: float) -> None:
        """From how long the last batch took of the processor, so that a busy machine makes none smaller than helps; one
        that was slow by chance halves the next at worst."""
        fitting = int(self.size * min(2.0, max(0.5, AIM / max(seconds, 0.001))))
        self.size = min(self.most, max(FEWEST, fitting))


@contextmanager
def paced(gives_way: bool, pace: Pace | None = None) -> Iterator[None]:
    """Around one batch. Afterwards pauses for as long as the batch took, if it shall give way; not inside a
    transaction, whose locks nobody gets by waiting."""
    began, worked = time.monotonic(), time.thread_time()
    yield
    took = time.monotonic() - began
    if gives_way and not connection.in_atomic_block:
        if pace:
            pace.learn(time.thread_time() - worked)
        time.sleep(min(MOST, max(LEAST, took)))


def parts(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """A long row in pieces of so many, each for a statement or a transaction of its own."""
    return (rows[i : i + size] for i in range(0, len(rows), size))
