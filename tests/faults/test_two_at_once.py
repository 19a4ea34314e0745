"""Two at once, on both databases: the ledger has no gap, a duty has one claimant."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from duties.models import DutyEvent
from duties.services import DutyDraft, claim_duty, complete_duty, open_duty
from kernel import clock
from kernel.errors import Conflict
from people.actor import Actor
from people.models import Employee
from records.models import LedgerEntry
from records.selectors import verify_chain
from records.services import append_entry
from tests.cast import Cast
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def append_five(writer: int) -> None:
    for number in range(5):
        append_entry(
            chain="site:1",
            kind="roster.copied",
            actor=f"employee:{writer}",
            subject=f"run:{number}",
            payload={"monday": "2026-11-23", "days": number},
        )


def test_appends_at_once_make_one_sound_chain() -> None:
    assert at_once(*(partial(append_five, writer) for writer in range(6))) == [None] * 6
    report = verify_chain("site:1")
    assert report.is_sound and report.entries == 30
    assert LedgerEntry.objects.values_list("seq", flat=True).distinct().count() == 30


def test_sealing_holds_no_head_while_another_row_is_wanted(cast: Cast) -> None:
    """One seals and then wants a row that the other holds, who seals in the same chain: neither waits for ever."""
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time: there is nothing to wait for")
    both = threading.Barrier(2, timeout=20)

    def locked(person: Employee) -> None:
        Employee.objects.select_for_update(of=("self",)).get(pk=person.pk)

    def sealed(person: Employee) -> None:
        append_entry(chain="shop:1", kind="employee.pin_changed", actor=person.ref, subject=person.ref, payload={})

    @transaction.atomic
    def seals_first() -> None:
        locked(cast.mei)
        sealed(cast.mei)
        both.wait()
        locked(cast.wang)
        sealed(cast.wang)

    @transaction.atomic
    def seals_last() -> None:
        locked(cast.wang)
        both.wait()
        sealed(cast.wang)

    assert at_once(seals_first, seals_last) == [None, None]
    report = verify_chain("shop:1")
    assert report.is_sound and report.entries == 3


def draft(cast: Cast, **fields: object) -> DutyDraft:
    now = clock.now()
    values = {
        "key": "run:1",
        "obligation": "checklist:morning",
        "kind": "run",
        "subject_id": 1,
        "title": {"zh": "早班查单", "en": "Morning check"},
        "site": cast.site,
        "opens_at": now,
        "due_at": now + timedelta(hours=2),
    }
    return DutyDraft(**{**values, **fields})  # type: ignore[arg-type]


def test_claims_at_once_have_one_winner(cast: Cast) -> None:
    duty = open_duty(draft(cast, is_claimable=True, assignee=cast.wang), actor=Actor.system("command"))
    everyone = (cast.mei, cast.wang, cast.li, cast.sun)
    results = at_once(*(partial(claim_duty, duty=duty, actor=Actor.of(who)) for who in everyone))
    assert sum(isinstance(result, Conflict) for result in results) == 3
    duty.refresh_from_db()
    assert duty.assignee in everyone
    assert duty.events.filter(kind=DutyEvent.Kind.CLAIMED).count() == 1


def test_completions_at_once_count_once(cast: Cast) -> None:
    duty = open_duty(draft(cast, assignee=cast.mei), actor=Actor.system("command"))
    at_once(
        *(
            partial(complete_duty, duty=duty, actor=Actor.of(who), at=clock.now())
            for who in (cast.mei, cast.wang, cast.li)
        )
    )
    assert duty.events.filter(kind=DutyEvent.Kind.COMPLETED).count() == 1
