"""The clock on two machines at once, and run again after it was killed: each run is made once, each thing told once."""

from datetime import time, timedelta
from functools import partial

import pytest
import time_machine

from checklists.models import HandoverSignature, Run, Schedule
from checklists.services import open_due_runs, publish_checklist
from duties.models import Duty, DutyEvent
from duties.services import beat
from duties.ticking import close_missed_duties, escalate_duties
from notifications.models import Notice
from people.actor import Actor
from people.services import tell_memberships
from records.models import Fact
from tests.cast import Cast
from tests.checklists.conftest import MORNING
from tests.checklists.test_clock import handover
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def make_schedules(cast: Cast) -> None:
    version = publish_checklist(slug="handover", content=handover(), actor=Actor.system("command"))
    told = {"site": cast.site, "shift": cast.day_shift, "opens": time(8, 30), "due": time(10), "closes": time(12)}
    for _ in range(3):
        Schedule.objects.create(checklist=version.checklist, **told)


def test_two_clocks_after_an_outage_make_each_run_once(cast: Cast) -> None:
    with time_machine.travel(MORNING - timedelta(days=4), tick=False):
        make_schedules(cast)
        beat("schedules")
    with time_machine.travel(MORNING, tick=False):
        made = at_once(*[partial(open_due_runs, MORNING)] * 3)
        assert sum(made) == 15 and Run.objects.count() == 15  # three of each of five days
        assert HandoverSignature.objects.count() == 30
        assert Duty.objects.count() == 45 and DutyEvent.objects.filter(kind="missed").count() == 36
        assert Notice.objects.filter(key__startswith="clock:").count() == 1  # to the manager
        assert not Schedule.objects.exclude(fault="").exists()


def test_two_clocks_tell_each_thing_once(cast: Cast) -> None:
    with time_machine.travel(MORNING, tick=False):
        make_schedules(cast)
        open_due_runs(MORNING)
    later = MORNING + timedelta(hours=2)
    with time_machine.travel(later, tick=False):
        at_once(*[partial(escalate_duties, later)] * 3)
        assert DutyEvent.objects.filter(kind="escalated").count() == 9
    gone = MORNING + timedelta(hours=4)
    with time_machine.travel(gone, tick=False):
        at_once(*[partial(close_missed_duties, gone)] * 3)
        assert DutyEvent.objects.filter(kind="missed").count() == 9


def test_two_clocks_tell_of_a_role_once(cast: Cast) -> None:
    with time_machine.travel(MORNING, tick=False):
        cast.mei.memberships.update(starts_on=MORNING.date())
        at_once(*[partial(tell_memberships, MORNING)] * 3)
        assert Fact.objects.filter(kind="membership.begun").count() == 1
