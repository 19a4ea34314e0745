"""What is written about people: once per key, sealed without personal data, refused where it should be."""

from datetime import date, timedelta

import pytest

from kernel import clock
from kernel.errors import NotAllowed, Refused
from people.actor import Actor
from people.models import Employee, Membership, Role, Roster, Shop, Site
from people.scope import scope_of
from people.services import (
    NumberTaken,
    add_membership,
    copy_week,
    create_site,
    deactivate_employee,
    edit_employee,
    end_membership,
    hire_employee,
    reactivate_employee,
    reset_password,
    set_roster_day,
)
from people.services.employees import LastAdministrator, OwnAccount
from people.services.memberships import MembershipOverlaps
from people.services.places import CodeTaken
from records.models import Fact, LedgerEntry
from records.selectors import verify_ledger
from tests.cast import Cast

MONDAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _sound_ledger(db: None):
    yield
    assert all(report.is_sound for report in verify_ledger())


def test_hired_person_is_told_to_higher_rooms_and_named_nowhere_in_the_ledger(cast: Cast) -> None:
    employee, password = hire_employee(number="3001", name="吴小燕", actor=Actor.of(cast.sun))
    assert employee.check_password(password)
    assert employee.must_change_password
    assert Fact.objects.get(kind="employee.hired").subject == employee.ref
    sealed = LedgerEntry.objects.get(kind="employee.hired").canonical
    assert "吴小燕" not in sealed
    assert "3001" not in sealed


def test_number_is_taken_once_however_it_is_spelt(cast: Cast) -> None:
    hire_employee(number="w1", name="甲", actor=Actor.system("command"))
    with pytest.raises(NumberTaken):
        hire_employee(number="Ｗ１", name="乙", actor=Actor.system("command"))
    assert Employee.objects.filter(number="W1").count() == 1


def test_edit_seals_what_changed_and_nothing_when_nothing_did(cast: Cast) -> None:
    edit_employee(employee=cast.mei, actor=Actor.of(cast.sun), name="陈小梅", email=cast.mei.email)
    edit_employee(employee=cast.mei, actor=Actor.of(cast.sun), name="陈小梅")
    entry = LedgerEntry.objects.get(kind="employee.changed")
    assert '"changed":["name"]' in entry.canonical
    assert "陈小梅" not in entry.canonical


def test_last_administrator_stays(cast: Cast) -> None:
    with pytest.raises(LastAdministrator):
        edit_employee(employee=cast.sun, actor=Actor.of(cast.sun), is_administrator=False)
    with pytest.raises(OwnAccount):
        deactivate_employee(employee=cast.sun, actor=Actor.of(cast.sun))


def test_deactivated_person_is_out_at_once_and_for_good(cast: Cast, sign_in) -> None:
    client = sign_in(cast.mei)
    Roster.objects.create(employee=cast.mei, day=clock.today("Asia/Shanghai") + timedelta(days=1), is_leave=True)
    for _ in range(2):
        deactivate_employee(employee=cast.mei, actor=Actor.of(cast.sun))
    assert client.get("/").status_code == 302
    assert Membership.objects.get(employee=cast.mei).ends_on == clock.today("Asia/Shanghai")
    assert not Roster.objects.filter(employee=cast.mei).exists()
    assert LedgerEntry.objects.filter(kind="employee.left").count() == 1
    row, password = reactivate_employee(employee=cast.mei, actor=Actor.of(cast.sun))
    assert password is not None
    assert row.check_password(password)
    assert client.get("/").status_code == 302  # the session of before does not revive
    assert reactivate_employee(employee=cast.mei, actor=Actor.of(cast.sun))[1] is None


def test_membership_that_has_not_begun_is_dropped_when_a_person_leaves(cast: Cast) -> None:
    later = clock.today("Asia/Shanghai") + timedelta(days=10)
    add_membership(employee=cast.mei, role=Role.LEAD, site=cast.site, starts_on=later, actor=Actor.of(cast.sun))
    deactivate_employee(employee=cast.mei, actor=Actor.of(cast.sun))
    assert not Membership.objects.filter(employee=cast.mei, role=Role.LEAD).exists()


def test_password_of_somebody_who_left_is_not_reset(cast: Cast) -> None:
    deactivate_employee(employee=cast.mei, actor=Actor.of(cast.sun))
    with pytest.raises(Refused):
        reset_password(employee=cast.mei, actor=Actor.of(cast.sun))


def test_same_role_again_is_the_first_and_an_overlap_is_refused(cast: Cast) -> None:
    told = {"employee": cast.mei, "role": Role.LEAD, "shop": cast.shop, "actor": Actor.of(cast.sun)}
    first = add_membership(**told, starts_on=MONDAY)
    assert add_membership(**told, starts_on=MONDAY) == first
    with pytest.raises(MembershipOverlaps):
        add_membership(**told, starts_on=MONDAY + timedelta(days=3))
    assert Fact.objects.filter(kind="membership.changed").count() == 1


@pytest.mark.parametrize("places", [{}, {"site": True, "shop": True}])
def test_role_needs_a_site_or_a_shop(cast: Cast, places: dict) -> None:
    at = {noun: getattr(cast, noun) for noun in places}
    with pytest.raises(Refused):
        add_membership(employee=cast.mei, role=Role.LEAD, starts_on=MONDAY, actor=Actor.of(cast.sun), **at)


def test_team_of_another_site_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused):
        add_membership(
            employee=cast.chen,
            role=Role.LEAD,
            site=cast.other_site,
            team=cast.team,
            starts_on=MONDAY,
            actor=Actor.system("command"),
        )


def test_ended_role_still_counts_on_its_last_day(cast: Cast) -> None:
    today = clock.today("Asia/Shanghai")
    row = Membership.objects.get(employee=cast.mei)
    for _ in range(2):
        end_membership(membership=row, on=today, actor=Actor.of(cast.sun))
    assert scope_of(cast.mei).site_ids() == {cast.site.pk}
    assert scope_of(cast.mei, clock.now() + timedelta(days=1)).site_ids() == frozenset()
    assert LedgerEntry.objects.filter(kind="membership.changed").count() == 1


def test_role_cannot_end_before_it_began(cast: Cast) -> None:
    with pytest.raises(Refused):
        end_membership(
            membership=Membership.objects.get(employee=cast.mei), on=date(2020, 1, 1), actor=Actor.of(cast.sun)
        )


def test_code_of_a_site_is_taken_once(cast: Cast) -> None:
    with pytest.raises(CodeTaken):
        create_site(code=cast.site.code, name="again", actor=Actor.system("command"))


@pytest.mark.parametrize("who", ["wang", "li", "sun"])
def test_lead_manager_and_administrator_roster_a_day(cast: Cast, who: str) -> None:
    by = getattr(cast, who)
    told = {"team": cast.team, "employee": cast.mei, "day": MONDAY, "actor": Actor.of(by)}
    set_roster_day(**told, shift=cast.day_shift, is_leave=False)
    set_roster_day(**told, shift=cast.day_shift, is_leave=False)
    assert LedgerEntry.objects.filter(kind="roster.changed").count() == 1
    set_roster_day(**told, shift=None, is_leave=True)
    assert Roster.objects.get(employee=cast.mei).is_leave
    set_roster_day(**told, shift=None, is_leave=False)
    assert not Roster.objects.exists()


@pytest.mark.parametrize("who", ["mei", "zhao", "chen"])
def test_others_roster_nobody(cast: Cast, who: str) -> None:
    by = getattr(cast, who)
    with pytest.raises(NotAllowed):
        set_roster_day(team=cast.team, employee=cast.mei, day=MONDAY, shift=None, is_leave=True, actor=Actor.of(by))


def test_person_of_another_team_is_not_rostered(cast: Cast) -> None:
    with pytest.raises(Refused):
        set_roster_day(
            team=cast.team, employee=cast.chen, day=MONDAY, shift=None, is_leave=True, actor=Actor.of(cast.wang),
            )  # fmt: skip


def test_week_is_copied_where_nothing_is_said_and_leave_is_not(cast: Cast) -> None:
    before = MONDAY - timedelta(days=7)
    Roster.objects.create(employee=cast.mei, day=before, shift=cast.day_shift)
    Roster.objects.create(employee=cast.mei, day=before + timedelta(days=1), is_leave=True)
    Roster.objects.create(employee=cast.wang, day=before, shift=cast.day_shift)
    Roster.objects.create(employee=cast.wang, day=MONDAY, is_leave=True)
    told = {"team": cast.team, "monday": MONDAY, "actor": Actor.of(cast.wang)}
    assert copy_week(**told) == 1
    assert copy_week(**told) == 0
    assert Roster.objects.get(employee=cast.mei, day=MONDAY).shift == cast.day_shift


def test_everything_an_administrator_reaches_survives_an_or(cast: Cast) -> None:
    reached = Shop.objects.filter(scope_of(cast.sun).at_sites() | scope_of(cast.mei).at_sites())
    assert reached.count() == 2
    assert Site.objects.filter(scope_of(cast.sun).at_sites("pk") & scope_of(cast.chen).at_sites("pk")).count() == 1
