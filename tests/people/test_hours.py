"""Working hours have a length and a direction, and nothing that the product asks for falls due outside of them."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from kernel.errors import Refused
from people.actor import Actor
from people.models import Employee, Membership, Role, Roster, Shift
from people.scope import scope_of
from people.selectors import end_of_work
from people.services import add_membership, end_membership, save_place
from tests.cast import Cast, signed_in

MONDAY = date(2026, 11, 23)


def at(cast: Cast, hours: int, minutes: int = 0, days: int = 0) -> datetime:
    return datetime.combine(MONDAY + timedelta(days=days), time(hours, minutes), cast.site.tz)


# --- a shift of no length, a reversed period


def test_shift_of_no_length_is_refused_at_its_field(cast: Cast) -> None:
    sent = {"site": cast.site.pk, "name": "中班", "starts": "09:00", "ends": "09:00", "is_active": "on"}
    page = signed_in(cast.sun).post("/admin/shift/new/", sent)
    assert page.status_code == 422 and page.context["form"].errors["ends"]
    assert not Shift.objects.filter(name="中班").exists()


def test_shift_of_no_length_is_refused_by_service_and_database(cast: Cast) -> None:
    with pytest.raises(Refused):
        save_place(place=Shift(site=cast.site, name="中班", starts=time(9), ends=time(9)), actor=Actor.of(cast.sun))
    with pytest.raises(IntegrityError), transaction.atomic():
        Shift.objects.create(site=cast.site, name="中班", starts=time(9), ends=time(9))


def test_role_that_ends_before_it_starts_is_refused_at_its_field(cast: Cast) -> None:
    sent = {"role": "lead", "place": f"site:{cast.site.pk}", "starts_on": "2026-11-23", "ends_on": "2026-11-22"}
    page = signed_in(cast.sun).post(f"/employees/{cast.mei.pk}/role/", sent)
    assert page.status_code == 422 and page.context["form"].errors["ends_on"]
    row = Membership.objects.get(employee=cast.mei)
    page = signed_in(cast.sun).post(f"/memberships/{row.pk}/end/", {"on": "2020-01-01"})
    assert page.status_code == 422 and page.context["form"].errors["on"]


def test_role_that_ends_before_it_starts_is_refused_by_service_and_database(cast: Cast) -> None:
    told: dict[str, Any] = {"employee": cast.mei, "role": Role.LEAD, "site": cast.site, "starts_on": MONDAY}
    with pytest.raises(Refused):
        add_membership(ends_on=MONDAY - timedelta(days=1), actor=Actor.of(cast.sun), **told)
    with pytest.raises(Refused):
        end_membership(
            membership=Membership.objects.get(employee=cast.mei), on=date(2020, 1, 1), actor=Actor.of(cast.sun)
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(ends_on=MONDAY - timedelta(days=1), **told)


# --- by when somebody can do a thing


def ends(cast: Cast, moment: datetime, employee: Employee | None, shift: Shift | None) -> datetime:
    return end_of_work(site=cast.site, at=moment, employee=employee, shift=shift)


def test_what_comes_up_in_a_shift_is_wanted_by_its_end(cast: Cast) -> None:
    assert ends(cast, at(cast, 10), cast.li, cast.day_shift) == at(cast, 18)


def test_what_comes_up_late_in_a_shift_is_wanted_by_the_end_of_the_next(cast: Cast) -> None:
    assert ends(cast, at(cast, 16, 47), cast.li, cast.day_shift) == at(cast, 18, days=1)
    assert ends(cast, at(cast, 16, 47), None, cast.night_shift) == at(cast, 2, days=1)


def test_roster_says_when_somebody_works(cast: Cast) -> None:
    Roster.objects.create(employee=cast.wang, day=MONDAY + timedelta(days=2), shift=cast.day_shift)
    assert ends(cast, at(cast, 10), cast.wang, cast.day_shift) == at(cast, 18, days=2)


def test_nothing_is_wanted_on_a_day_of_leave(cast: Cast) -> None:
    for n in (0, 1):
        Roster.objects.create(employee=cast.li, day=MONDAY + timedelta(days=n), is_leave=True)
    assert ends(cast, at(cast, 10), cast.li, cast.day_shift) == at(cast, 18, days=2)


def test_without_a_shift_any_of_the_sites_will_do_and_without_any_the_evening(cast: Cast) -> None:
    assert ends(cast, at(cast, 10), cast.li, None) == at(cast, 18)
    Shift.objects.update(is_active=False)
    assert ends(cast, at(cast, 19), cast.li, None) == at(cast, 18, days=1)


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 10, 24)])
def test_end_of_work_meets_the_change_of_clocks(cast: Cast, day: date) -> None:
    cast.site.zone = "Europe/Berlin"
    cast.site.save()
    night = Shift.objects.create(site=cast.site, name="Nacht", starts=time(22), ends=time(6))
    begin = datetime.combine(day, time(23), cast.site.tz)
    assert ends(cast, begin, None, night) == datetime.combine(day + timedelta(days=1), time(6), cast.site.tz)


# --- who is asked whether they are here


@pytest.mark.parametrize(
    ("who", "asked"), [("mei", True), ("wang", True), ("li", False), ("zhao", False), ("sun", False)]
)
def test_only_who_works_in_shifts_is_asked_whether_they_are_here(cast: Cast, who: str, asked: bool) -> None:
    with time_machine.travel(at(cast, 10), tick=False):
        client = signed_in(getattr(cast, who))
        for page in ("/", "/me/"):
            assert bool(client.get(page).context["now"].choices) is asked


def test_who_audits_one_site_and_works_at_another_is_asked_there(cast: Cast) -> None:
    with time_machine.travel(at(cast, 10), tick=False):
        Membership.objects.create(employee=cast.zhao, role=Role.EMPLOYEE, site=cast.other_site, starts_on=MONDAY)
        shift = Shift.objects.create(site=cast.other_site, name="白班", starts=time(8), ends=time(18))
        assert scope_of(cast.zhao).home_site_id == cast.site.pk
        assert signed_in(cast.zhao).get("/").context["now"].choices == (shift,)
