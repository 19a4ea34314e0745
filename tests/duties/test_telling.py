"""A deadline that passes unmet is told to the lead before, or when, it counts as missed; never only after."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
import time_machine
import yaml

from duties.models import Duty, DutyEvent
from duties.ticking import close_missed_duties, escalate_duties, escalation_wait
from kernel import clock
from notifications.models import Notice
from people.models import Roster
from starter.demo.history import SCHEDULES
from tests.cast import Cast
from tests.duties.drafts import owe

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
LIBRARY = Path(__file__).parents[2] / "starter" / "library" / "checklists"


def told(duty: Duty) -> list[str]:
    return list(duty.events.exclude(kind="opened").order_by("id").values_list("kind", flat=True))


def tick(moment: datetime) -> None:
    """The two steps in the order of the clock."""
    with time_machine.travel(moment, tick=False):
        close_missed_duties(clock.now())
        escalate_duties(clock.now())


def windows() -> list[tuple[str, time, time]]:
    """(name, due, closes) of every schedule that ships with the product or the demo."""
    found = [(name, due, closes) for name, (_opens, due, closes) in SCHEDULES.items()]
    for path in sorted(LIBRARY.glob("*.yaml")):
        told = yaml.safe_load(path.read_text("utf-8"))["schedule"]
        found.append((path.stem, time.fromisoformat(told["due"]), time.fromisoformat(told["closes"])))
    return found


@pytest.mark.parametrize(("name", "due", "closes"), windows())
def test_every_schedule_that_ships_is_escalated_while_something_can_be_done(
    cast: Cast, name: str, due: time, closes: time
) -> None:
    due_at, closes_at = (datetime.combine(NOON, at, cast.site.tz) for at in (due, closes))
    with time_machine.travel(due_at - timedelta(hours=1), tick=False):
        duty = owe(cast, name, due_at=due_at, closes_at=closes_at, shift=cast.day_shift, shift_date=due_at.date())
    minutes = int((closes_at - due_at).total_seconds() // 60)
    for n in range(minutes + 2):
        tick(due_at + timedelta(minutes=n))
    assert told(duty) == ["escalated", "missed"]
    at = duty.events.get(kind=DutyEvent.Kind.ESCALATED).at
    assert due_at < at <= due_at + timedelta(hours=1) and closes_at - at >= (closes_at - due_at) / 2


@pytest.mark.parametrize("minutes", [0, 10])  # no time between due and missed; a clock that came too late
def test_missed_duty_that_was_never_escalated_is_told_when_it_is_missed(cast: Cast, minutes: int) -> None:
    with time_machine.travel(NOON, tick=False):
        closes_at = NOON + timedelta(minutes=minutes)
        duty = owe(cast, "k", team=cast.team, due_at=NOON, closes_at=closes_at)
    for _ in range(2):
        tick(closes_at + timedelta(minutes=1))
    assert told(duty) == ["missed"]
    notice = Notice.objects.get()
    assert (notice.recipient, notice.title["en"]) == (cast.wang, "Missed: Check k · 陈梅")


def test_missed_duty_that_was_escalated_is_not_told_again(cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False):
        owe(cast, "k", team=cast.team, due_at=NOON, closes_at=NOON + timedelta(hours=3))
    for hours in (1, 4):
        tick(NOON + timedelta(hours=hours))
    assert Notice.objects.count() == 1


def test_missed_duty_that_nobody_has_is_told_too(cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False):
        owe(cast, "k", assignee=None, due_at=NOON, closes_at=NOON, is_claimable=True)
    tick(NOON + timedelta(minutes=1))
    assert Notice.objects.get().recipient == cast.li


def test_what_a_shift_owes_is_told_to_its_lead_and_the_manager(cast: Cast) -> None:
    Roster.objects.create(employee=cast.wang, day=NOON.date(), shift=cast.day_shift)
    with time_machine.travel(NOON, tick=False):
        owe(cast, "k", shift=cast.day_shift, shift_date=NOON.date(), due_at=NOON)
    tick(NOON + timedelta(hours=1))
    assert {n.recipient_id for n in Notice.objects.all()} == {cast.wang.pk, cast.li.pk}


def test_lead_waits_an_hour_or_half_of_the_time_that_is_left() -> None:
    waits = [escalation_wait(NOON, NOON + timedelta(minutes=n)) for n in (0, 30, 120, 600)]
    assert [wait.total_seconds() // 60 for wait in waits] == [0, 15, 60, 60]
    assert escalation_wait(NOON, None) == timedelta(hours=1)
