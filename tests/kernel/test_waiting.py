"""Who waits for SQLite's lock gets it once it is free, and is told when it is not in time."""

import threading
import time
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction

from people.models import Site
from tests.threads import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no one lock for all"),
]


def write(number: int) -> None:
    with transaction.atomic():
        Site.objects.create(code=f"s{number}", name="仓")
        time.sleep(0.05)


def test_all_who_wait_get_their_turn() -> None:
    assert at_once(*(partial(write, n) for n in range(8))) == [None] * 8
    assert Site.objects.filter(code__startswith="s").count() == 8


def test_whoever_waits_in_vain_is_told_and_waits_as_long_next_time() -> None:
    told: list[object] = []

    def wait_in_vain() -> None:
        connection.ensure_connection()
        connection.connection.execute("PRAGMA busy_timeout = 40")
        try:
            write(2)
        except OperationalError as error:
            told.append(str(error))
        told.append(connection.connection.execute("PRAGMA busy_timeout").fetchone()[0])
        connection.close()

    thread = threading.Thread(target=wait_in_vain)
    with transaction.atomic():
        Site.objects.create(code="s1", name="仓")
        thread.start()
        thread.join()
    assert told == ["database is locked", 40]
