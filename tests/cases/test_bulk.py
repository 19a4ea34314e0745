"""Past cases brought in at once tell the same story as cases that were lived."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cases.bulk import PastCase, PastContact, record_cases
from cases.models import Case
from duties.models import Duty
from kernel import clock
from records.selectors import verify_chain
from records.signing import sign_heads
from tests.cast import Cast

from .factories import make_case


def past(cast: Cast, n: int, **fields: Any) -> PastCase:
    at = clock.now() - timedelta(days=40 - n)
    words = {
        **{"key": f"past:{n}", "shop": cast.shop, "kind": "no_pickup", "source": "finding", "opened_by": cast.mei},
        **{"opened_at": at, "due_at": at + timedelta(hours=24), "owner": cast.wang, "waybills": (f"SF{n}",)},
    }
    return PastCase(**{**words, **fields})


def test_past_cases_have_duties_timeline_and_a_sound_chain(cast: Cast) -> None:
    at = clock.now() - timedelta(days=30)
    promise = PastContact(
        at=at + timedelta(hours=1),
        by=cast.wang,
        whom="courier",
        channel="phone",
        said="漏扫",
        follow_up_at=at + timedelta(hours=4),
        done_at=at + timedelta(hours=5),
    )
    ended = {"cause": "courier", "resolution": "courier_corrected", "resolved_at": at + timedelta(hours=30)}
    closed = past(cast, 1, **ended, closed_at=at + timedelta(hours=40), closed_by=cast.li, contacts=(promise,))
    made = record_cases([past(cast, 2, owner=None, status="wait_courier"), closed])
    first = Case.objects.get(key="past:1")
    assert len(made) == 2 and first.status == "closed" and first.duty.subject_id == first.pk
    assert first.duty.status(clock.now()) == "on_time" or first.duty.completed_at > first.duty.due_at
    assert [e.kind for e in first.events.order_by("at")] == ["opened", "followed_up", "resolved", "closed"]
    assert Duty.objects.get(kind="follow_up").completed_at
    assert Case.objects.get(key="past:2").duty.is_claimable
    sign_heads(clock.now())
    assert verify_chain(f"shop:{cast.shop.pk}").is_sound


def test_past_cases_are_recorded_once_and_numbers_go_on(cast: Cast) -> None:
    rows = [past(cast, n, opened_at=clock.now(), due_at=clock.now()) for n in range(3)]
    assert len(record_cases(rows)) == 3 and record_cases(rows) == []
    assert make_case(cast).number.endswith("000004")


def test_recording_is_set_based(cast: Cast, statements: Callable[[], Any]) -> None:
    counts = []
    for span in (range(3), range(3, 33)):
        with statements() as count:
            record_cases([past(cast, n) for n in span])
            counts.append(count())
    assert counts[1] <= counts[0] + 1
