"""The pages on people and places, by role."""

from datetime import timedelta

import pytest

from kernel import clock
from people.models import Employee, Membership, Shift, Shop, Site, Team
from tests.cast import PASSWORD, Cast, make_member

ADMINISTRATORS_ONLY = ["/admin/", "/admin/site/new/", "/employees/new/"]


@pytest.mark.parametrize("path", ADMINISTRATORS_ONLY)
@pytest.mark.parametrize("who", ["mei", "wang", "li", "zhao", "chen"])
def test_administration_is_for_administrators(cast: Cast, sign_in, who: str, path: str) -> None:
    assert sign_in(getattr(cast, who)).get(path).status_code == 403


@pytest.mark.parametrize("path", [*ADMINISTRATORS_ONLY, "/employees/", "/roster/", "/admin/shift/new/"])
def test_administrator_opens_every_page(cast: Cast, sign_in, path: str) -> None:
    assert sign_in(cast.sun).get(path, follow=True).status_code == 200


@pytest.mark.parametrize(("who", "seen"), [("sun", 6), ("li", 4), ("zhao", 4), ("chen", 1)])
def test_list_shows_the_people_of_ones_own_sites(cast: Cast, sign_in, who: str, seen: int) -> None:
    assert sign_in(getattr(cast, who)).get("/employees/").context["page"].paginator.count == seen


@pytest.mark.parametrize("who", ["mei", "wang"])
def test_list_of_people_is_for_managers(cast: Cast, sign_in, who: str) -> None:
    assert sign_in(getattr(cast, who)).get("/employees/").status_code == 403


def test_person_of_another_site_is_not_found(cast: Cast, sign_in) -> None:
    assert sign_in(cast.chen).get(f"/employees/{cast.mei.pk}/").status_code == 404
    assert sign_in(cast.li).get(f"/employees/{cast.mei.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("asked", "found"),
    [("q=10", 5), ("q=１００１", 1), ("q=陈", 2), ("q=梅", 1), ("q=%", 0), ("role=lead", 1), ("state=left", 0)],
)
def test_search_by_number_or_name(cast: Cast, sign_in, asked: str, found: int) -> None:
    assert sign_in(cast.sun).get(f"/employees/?{asked}").context["page"].paginator.count == found


@pytest.mark.parametrize("count", [3, 30])
def test_list_takes_few_statements_however_long(cast: Cast, sign_in, statements, count: int) -> None:
    for n in range(count):
        make_member(cast, n)
    client = sign_in(cast.sun)
    with statements() as spent:
        assert client.get("/employees/").status_code == 200
    assert spent() == 7  # session, employee, memberships; sites, count, people, their roles


def test_new_persons_password_is_shown_once_and_works(cast: Cast, sign_in, client) -> None:
    told = {"number": "3001", "name": "吴小燕", "language": "zh-hans"}
    page = sign_in(cast.sun).post("/employees/new/", told)
    assert page.headers["Cache-Control"] == "no-store, private"
    signed = client.post("/sign-in/", {"username": "3001", "password": page.context["password"]})
    assert signed.status_code == 302
    assert sign_in(cast.sun).post("/employees/new/", told).status_code == 409


def test_person_is_edited_and_given_a_role(cast: Cast, sign_in) -> None:
    client, today = sign_in(cast.sun), clock.today("Asia/Shanghai")
    client.post(f"/employees/{cast.mei.pk}/edit/", {"number": "1001", "name": "陈小梅", "language": "en"})
    role = {"role": "lead", "place": f"shop:{cast.other_shop.pk}", "starts_on": today.isoformat()}
    assert client.post(f"/employees/{cast.mei.pk}/role/", role).status_code == 302
    row = Membership.objects.get(employee=cast.mei, shop=cast.other_shop)
    assert client.post(f"/memberships/{row.pk}/end/", {"on": "2020-01-01"}).status_code == 422
    assert client.post(f"/memberships/{row.pk}/end/", {"on": today.isoformat()}).status_code == 302
    assert Employee.objects.get(pk=cast.mei.pk).name == "陈小梅"


def test_password_is_reset_and_a_person_brought_back(cast: Cast, sign_in, client) -> None:
    admin = sign_in(cast.sun)
    page = admin.post(f"/employees/{cast.mei.pk}/password/")
    assert client.post("/sign-in/", {"username": "1001", "password": PASSWORD}).status_code == 422
    assert client.post("/sign-in/", {"username": "1001", "password": page.context["password"]}).status_code == 302
    admin.post(f"/employees/{cast.mei.pk}/leave/")
    assert admin.post(f"/employees/{cast.mei.pk}/reactivate/").status_code == 200
    assert Employee.objects.get(pk=cast.mei.pk).is_active


@pytest.mark.parametrize("action", ["password", "reactivate", "role", "edit"])
@pytest.mark.parametrize("who", ["mei", "wang", "li", "zhao", "chen"])
def test_others_change_nobody(cast: Cast, sign_in, who: str, action: str) -> None:
    assert sign_in(getattr(cast, who)).post(f"/employees/{cast.mei.pk}/{action}/").status_code == 403


def test_places_are_made_and_changed(cast: Cast, sign_in) -> None:
    client = sign_in(cast.sun)
    site = {"name": "苏州仓", "code": "suzhou", "zone": "Asia/Shanghai", "is_active": "on"}
    assert client.post("/admin/site/new/", {**site, "zone": "Mars"}).status_code == 422
    assert client.post("/admin/site/new/", site).status_code == 302
    assert client.post("/admin/site/new/", site).status_code == 422
    made = Site.objects.get(code="suzhou")
    shop = {"name": "店", "code": "dian", "platform": "douyin", "site": made.pk, "is_active": "on"}
    assert client.post("/admin/shop/new/", shop).status_code == 302
    assert client.post("/admin/team/new/", {"site": made.pk, "name": "A", "is_active": "on"}).status_code == 302
    shift = {"site": made.pk, "name": "早", "starts": "08:00", "ends": "16:00", "is_active": "on"}
    assert client.post("/admin/shift/new/", shift).status_code == 302
    row = Shift.objects.get(site=made)
    assert client.post(f"/admin/shift/{row.pk}/", {**shift, "ends": "17:00"}).status_code == 302
    assert client.get("/admin/planet/new/").status_code == 404
    assert (Shop.objects.filter(site=made).count(), Team.objects.filter(site=made).count()) == (1, 1)


def test_lead_rosters_the_own_team_on_a_page(cast: Cast, sign_in) -> None:
    client, day = sign_in(cast.wang), clock.today("Asia/Shanghai")
    assert client.get("/roster/").headers["Location"] == f"/roster/{cast.team.pk}/"
    told = {"employee": cast.mei.pk, "day": day.isoformat(), "choice": cast.day_shift.pk}
    assert client.post(f"/roster/{cast.team.pk}/day/", told).status_code == 302
    page = client.get(f"/roster/{cast.team.pk}/")
    assert "白班" in [cell.label for row in page.context["rows"] for cell in row.cells]
    assert client.post(f"/roster/{cast.team.pk}/day/", {**told, "choice": "999"}).status_code == 422
    monday = day + timedelta(days=7 - day.weekday())
    assert client.post(f"/roster/{cast.team.pk}/copy/", {"week": monday.isoformat()}).status_code == 302


@pytest.mark.parametrize(("who", "read", "write"), [("mei", 403, 403), ("zhao", 200, 403), ("chen", 404, 404)])
def test_roster_of_others(cast: Cast, sign_in, who: str, read: int, write: int) -> None:
    client = sign_in(getattr(cast, who))
    told = {"employee": cast.mei.pk, "day": "2026-11-23", "choice": "leave"}
    assert client.get(f"/roster/{cast.team.pk}/").status_code == read
    assert client.post(f"/roster/{cast.team.pk}/day/", told).status_code == write


@pytest.mark.parametrize("count", [3, 30])
def test_roster_takes_few_statements_however_many_people(cast: Cast, sign_in, statements, count: int) -> None:
    for n in range(count):
        make_member(cast, n)
    client = sign_in(cast.wang)
    with statements() as spent:
        assert client.get(f"/roster/{cast.team.pk}/").status_code == 200
    assert spent() == 7  # session, employee, memberships; team, people, rosters, shifts
