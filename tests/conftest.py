"""Fixtures that every test may use: the cast, a signed-in client, statement counts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pillow_heif import register_heif_opener

from checklists.frozen import forget
from people.models import Employee
from records.signing import heads_path
from tests.cast import Cast, make_cast, signed_in

register_heif_opener()  # some tests write a phone's photos
TRANSACTION_CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA")


@pytest.fixture(autouse=True, scope="session")
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keys, evidence and uploads of tests never mix with those of the product."""
    folder = tmp_path_factory.mktemp("data")
    django_settings.DATA_DIR = folder
    django_settings.EVIDENCE_DIR, django_settings.MEDIA_ROOT = folder / "evidence", folder / "media"


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Each test has a database of its own: what a process keeps of published versions, and what the second place knows
    of the ledger, is not of this one."""
    forget()
    heads_path().unlink(missing_ok=True)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def sign_in() -> Callable[[Employee], Client]:
    """A client signed in as somebody."""
    return signed_in


@pytest.fixture
def statements() -> Callable[[], Any]:
    """`with statements() as count: …; assert count() <= 12`; transaction control is not counted."""

    @contextmanager
    def counting() -> Iterator[Callable[[], int]]:
        with CaptureQueriesContext(connection) as captured:
            yield lambda: sum(not q["sql"].startswith(TRANSACTION_CONTROL) for q in captured.captured_queries)

    return counting


@pytest.fixture
def statements_of(statements: Callable[[], Any]) -> Callable[[Client, str, Callable[[int], Any]], int]:
    """`statements_of(client, url, add_row)`: what the page costs, after seeing that 30 rows cost the same as 3."""

    def measure(client: Client, url: str, add_row: Callable[[int], Any]) -> int:
        counts = []
        for first, last in ((0, 3), (3, 30)):
            for n in range(first, last):
                add_row(n)
            client.get(url)
            with statements() as count:
                assert client.get(url).status_code == 200
            counts.append(count())
        assert counts[0] == counts[1]
        return counts[0]

    return measure
