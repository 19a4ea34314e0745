"""Lateness: one rule, judged by the deadline first told; what moved it later excuses nothing and stays on record."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
import time_machine

from duties.lateness import STATES, conditions
from duties.models import Duty
from duties.services import complete_duty, reopen_duty
from duties.ticking import escalate_duties, remind_duties, spare_absent
from notifications.models import Notice
from people.actor import Actor
from people.models import Roster
from tests.cast import Cast
from tests.duties.drafts import owe

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Monday
DAY = date(2026, 11, 23)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def on_leave(cast: Cast, day: date, recorded_at: datetime = NOON - timedelta(days=3)) -> None:
    Roster.objects.create(employee=cast.mei, day=day, is_leave=True, recorded_at=recorded_at)


def test_every_duty_is_in_just_one_state_and_the_row_says_the_same(cast: Cast) -> None:
    moments = (None, NOON - 2 * HOUR, NOON, NOON + 2 * HOUR)
    rows = []
    for n, (due, opens, closes, done, missed, waived) in enumerate(
        product(moments[1:], moments[1:], moments, moments[:3], moments[:2], moments[:2])
    ):
        if sum(map(bool, (done, missed, waived))) > 1:
            continue
        rows.append(
            Duty(
                key=f"k{n}", obligation="x", kind=Duty.Kind.RUN, subject_id=n, title={}, site=cast.site, due_at=due,
                opens_at=opens, closes_at=closes, completed_at=done, missed_at=missed, waived_at=waived,
            )
        )  # fmt: skip
    Duty.objects.bulk_create(rows)
    found = {state: list(Duty.objects.filter(condition)) for state, condition in conditions(NOON).items()}
    for state, duties in found.items():
        assert {duty.status(NOON) for duty in duties} == {state}
    counted = {state: len(duties) for state, duties in found.items()}
    assert sum(counted.values()) == len(rows)
    assert all(counted[state] for state in STATES)


def test_work_sent_back_does_not_become_punctual(cast: Cast) -> None:
    due = NOON - HOUR
    duty = owe(cast, "k", due_at=due, closes_at=NOON + HOUR)
    complete_duty(duty=duty, actor=Actor.of(cast.mei), at=NOON, outcome="ok")
    reopen_duty(duty=duty, actor=Actor.of(cast.wang), due_at=NOON + 2 * HOUR, note="photo missing")
    duty.refresh_from_db()
    assert (duty.due_at, duty.extended_to, duty.status(NOON)) == (due, NOON + 2 * HOUR, "overdue")
    complete_duty(duty=duty, actor=Actor.of(cast.mei), at=NOON + HOUR)
    duty.refresh_from_db()
    assert duty.status(NOON + HOUR) == "late"


def test_event_of_a_return_keeps_old_and_new_values(cast: Cast) -> None:
    duty = owe(cast, "k", due_at=NOON - HOUR)
    complete_duty(duty=duty, actor=Actor.of(cast.mei), at=NOON, outcome="problems")
    reopen_duty(duty=duty, actor=Actor.of(cast.wang), due_at=NOON + 2 * HOUR)
    changes = duty.events.get(kind="reopened").changes
    assert changes["completed_at"] == [NOON.isoformat(), None]
    assert changes["completed_by"] == [cast.mei.pk, None]
    assert changes["outcome"] == ["problems", ""]
    assert changes["extended_to"] == [None, (NOON + 2 * HOUR).isoformat()]
    assert "due_at" not in changes


def test_record_shows_what_a_return_moved(cast: Cast, sign_in) -> None:
    duty = owe(cast, "k", due_at=NOON - HOUR)
    complete_duty(duty=duty, actor=Actor.of(cast.mei), at=NOON)
    reopen_duty(duty=duty, actor=Actor.of(cast.wang), due_at=NOON + 2 * HOUR)
    page = sign_in(cast.wang).get(f"/duties/{duty.pk}/record/").content.decode()
    assert "14:00" in page and "11:00" in page and "仍按第一次的期限算" in page


def test_what_was_sent_back_is_reminded_of_before_its_new_time_and_escalated_after(cast: Cast) -> None:
    duty = owe(cast, "k", due_at=NOON - 3 * HOUR, team=cast.team)
    complete_duty(duty=duty, actor=Actor.of(cast.mei), at=NOON - 4 * HOUR)
    reopen_duty(duty=duty, actor=Actor.of(cast.wang), due_at=NOON + timedelta(minutes=10))
    assert (remind_duties(NOON), escalate_duties(NOON)) == (1, 0)
    assert escalate_duties(NOON + 2 * HOUR) == 1
    assert set(Notice.objects.values_list("recipient", flat=True)) == {cast.mei.pk, cast.wang.pk}


def test_today_tells_what_was_sent_back_with_its_new_time(cast: Cast, sign_in) -> None:
    duty = owe(cast, "k", due_at=NOON - HOUR)
    complete_duty(duty=duty, actor=Actor.of(cast.mei), at=NOON)
    reopen_duty(duty=duty, actor=Actor.of(cast.wang), due_at=NOON + 2 * HOUR)
    first = sign_in(cast.mei).get("/").context["today"].first
    assert (first.due_at, first.is_overdue) == (NOON + 2 * HOUR, False)
    assert "退回" in first.why


def test_what_nobody_can_do_any_more_is_not_in_today(cast: Cast, sign_in) -> None:
    owe(cast, "k", due_at=NOON - 3 * HOUR, closes_at=NOON - HOUR)
    assert sign_in(cast.mei).get("/").context["today"].is_empty


# --- leave


def test_leave_of_three_days_moves_a_deadline_to_the_first_day_back_and_says_so(cast: Cast) -> None:
    duty = owe(cast, "k", kind=Duty.Kind.MODULE, due_at=NOON + HOUR / 2)
    for days in range(3):
        on_leave(cast, DAY + timedelta(days=days))
    assert (spare_absent(NOON), spare_absent(NOON)) == (1, 0)
    duty.refresh_from_db()
    assert duty.due_at == NOON + HOUR / 2 + timedelta(days=3)
    assert duty.events.get(kind="put_off").changes["due_at"] == [
        (NOON + HOUR / 2).isoformat(),
        (NOON + HOUR / 2 + timedelta(days=3)).isoformat(),
    ]


def test_person_page_shows_that_leave_moved_a_deadline_and_from_when(cast: Cast, sign_in) -> None:
    owe(cast, "k", kind=Duty.Kind.MODULE, due_at=NOON + HOUR / 2)
    on_leave(cast, DAY)
    spare_absent(NOON)
    page = sign_in(cast.li).get(f"/compliance/people/{cast.mei.pk}/")
    [proven] = page.context["rows"]
    assert (proven.moved_from, proven.row.duty.due_at) == (NOON + HOUR / 2, NOON + HOUR / 2 + timedelta(days=1))
    assert "因请假从 12:30 顺延" in page.content.decode()


def test_leave_recorded_after_the_deadline_excuses_nothing(cast: Cast) -> None:
    duty = owe(cast, "k", kind=Duty.Kind.MODULE, due_at=NOON - 2 * HOUR)
    on_leave(cast, DAY, recorded_at=NOON - HOUR)
    assert spare_absent(NOON) == 0
    duty.refresh_from_db()
    assert duty.status(NOON) == "overdue"


def test_leave_recorded_before_counts_though_the_clock_stood_still(cast: Cast) -> None:
    duty = owe(cast, "k", kind=Duty.Kind.MODULE, due_at=NOON - timedelta(days=2))
    on_leave(cast, DAY - timedelta(days=2))
    assert spare_absent(NOON) == 1
    duty.refresh_from_db()
    assert duty.due_at == NOON - timedelta(days=1)


def test_case_of_somebody_on_leave_goes_to_a_lead_and_keeps_its_deadline(cast: Cast) -> None:
    due = NOON + HOUR / 2
    duty = owe(cast, "k", kind=Duty.Kind.CASE, obligation="case", due_at=due)
    on_leave(cast, DAY)
    assert spare_absent(NOON) == 1
    duty.refresh_from_db()
    assert (duty.assignee, duty.due_at) == (cast.wang, due)
