"""The clock opens what is due and accuses nobody backwards; what its outage swallowed is told; a bad schedule stops
only itself."""

import uuid
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from checklists.models import ChecklistVersion, HandoverSignature, Run, Schedule
from checklists.services import add_schedule, open_due_runs, pause_schedule, publish_checklist, start_run
from duties.models import Beat, Duty, DutyEvent
from duties.services import beat
from duties.ticking import close_missed_duties
from kernel import clock
from notifications.models import Notice
from people.actor import Actor
from people.models import Membership, Role, Roster, Shift, Site
from people.services import save_place
from tests.cast import SINCE, Cast, make_employee, signed_in
from tests.checklists.conftest import MORNING, make_content, two

AFTERNOON = MORNING.replace(hour=17, minute=4)
A_DAY = timedelta(days=1)


@pytest.fixture
def version(cast: Cast, morning: Any) -> ChecklistVersion:
    return publish_checklist(slug="morning", content=make_content(), actor=Actor.system("command"))


def add(cast: Cast, version: ChecklistVersion, **changes: Any) -> Schedule:
    """The morning's check, from nine to ten, closed at twelve."""
    hours = {"opens": time(9), "due": time(10), "closes": time(12)}
    told = {"site": cast.site, "shop": None, "shift": cast.day_shift, "weekdays": "1234567", "actor": Actor.of(cast.li)}
    whole: dict[str, Any] = {**told, **hours, **changes}
    return add_schedule(checklist=version.checklist, **whole)


def look(traveller: Any, moment: datetime) -> int:
    """The tick's step at a moment."""
    traveller.move_to(moment)
    return open_due_runs(clock.now())


# --- nobody is accused backwards


@pytest.mark.parametrize("closes", [time(12), None])  # None: its time still runs
def test_new_schedule_opens_only_what_begins_after_it(cast: Cast, version: Any, morning: Any, closes: Any) -> None:
    morning.move_to(AFTERNOON)
    schedule = add(cast, version, closes=closes)
    assert look(morning, AFTERNOON + timedelta(minutes=1)) == 0
    assert schedule.next_opening(clock.now()) == MORNING + A_DAY
    assert look(morning, MORNING + A_DAY) == 1
    assert Run.objects.get().day == MORNING.date() + A_DAY


def test_resumed_schedule_opens_only_what_begins_after_that(cast: Cast, version: Any, morning: Any) -> None:
    schedule = add(cast, version, opens=time(9, 30))
    pause_schedule(schedule=schedule, is_active=False, actor=Actor.of(cast.li))
    assert look(morning, MORNING + timedelta(minutes=40)) == 0
    pause_schedule(schedule=schedule, is_active=True, actor=Actor.of(cast.li))
    assert look(morning, MORNING + timedelta(minutes=41)) == 0
    assert look(morning, MORNING + A_DAY + timedelta(hours=1)) == 1


@pytest.mark.parametrize("change", [{"starts": time(7)}, {"is_active": False}])
def test_schedule_of_a_changed_shift_opens_only_what_begins_after_that(
    cast: Cast, version: Any, morning: Any, change: dict[str, Any]
) -> None:
    add(cast, version, opens=time(9, 30))
    morning.move_to(MORNING + timedelta(minutes=45))
    for name, value in change.items():
        before = getattr(cast.day_shift, name)
        setattr(cast.day_shift, name, value)
        save_place(place=cast.day_shift, actor=Actor.of(cast.sun))
    if "is_active" in change:
        setattr(cast.day_shift, name, before)
        save_place(place=cast.day_shift, actor=Actor.of(cast.sun))
    assert look(morning, MORNING + timedelta(minutes=50)) == 0
    assert look(morning, MORNING + A_DAY + timedelta(minutes=50)) == 1


def test_page_says_when_a_new_schedule_opens_first(cast: Cast, version: Any, morning: Any) -> None:
    morning.move_to(AFTERNOON)
    page = f"/checks/lists/{version.checklist_id}/"
    sent = {"shift": cast.day_shift.pk, "weekdays": list("1234567"), "opens": "09:00", "due": "10:00"}
    client = signed_in(cast.li)
    client.cookies["django_language"] = "en"
    told = client.post(page, {**sent, "client_id": uuid.uuid4()}, follow=True).content.decode()
    assert told.count("12 Nov 09:00") == 2  # said once, and standing at the schedule


# --- an outage of the clock


def test_what_an_outage_swallowed_is_missed_with_the_reason(cast: Cast, version: Any, morning: Any) -> None:
    add(cast, version)
    assert look(morning, MORNING) == 1
    assert look(morning, MORNING + 3 * A_DAY + timedelta(hours=1)) == 3  # two went by, the third is open
    gone = list(Run.objects.order_by("day").exclude(missed_because={}))
    assert [run.day.day for run in gone] == [12, 13]
    assert "11-11 09:00 至 11-14 10:00" in gone[0].missed_because["zh"]
    assert all(run.duty.missed_at == clock.now() and run.state_shown(clock.now()) == "missed" for run in gone)
    assert "stood still" in DutyEvent.objects.filter(kind="missed", duty=gone[0].duty).get().note
    assert Run.objects.latest("day").duty.missed_at is None


def test_managers_and_leads_are_told_once_of_all_that_was_swallowed(cast: Cast, version: Any, morning: Any) -> None:
    add(cast, version)
    Roster.objects.create(employee=cast.wang, day=MORNING.date() + A_DAY, shift=cast.day_shift)
    look(morning, MORNING)
    for _ in range(2):
        look(morning, MORNING + 3 * A_DAY)
        close_missed_duties(clock.now())
    told = Notice.objects.filter(key__startswith="clock:")
    assert set(told.values_list("recipient", flat=True)) == {cast.wang.pk, cast.li.pk} and len(told) == 2
    assert "2" in told[0].title["en"]
    assert Notice.objects.filter(key__contains="missed").count() == 1  # of the run that was open on the first day


def test_run_page_says_why_it_was_missed(cast: Cast, version: Any, morning: Any) -> None:
    add(cast, version)
    look(morning, MORNING - timedelta(hours=1))
    look(morning, AFTERNOON)
    page = signed_in(cast.wang).get(f"/checks/{Run.objects.get().pk}/record/").content.decode()
    assert "系统时钟停了：11-11 08:00 至 11-11 17:04" in page


def test_outage_is_made_up_for_at_most_thirty_five_days(cast: Cast, version: Any, morning: Any) -> None:
    add(cast, version)
    look(morning, MORNING)
    assert look(morning, MORNING + 100 * A_DAY) == 36  # with that of today


def test_run_that_an_outage_opened_after_its_deadline_is_not_late_at_once(
    cast: Cast, version: Any, morning: Any
) -> None:
    add(cast, version, closes=time(13))
    look(morning, MORNING - timedelta(hours=1))
    assert look(morning, MORNING + timedelta(hours=2)) == 1
    duty = Run.objects.get().duty
    assert (duty.due_at, duty.closes_at) == (MORNING + timedelta(hours=3), MORNING + timedelta(hours=4))


def test_clock_that_ran_makes_nothing_up(cast: Cast, version: Any, morning: Any) -> None:
    """A slot that was passed over while it was switched off is no fault of anybody."""
    schedule = add(cast, version)
    look(morning, MORNING)
    Run.objects.all().delete()
    Duty.objects.all().delete()
    beat("schedules")
    morning.move_to(AFTERNOON)
    beat("schedules")
    assert open_due_runs(clock.now()) == 0
    assert schedule.next_opening(clock.now()) == MORNING + A_DAY


def test_clock_that_never_looked_goes_by_its_beat_or_the_schedules_beginning(cast, version: Any, morning: Any) -> None:
    add(cast, version)
    morning.move_to(MORNING + 3 * A_DAY)
    Beat.objects.create(name="tick", at=MORNING + 2 * A_DAY + timedelta(hours=5))
    assert open_due_runs(clock.now()) == 1
    Beat.objects.all().delete()
    assert open_due_runs(clock.now()) == 3


def test_outage_swallows_the_signatures_of_a_handover_too(cast: Cast, morning: Any) -> None:
    add(cast, publish_checklist(slug="handover", content=handover(), actor=Actor.system("command")))
    look(morning, MORNING)
    assert look(morning, MORNING + 2 * A_DAY) == 2
    signed = HandoverSignature.objects.filter(run__day=MORNING.date() + A_DAY)
    assert [s.duty.missed_at for s in signed] == [clock.now()] * 2


@pytest.mark.parametrize("days", [3, 30])
def test_long_outage_costs_little_more_than_a_short_one(cast: Cast, morning: Any, statements: Any, days: int) -> None:
    add(cast, publish_checklist(slug="handover", content=handover(), actor=Actor.system("command")))
    look(morning, MORNING)
    with statements() as used:
        look(morning, MORNING + days * A_DAY)
    assert used() <= 45 + 8 * days


# --- a schedule that cannot be opened


def spoil(kind: str, cast: Cast, schedule: Schedule) -> None:
    if kind == "shift":
        Shift.objects.filter(pk=schedule.shift_id).update(is_active=False)
    elif kind == "unpublished":
        ChecklistVersion.objects.filter(checklist=schedule.checklist).delete()
    elif kind == "empty":
        schedule.checklist.versions.get().items.all().delete()
    elif kind == "times":
        Schedule.objects.filter(pk=schedule.pk).update(due=time(8))
    elif kind == "zone":
        Site.objects.filter(pk=schedule.site_id).update(zone="Mars/Base")
    else:
        leave_duty(cast, schedule)


def leave_duty(cast: Cast, schedule: Schedule) -> Duty:
    """What no service leaves behind: the duty of a run that is not there."""
    now, key = clock.now(), f"run:{schedule.pk}:{MORNING:%Y%m%d}"
    told = {"obligation": "x", "kind": "run", "subject_id": 1, "site": cast.site, "opens_at": now, "due_at": now}
    return Duty.objects.create(key=key, **told)


@pytest.fixture
def bad(cast: Cast, morning: Any) -> Schedule:
    """Of another site, so that nothing of it touches the good one; it comes first."""
    shift = Shift.objects.create(site=cast.other_site, name="白班", starts=time(8), ends=time(18))
    version = publish_checklist(
        slug="a-bad-one", content=make_content(title=two("坏的", "Bad")), actor=Actor.system("command")
    )
    return add(cast, version, site=cast.other_site, shift=shift, actor=Actor.of(cast.chen))


@pytest.mark.parametrize("kind", ["shift", "unpublished", "empty", "times", "zone", "leftover"])
def test_schedule_that_cannot_be_opened_stops_no_other_and_is_told(
    cast: Cast, bad: Schedule, version: Any, morning: Any, kind: str
) -> None:
    add(cast, version)
    spoil(kind, cast, bad)
    assert look(morning, MORNING) == 1
    bad.refresh_from_db()
    assert bad.fault == {"zone": "error", "leftover": "error"}.get(kind, kind) and bad.fault_at == clock.now()
    assert look(morning, MORNING + timedelta(minutes=1)) == 0
    if kind != "zone":
        notice = Notice.objects.get()
        assert (notice.recipient, notice.title["en"]) == (cast.chen, "A check cannot be opened by itself: Bad")
        page = signed_in(cast.chen).get(notice.path).content.decode()
        assert "停" in page and "09:00" in page


def test_switched_off_checklist_is_no_fault_that_anybody_is_told_of(cast: Cast, bad: Schedule, morning: Any) -> None:
    bad.checklist.is_active = False
    bad.checklist.save()
    assert look(morning, MORNING) == 0 and not Notice.objects.exists()
    bad.checklist.is_active = True
    bad.checklist.save()
    assert look(morning, MORNING + timedelta(minutes=5)) == 0  # its next slot is tomorrow's
    assert look(morning, MORNING + A_DAY) == 1


def test_what_failed_by_no_fault_of_people_is_missed_with_that_reason(cast: Cast, bad: Schedule, morning: Any) -> None:
    left = leave_duty(cast, bad)
    look(morning, MORNING)
    left.delete()
    assert look(morning, AFTERNOON) == 1
    assert "出错" in Run.objects.get().missed_because["zh"]
    assert Schedule.objects.get(pk=bad.pk).fault == ""


def test_what_was_put_right_counts_from_then_on(cast: Cast, bad: Schedule, morning: Any) -> None:
    spoil("shift", cast, bad)
    look(morning, MORNING)
    Shift.objects.filter(pk=bad.shift_id).update(is_active=True)
    assert look(morning, MORNING + timedelta(minutes=30)) == 0
    assert look(morning, MORNING + A_DAY) == 1


# --- the command


def opened(at: str) -> str:
    out = StringIO()
    call_command("open_due_runs", at=at, stdout=out)
    return out.getvalue().strip()


@pytest.mark.parametrize("at", ["2026-11-12T09:30", "2026-11-12T09:30:00+08:00", "2026-11-12T01:30:00Z"])
def test_command_opens_as_of_a_moment_once(cast: Cast, version: Any, at: str) -> None:
    add(cast, version)
    beat("schedules")
    morning_gone = "missed 1"  # that of today, at nine
    assert opened(at) == f"opened 1, {morning_gone}"
    assert opened(at) == "opened 0, missed 0"
    assert set(Run.objects.values_list("day", flat=True)) == {date(2026, 11, 11), date(2026, 11, 12)}


@pytest.mark.parametrize("at", ["morgen", "2026-13-01", "", "9999-12-31T23:59:59-12:00"])
def test_command_says_how_a_moment_is_written(cast: Cast, at: str) -> None:
    with pytest.raises(CommandError, match="2026-11-23T09:00"):
        opened(at)


def test_command_names_the_schedules_that_cannot_be_opened(cast: Cast, bad: Schedule) -> None:
    spoil("shift", cast, bad)
    told = StringIO()
    call_command("open_due_runs", stdout=StringIO(), stderr=told)
    assert f"schedule {bad.pk} (a-bad-one, yiwu): its shift is switched off" in told.getvalue()


# --- a handover has two leads


def handover() -> dict[str, Any]:
    sides = [("outgoing", two("交班签字", "Outgoing signs")), ("incoming", two("接班签字", "Incoming signs"))]
    items = [{"slug": side, "kind": "signature", "signer": side, "title": title} for side, title in sides]
    return make_content(handover=True, items=items)


def start_handover(cast: Cast, by: Any) -> dict[str, Any]:
    """Who owes which signature of a handover that somebody starts by hand."""
    version = publish_checklist(slug="handover", content=handover(), actor=Actor.system("command"))
    due_at, client_id = clock.now() + timedelta(hours=1), uuid.uuid4()
    place = {"site": cast.site, "shop": None, "shift": None}
    start_run(checklist=version.checklist, actor=Actor.of(by), due_at=due_at, client_id=client_id, **place)
    return {s.item.signer: s.duty.assignee for s in HandoverSignature.objects.select_related("duty__assignee", "item")}


def test_handover_by_hand_is_taken_over_by_the_lead_of_the_next_shift(cast: Cast, morning: Any) -> None:
    zhou = make_employee("1010", "周强")
    Membership.objects.create(employee=zhou, role=Role.LEAD, site=cast.site, team=cast.team, starts_on=SINCE)
    Roster.objects.create(employee=cast.wang, day=MORNING.date(), shift=cast.day_shift)
    Roster.objects.create(employee=zhou, day=MORNING.date(), shift=cast.night_shift)
    morning.move_to(MORNING.replace(hour=18, minute=10))  # the next shift has begun
    assert start_handover(cast, cast.wang) == {"outgoing": cast.wang, "incoming": zhou}


def test_without_a_roster_what_begins_next_takes_over(cast: Cast, morning: Any) -> None:
    assert start_handover(cast, cast.wang) == {"outgoing": cast.wang, "incoming": cast.li}


def test_nobody_owes_both_signatures(cast: Cast, morning: Any) -> None:
    assert start_handover(cast, cast.li) == {"outgoing": cast.li, "incoming": None}
    assert HandoverSignature.objects.get(item__signer="incoming").duty.is_claimable


def test_nobody_owes_both_signatures_of_a_scheduled_handover(cast: Cast, morning: Any) -> None:
    add(cast, publish_checklist(slug="handover", content=handover(), actor=Actor.system("command")))
    look(morning, MORNING)
    owed = {s.item.signer: s.duty.assignee for s in HandoverSignature.objects.all()}
    assert owed == {"outgoing": cast.li, "incoming": None}


# --- the clocks change


@pytest.mark.parametrize(
    ("day", "offsets"), [(date(2026, 3, 28), (1, 2)), (date(2026, 10, 24), (2, 1)), (date(2026, 6, 1), (2, 2))]
)
def test_schedule_of_a_night_shift_keeps_its_clock_times_over_the_change(cast, morning: Any, day, offsets) -> None:
    berlin = Site.objects.create(code="berlin", name="柏林仓", zone="Europe/Berlin")
    night = Shift.objects.create(site=berlin, name="Nacht", starts=time(22), ends=time(6))
    schedule = Schedule(site=berlin, shift=night, opens=time(1, 30), due=time(4), closes=time(5))
    opens, due, closes = (moment.astimezone(berlin.tz) for moment in schedule.moments(day))
    assert (opens.hour, opens.minute, due.hour, closes.hour) == (1, 30, 4, 5)
    assert tuple(moment.utcoffset() for moment in (opens, due)) == tuple(timedelta(hours=n) for n in offsets)


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 10, 24)])
def test_night_of_the_change_has_one_run(cast: Cast, version: Any, morning: Any, day: date) -> None:
    berlin = Site.objects.create(code="berlin", name="柏林仓", zone="Europe/Berlin")
    night = Shift.objects.create(site=berlin, name="Nacht", starts=time(22), ends=time(6))
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=berlin.tz)
    with time_machine.travel(moment, tick=False) as traveller:
        told = {"opens": time(2, 30), "due": time(4), "closes": None, "site": berlin, "shift": night}
        Schedule.objects.create(checklist=version.checklist, begins_at=clock.now(), **told)
        made = [look(traveller, moment + timedelta(minutes=30 * n)) for n in range(40)]
    assert sum(made) == 1
    assert Run.objects.get().day == day
