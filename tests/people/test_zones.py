"""A site lives by its own clock: whose role holds, which shift runs, who is away, also when the clocks change."""

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from config import env
from duties.ticking import remind_duties
from people.actor import Actor
from people.models import Employee, Membership, Role, Roster, Shift, Site, Team
from people.scope import scope_of
from people.selectors import leads_at, leads_of, managers_of, off_shift, running_day, working_at
from people.services import deactivate_employee, end_membership
from tests.cast import SINCE, Cast, make_employee, signed_in
from tests.duties.drafts import owe

BERLIN = ZoneInfo("Europe/Berlin")
ROOT = Path(settings.BASE_DIR)
LATE_EVENING = datetime(2026, 11, 23, 23, 30, tzinfo=BERLIN)  # 06:30 of the 24th in Hangzhou
SPRING, AUTUMN = date(2026, 3, 28), date(2026, 10, 24)  # a night shift that begins there meets the change of clocks


@pytest.fixture
def berlin(cast: Cast) -> Site:
    return Site.objects.create(code="berlin", name="柏林仓", zone="Europe/Berlin")


@pytest.fixture
def night(berlin: Site) -> Shift:
    return Shift.objects.create(site=berlin, name="Nacht", starts=time(22), ends=time(6))


@pytest.fixture
def anna(berlin: Site) -> Employee:
    """Works in Berlin until the end of 23 November."""
    person = make_employee("3001", "Anna")
    team = Team.objects.create(site=berlin, name="Nacht")
    Membership.objects.create(
        employee=person, role=Role.LEAD, site=berlin, team=team, starts_on=SINCE, ends_on=date(2026, 11, 23)
    )
    return person


@pytest.mark.parametrize(("hours", "holds"), [(0, True), (0.4, True), (0.6, False)])
def test_role_holds_until_the_midnight_of_its_own_site(cast: Cast, berlin: Site, anna: Employee, hours, holds) -> None:
    with time_machine.travel(LATE_EVENING + timedelta(hours=hours), tick=False):
        at = LATE_EVENING + timedelta(hours=hours)
        team = Team.objects.get(site=berlin)
        assert (scope_of(anna).site_ids() == {berlin.pk}) is holds
        assert (anna in leads_at(berlin.pk, at)) is holds and (anna in leads_of(team.pk, at)) is holds
        assert working_at(berlin.pk).contains(anna) is holds
        assert Membership.objects.at(at).filter(employee=anna).exists() is holds


def test_role_begins_with_the_day_of_its_own_site(cast: Cast, berlin: Site) -> None:
    new = make_employee("3002", "Ben")
    for site in (berlin, cast.site):
        Membership.objects.create(employee=new, role=Role.MANAGER, site=site, starts_on=date(2026, 11, 24))
    with time_machine.travel(LATE_EVENING, tick=False):
        assert scope_of(new).site_ids() == {cast.site.pk}
        assert new not in managers_of(berlin.pk, LATE_EVENING) and new in managers_of(cast.site.pk, LATE_EVENING)


def test_manager_of_two_zones_sees_the_people_of_both_by_their_own_day(
    cast: Cast, berlin: Site, anna: Employee
) -> None:
    Membership.objects.create(employee=cast.li, role=Role.MANAGER, site=berlin, starts_on=SINCE)
    with time_machine.travel(LATE_EVENING, tick=False):
        seen = Employee.objects.filter(scope_of(cast.li).employees())
        assert seen.contains(anna) and seen.contains(cast.mei)
    with time_machine.travel(LATE_EVENING + timedelta(hours=1), tick=False):
        assert not Employee.objects.filter(scope_of(cast.li).employees()).contains(anna)


def test_viewers_zone_is_that_of_their_home_and_the_companys_without_one(
    cast: Cast, berlin: Site, anna: Employee, settings
) -> None:
    with time_machine.travel(LATE_EVENING, tick=False):
        assert (scope_of(anna).zone, scope_of(cast.mei).zone) == ("Europe/Berlin", "Asia/Shanghai")
        settings.TIME_ZONE = "America/New_York"
        assert scope_of(cast.sun).zone == "America/New_York"


def test_whoever_leaves_leaves_each_site_on_its_own_day(cast: Cast, berlin: Site) -> None:
    person = make_employee("3003", "Clara")
    for site in (berlin, cast.site):
        Membership.objects.create(employee=person, role=Role.EMPLOYEE, site=site, starts_on=SINCE)
    with time_machine.travel(LATE_EVENING, tick=False):
        deactivate_employee(employee=person, actor=Actor.of(cast.sun))
    ended = dict(Membership.objects.filter(employee=person).values_list("site__code", "ends_on"))
    assert ended == {"berlin": date(2026, 11, 23), "hangzhou": date(2026, 11, 24)}


def test_role_that_ended_two_days_ago_over_there_is_past(cast: Cast, berlin: Site, anna: Employee) -> None:
    row = Membership.objects.get(employee=anna)
    with time_machine.travel(datetime(2026, 11, 24, 23, 0, tzinfo=BERLIN), tick=False):  # the 25th in Hangzhou
        assert end_membership(membership=row, on=date(2026, 11, 30), actor=Actor.of(cast.sun)).ends_on == date(
            2026, 11, 30
        )


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 7), (AUTUMN, 9), (date(2026, 6, 1), 8)])
def test_night_shift_lasts_as_long_as_the_clocks_make_it(night: Shift, day: date, hours: int) -> None:
    start, end = (moment.timestamp() for moment in night.span(day))
    assert (end - start) / 3600 == hours


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_shift_runs_through_the_change_of_clocks(night: Shift, day: date) -> None:
    start, end = (moment.timestamp() for moment in night.span(day))
    for seconds in range(int(start), int(end), 1800):
        assert running_day(night, datetime.fromtimestamp(seconds, ZoneInfo("UTC"))) == day
    assert running_day(night, datetime.fromtimestamp(end, ZoneInfo("UTC"))) is None


def test_nobody_is_reminded_outside_the_hours_of_their_own_site(
    cast: Cast, berlin: Site, night: Shift, anna: Employee
) -> None:
    Roster.objects.create(employee=anna, day=date(2026, 11, 23), shift=night)
    soon = {"site": berlin, "assignee": anna, "title": {"zh": "交接", "en": "Handover"}}
    evening, noon = LATE_EVENING, LATE_EVENING.replace(hour=12)
    assert (off_shift([anna.pk], evening), off_shift([anna.pk], noon)) == (set(), {anna.pk})
    for at, told in ((noon, 0), (evening, 1)):
        with time_machine.travel(at, tick=False):
            owe(cast, f"at {at}", due_at=at + timedelta(minutes=10), **soon)
            assert remind_duties(at) == told


def test_leave_is_of_the_sites_day(cast: Cast, berlin: Site, anna: Employee) -> None:
    Roster.objects.create(employee=anna, day=date(2026, 11, 23), is_leave=True)
    with time_machine.travel(LATE_EVENING, tick=False):
        owe(cast, "k", site=berlin, assignee=anna, due_at=LATE_EVENING + timedelta(minutes=10))
        assert remind_duties(LATE_EVENING) == 0
    with time_machine.travel(LATE_EVENING + timedelta(hours=1), tick=False):
        owe(cast, "l", site=berlin, assignee=anna, due_at=LATE_EVENING + timedelta(minutes=70))
        assert remind_duties(LATE_EVENING + timedelta(hours=1)) == 1


def test_new_site_has_the_companys_zone_unless_told(cast: Cast, settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    call_command("create_site", code="x", name="X", verbosity=0)
    assert Site.objects.get(code="x").zone == Site(code="y").zone == "Europe/Berlin"


def test_company_zone_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANY_ZONE", "Shanghai")
    with pytest.raises(ImproperlyConfigured, match="Shanghai"):
        env.zone("COMPANY_ZONE", "Asia/Shanghai")


def test_page_shows_a_persons_moments_by_the_clock_of_their_home(cast: Cast, berlin: Site, anna: Employee) -> None:
    with time_machine.travel(LATE_EVENING.replace(hour=9), tick=False):
        owe(cast, "k", site=berlin, assignee=anna, due_at=LATE_EVENING.replace(hour=11, minute=20))
        assert "11:20" in signed_in(anna).get("/").content.decode()


def test_page_of_a_site_over_there_tells_by_its_clock_and_says_so(cast: Cast, berlin: Site, anna: Employee) -> None:
    Membership.objects.create(employee=cast.li, role=Role.MANAGER, site=berlin, starts_on=SINCE)
    with time_machine.travel(LATE_EVENING.replace(hour=9), tick=False):
        duty = owe(cast, "k", site=berlin, assignee=anna, due_at=LATE_EVENING.replace(hour=11, minute=20))
        page = f"/duties/{duty.pk}/record/"
        assert "11:20 (Berlin)" in signed_in(cast.li).get(page).content.decode()
        near = signed_in(anna).get(page).content.decode()
        assert "11:20" in near and "(Berlin)" not in near


@pytest.mark.parametrize("day", ["2026-11-23", "2026-10-25", "2026-03-29"])  # the last two of 25 and of 23 hours
def test_days_of_the_matrix_are_those_of_the_site(cast: Cast, berlin: Site, day: str) -> None:
    Membership.objects.create(employee=cast.li, role=Role.MANAGER, site=berlin, starts_on=SINCE)
    midnight = datetime.fromisoformat(day).replace(tzinfo=BERLIN)
    for n, due_at in enumerate([midnight, midnight.replace(hour=23, minute=59), midnight + timedelta(days=1)]):
        with time_machine.travel(due_at - timedelta(hours=1), tick=False):
            owe(cast, f"{n}", site=berlin, due_at=due_at)
    Membership.objects.create(employee=cast.mei, role=Role.EMPLOYEE, site=berlin, starts_on=SINCE)
    with time_machine.travel(datetime(2026, 12, 1, 12, tzinfo=BERLIN), tick=False):
        asked = {"site": berlin.pk, "start": day, "end": day}
        page = signed_in(cast.li).get("/compliance/", asked)
        counts = [cell.overdue for row in page.context["rows"] for cell in row.cells]
    assert sum(counts) == 2


def test_reversed_period_of_the_matrix_is_told(cast: Cast) -> None:
    page = signed_in(cast.li).get("/compliance/", {"start": "2026-11-23", "end": "2026-11-22"})
    assert page.context["form"].errors["end"]


def test_no_code_takes_a_zone_for_granted() -> None:
    """Named once, as what the environment may change; else where Chinese platforms write it, and of the demo."""
    allowed = {"config/settings.py", "orders/readers/cells.py", "starter/demo/company.py", "starter/demo/files.py"}
    found = set()
    for path in ROOT.rglob("*.py"):
        place = path.relative_to(ROOT)
        if place.parts[0] in ("tests", "bench", "tools", ".venv", "node_modules") or "migrations" in place.parts:
            continue
        if re.search(r"\"Asia/Shanghai\"|timezone\.local|\.today\(\)", path.read_text("utf-8")):
            found.add(str(place))
    assert found <= allowed | {"kernel/templatetags/shipshape.py", "kernel/clock.py", "duties/selectors.py"}
