"""Duties: made once, settled one way, handed over, put off; the tick says each thing once."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine

from duties.models import Duty, DutyEvent
from duties.services import (
    AlreadySettled,
    DutyDraft,
    complete_duty,
    let_go,
    open_duties,
    reassign_duty,
    reopen_duty,
    waive_duty,
)
from duties.ticking import close_missed_duties, escalate_duties, remind_duties, spare_absent
from kernel.errors import NotAllowed
from notifications.models import Notice
from people.actor import Actor
from people.models import Employee, Roster, Shift, Site
from tests.cast import Cast
from tests.duties.drafts import owe

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Monday
DAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def kinds(duty: Duty) -> list[str]:
    return list(duty.events.order_by("id").values_list("kind", flat=True))


def test_duty_of_one_key_is_made_once(cast: Cast) -> None:
    assert owe(cast, "k").pk == owe(cast, "k").pk
    assert DutyEvent.objects.count() == 1


def test_drafts_of_one_key_in_one_call_make_one_duty(cast: Cast) -> None:
    draft = DutyDraft(
        key="k", obligation="case", kind=Duty.Kind.CASE, subject_id=1, title={"zh": "单"}, site=cast.site,
        due_at=NOON, opens_at=NOON, assignee=cast.mei,
    )  # fmt: skip
    assert len(open_duties([draft, draft], actor=Actor.system("command"))) == 1
    assert open_duties([draft], actor=Actor.system("command")) == []


def test_done_after_the_due_time_is_late_even_when_marked_missed(cast: Cast) -> None:
    duty = owe(cast, "k", due_at=NOON - timedelta(hours=3), closes_at=NOON - timedelta(hours=1))
    assert close_missed_duties(NOON) == 1
    assert close_missed_duties(NOON) == 0
    complete_duty(duty=duty, actor=Actor.of(cast.mei), at=NOON)
    complete_duty(duty=duty, actor=Actor.of(cast.wang), at=NOON)
    duty.refresh_from_db()
    assert (duty.status(NOON), duty.completed_by) == ("late", cast.mei)
    assert kinds(duty) == ["opened", "missed", "completed"]


def test_reopened_duty_is_owed_and_reminded_again(cast: Cast) -> None:
    duty = owe(cast, "k", due_at=NOON + timedelta(minutes=5))
    assert remind_duties(NOON) == 1
    complete_duty(duty=duty, actor=Actor.of(cast.mei), at=NOON)
    reopen_duty(duty=duty, actor=Actor.of(cast.wang), due_at=NOON + timedelta(minutes=10), note="photo missing")
    assert remind_duties(NOON) == 1
    assert Notice.objects.filter(recipient=cast.mei).count() == 2


@pytest.mark.parametrize("who", ["mei", "zhao", "chen"])
def test_only_a_lead_or_manager_of_the_site_waives_or_reassigns(cast: Cast, who: str) -> None:
    duty, viewer = owe(cast, "k"), getattr(cast, who)
    with pytest.raises(NotAllowed):
        waive_duty(duty=duty, actor=Actor.of(viewer), reason="no")
    with pytest.raises(NotAllowed):
        reassign_duty(duty=duty, to=cast.wang, actor=Actor.of(viewer))


def test_waived_duty_cannot_be_waived_again(cast: Cast) -> None:
    duty = owe(cast, "k")
    waive_duty(duty=duty, actor=Actor.of(cast.wang), reason="printer away")
    with pytest.raises(AlreadySettled):
        waive_duty(duty=duty, actor=Actor.of(cast.wang), reason="again")


def test_reminder_comes_once_and_near_the_end(cast: Cast) -> None:
    owe(cast, "far", opens_at=NOON - timedelta(hours=1), due_at=NOON + timedelta(hours=8))
    near = owe(cast, "near", opens_at=NOON - timedelta(hours=4), due_at=NOON + timedelta(hours=1))
    assert remind_duties(NOON) == 1
    assert remind_duties(NOON) == 0
    assert Notice.objects.get().path == f"/duties/{near.pk}/"


def test_nobody_is_reminded_off_shift(cast: Cast) -> None:
    owe(cast, "near", due_at=NOON + timedelta(minutes=10))
    row = Roster.objects.create(employee=cast.mei, day=DAY, shift=cast.night_shift)
    assert remind_duties(NOON) == 0
    Roster.objects.filter(pk=row.pk).update(shift=cast.day_shift)
    assert remind_duties(NOON) == 1


@pytest.mark.parametrize("step", [remind_duties, escalate_duties])
def test_tick_takes_as_many_statements_for_thirty_as_for_three(cast: Cast, statements, step) -> None:
    spent = []
    for count in (3, 30):
        for n in range(count):
            near, late = timedelta(minutes=5), -timedelta(hours=2)
            owe(cast, f"{count}:{n}", team=cast.team, due_at=NOON + (near if step is remind_duties else late))
        with statements() as used:
            assert step(NOON) == count
        spent.append(used())
    assert spent[0] == spent[1]


def test_overdue_is_told_to_the_teams_lead_once(cast: Cast) -> None:
    owe(cast, "late", team=cast.team, due_at=NOON - timedelta(hours=2))
    owe(cast, "teamless", due_at=NOON - timedelta(hours=2))
    assert escalate_duties(NOON) == 2
    assert escalate_duties(NOON) == 0
    assert {n.recipient_id for n in Notice.objects.all()} == {cast.wang.pk, cast.li.pk}


def test_what_the_absent_owe_alone_is_put_off_by_a_day(cast: Cast) -> None:
    duty = owe(cast, "k", due_at=NOON + timedelta(minutes=30), closes_at=NOON + timedelta(hours=1))
    Roster.objects.create(employee=cast.mei, day=DAY, is_leave=True)
    assert spare_absent(NOON) == 1
    assert spare_absent(NOON) == 0
    duty.refresh_from_db()
    assert duty.due_at == NOON + timedelta(days=1, minutes=30)
    assert close_missed_duties(NOON + timedelta(hours=2)) == 0
    assert kinds(duty) == ["opened", "put_off"]


def test_what_the_shift_of_an_absent_owes_goes_to_its_lead(cast: Cast) -> None:
    duty = owe(cast, "k", shift=cast.day_shift, shift_date=DAY, due_at=NOON + timedelta(minutes=30))
    Roster.objects.create(employee=cast.mei, day=DAY, is_leave=True)
    Roster.objects.create(employee=cast.wang, day=DAY, shift=cast.day_shift)
    assert spare_absent(NOON) == 1
    duty.refresh_from_db()
    assert (duty.assignee, duty.due_at) == (cast.wang, NOON + timedelta(minutes=30))


def test_leave_is_judged_by_the_day_of_the_site(cast: Cast) -> None:
    site = Site.objects.create(code="la", name="洛杉矶仓", zone="America/Los_Angeles")
    Shift.objects.create(site=site, name="D", starts=time(8), ends=time(18))
    owe(cast, "la", site=site, due_at=NOON + timedelta(minutes=5))
    Roster.objects.create(employee=cast.mei, day=date(2026, 11, 22), is_leave=True)  # still Sunday over there
    assert remind_duties(NOON) == 0


def test_what_somebody_who_leaves_owes_goes_to_the_sites_manager(cast: Cast) -> None:
    mine, done = owe(cast, "mine"), owe(cast, "done")
    complete_duty(duty=done, actor=Actor.of(cast.mei), at=NOON)
    assert let_go(employee=cast.mei, actor=Actor.of(cast.sun)) == 1
    mine.refresh_from_db()
    done.refresh_from_db()
    assert (mine.assignee, done.assignee) == (cast.li, cast.mei)
    assert not Employee.objects.get(pk=cast.mei.pk).is_active
    assert let_go(employee=cast.mei, actor=Actor.of(cast.sun)) == 0
