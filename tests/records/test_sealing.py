"""One sealing per unit of work: last, chain by chain in the order of their names, and only of what was not undone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from kernel.databases import do_last
from records.models import LedgerEntry
from records.selectors import verify_ledger
from records.services import append_entry

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


def hand_in(chain: str, number: int, **more: object) -> None:
    said = {"number": f"C{number}", "status": "closed", "cause": "", "resolution": ""}
    append_entry(chain=chain, kind="case.closed", actor="employee:7", subject=f"case:{number}", payload=said, **more)


def sealed(chain: str = "shop:1") -> list[str]:
    return list(LedgerEntry.objects.filter(chain=chain).order_by("seq").values_list("subject", flat=True))


def test_nothing_is_sealed_before_the_outermost_block_ends() -> None:
    with transaction.atomic():
        with transaction.atomic():
            hand_in("shop:1", 1)
        assert sealed() == []
        hand_in("shop:1", 2)
    assert sealed() == ["case:1", "case:2"]


def test_heads_are_locked_once_each_in_the_order_of_their_names() -> None:
    for chain in ("shop:1", "company", "site:1"):
        hand_in(chain, 1)
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        for chain in ("site:1", "company", "shop:1", "site:1", "company"):
            hand_in(chain, 2)
    moved = [q["sql"] for q in captured.captured_queries if q["sql"].startswith('UPDATE "records_chain"')]
    names = [next(name for name in ("company", "shop:1", "site:1") if f"'{name}'" in sql) for sql in moved]
    assert names == ["company", "shop:1", "site:1"]
    assert all(report.is_sound for report in verify_ledger())


def test_what_a_block_handed_in_goes_when_the_block_is_undone() -> None:
    with transaction.atomic():
        hand_in("shop:1", 1)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            hand_in("shop:1", 2)
            raise ZeroDivisionError
        hand_in("shop:1", 3)
    assert sealed() == ["case:1", "case:3"]


def test_what_one_unit_of_work_seals_stands_in_the_order_of_time() -> None:
    with transaction.atomic():
        hand_in("shop:1", 1, at=AT)
        hand_in("shop:1", 2, at=AT - timedelta(hours=1))
    assert sealed() == ["case:2", "case:1"]


def test_nothing_is_put_off_where_no_block_would_end() -> None:
    with pytest.raises(TransactionManagementError):
        connection.in_atomic_block = False
        try:
            do_last(list, 1)
        finally:
            connection.in_atomic_block = True


@pytest.mark.django_db(transaction=True)
def test_a_sealing_that_fails_leaves_nothing_of_the_unit_of_work() -> None:
    def fails(_items: list[object]) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        hand_in("shop:1", 1)
        do_last(fails, None)
    assert sealed() == []
    hand_in("shop:1", 2)
    assert sealed() == ["case:2"]
