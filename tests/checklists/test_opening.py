"""Runs are opened once, by the clock or by a lead; the handover owes two signatures."""

import uuid
from datetime import time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from checklists.models import HandoverSignature, Run, Schedule
from checklists.services import open_due_runs, publish_checklist, start_run
from duties.models import Duty
from kernel import clock
from kernel.errors import Conflict, NotAllowed
from people.actor import Actor
from people.models import Roster
from tests.cast import Cast
from tests.checklists.conftest import MORNING, make_content, two


def test_tick_twice_opens_once(schedule: Schedule) -> None:
    assert [open_due_runs(clock.now()), open_due_runs(clock.now())] == [1, 0]


def test_a_shift_that_begins_with_many_checks_opens_them_together(cast: Cast, schedule: Schedule) -> None:
    asked = []
    for opens in ([time(8, 1), time(8, 2)], [time(8, minute) for minute in range(10, 25)]):
        same = {name: getattr(schedule, name) for name in ("checklist", "site", "shop", "shift", "due", "closes")}
        Schedule.objects.bulk_create([Schedule(opens=at, **same) for at in opens])
        with CaptureQueriesContext(connection) as statements:
            open_due_runs(clock.now())
        asked.append(len(statements))
    assert Run.objects.count() == 18 == Duty.objects.filter(kind=Duty.Kind.RUN, subject_id__gt=0).count()
    assert asked[1] <= asked[0]


def test_run_belongs_to_the_rostered_lead_until_claimed(cast: Cast, schedule: Schedule) -> None:
    Roster.objects.create(employee=cast.wang, day=MORNING.date(), shift=cast.day_shift)
    open_due_runs(clock.now())
    duty = Run.objects.get().duty
    assert (duty.assignee, duty.is_claimable, duty.kind) == (cast.wang, True, Duty.Kind.RUN)
    assert duty.subject_id == Run.objects.get().pk


def test_without_roster_the_manager_owes_it(cast: Cast, run: Run) -> None:
    assert run.duty.assignee == cast.li


@pytest.mark.parametrize("hours", [-1, 4])
def test_nothing_opens_before_its_time_or_after_its_close(schedule: Schedule, morning: Any, hours: int) -> None:
    morning.shift(timedelta(hours=hours))
    assert open_due_runs(clock.now()) == 0


def test_nothing_opens_on_other_weekdays(schedule: Schedule) -> None:
    Schedule.objects.update(weekdays="12")  # the 11th is a Wednesday
    assert open_due_runs(clock.now()) == 0


def test_night_shift_opens_after_midnight_for_the_day_it_began(cast: Cast, schedule: Schedule, morning: Any) -> None:
    Schedule.objects.update(shift=cast.night_shift, opens="00:30", due="01:00", closes=None)
    morning.move_to(MORNING.replace(hour=0, minute=40))
    assert open_due_runs(clock.now()) == 1
    assert Run.objects.get().day == MORNING.date() - timedelta(days=1)


def test_run_keeps_its_version_when_a_newer_one_comes(run: Run) -> None:
    publish_checklist(slug="morning", content=make_content(title=two("新", "New")), actor=Actor.system("command"))
    assert Run.objects.get(pk=run.pk).version.number == 1


def test_lead_starts_a_run_once(cast: Cast, schedule: Schedule) -> None:
    options: dict[str, Any] = {
        "checklist": schedule.checklist,
        "site": cast.site,
        "shop": None,
        "shift": None,
        "due_at": clock.now() + timedelta(hours=1),
        "client_id": uuid.uuid4(),
    }
    first = start_run(actor=Actor.of(cast.wang), **options)
    assert start_run(actor=Actor.of(cast.wang), **options) == first
    with pytest.raises(Conflict):
        start_run(actor=Actor.of(cast.sun), **{**options, "site": cast.other_site})
    with pytest.raises(NotAllowed):
        start_run(actor=Actor.of(cast.mei), **{**options, "client_id": uuid.uuid4()})


def test_handover_owes_two_signatures(cast: Cast, schedule: Schedule) -> None:
    items = [
        {"slug": "out", "kind": "signature", "signer": "outgoing", "title": two("交班签字", "Outgoing signs")},
        {"slug": "in", "kind": "signature", "signer": "incoming", "title": two("接班签字", "Incoming signs")},
    ]
    publish_checklist(slug="morning", content=make_content(handover=True, items=items), actor=Actor.system("command"))
    Roster.objects.create(employee=cast.wang, day=MORNING.date(), shift=cast.day_shift)
    open_due_runs(clock.now())
    owed = {s.item.signer: s.duty.assignee for s in HandoverSignature.objects.all()}
    assert owed == {"outgoing": cast.wang, "incoming": cast.li}
