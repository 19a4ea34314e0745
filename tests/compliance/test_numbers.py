"""Numbers agree: every count of the completion pages equals the rows that it opens, for every viewer and filter."""

import random
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from itertools import count
from re import findall
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from compliance.selectors import STATES, Cell, Filters
from duties.lateness import state_of
from duties.models import Duty
from kernel import clock
from people.models import Employee, Membership, Role, Shop, Team
from tests.cast import SINCE, Cast, make_employee, make_member

SignIn = Callable[[Employee], Client]
Ids = dict[tuple[int, str, str], set[int]]  # (person, obligation, state) → duties
WHO = ("wang", "li", "zhao", "sun", "keeper")
FILTERS = (
    "",
    "?period=today",
    "?period=7",
    "?order=late",
    "?owing=on",
    "?kind=run",
    "?obligation=checklist:1",
    "?q=5",
    "?start=2020-01-01",
)


@pytest.fixture
def busy(cast: Cast) -> dict[str, Employee]:
    """Duties of every state, old and new, in two shops and two teams; held and done by different people; a leaver; a
    manager of one shop alone."""
    chance, keys = random.Random(11), count()
    other = Shop.objects.create(code="beta", name="乙店", site=cast.site)
    night = Team.objects.create(site=cast.site, name="夜班组")
    people = [cast.mei, cast.wang, cast.li, *(make_member(cast, n) for n in range(2))]
    left = make_employee("5900", "离职", is_active=False)
    far = make_employee("5901", "夜班人")
    Membership.objects.create(employee=far, role=Role.EMPLOYEE, site=cast.site, team=night, starts_on=SINCE)
    keeper = make_employee("5902", "店长")
    Membership.objects.create(employee=keeper, role=Role.MANAGER, shop=cast.shop, starts_on=SINCE)
    now, rows = clock.now(), []
    for who in [*people, left, far, keeper]:
        for days in (-400, -45, -20, -3, 0, 3):
            due = now + timedelta(days=days, hours=chance.choice((-1, 1)))
            done = now + timedelta(days=days) if chance.random() < 0.5 and days <= 0 else None
            rest = chance.choice(("missed_at", "waived_at", "", ""))
            settled = {"completed_at": done, "completed_by": chance.choice([who, cast.wang])} if done else {}
            settled |= {rest: now} if rest and not done else {}
            rows.append(
                Duty(
                    key=f"n{next(keys)}",
                    obligation=f"checklist:{(which := chance.randint(1, 3))}",
                    subject_id=1,
                    kind=chance.choice(("run", "module")),
                    title={"zh": f"检查 {which}", "en": f"Check {which}"},
                    site=cast.site,
                    shop=chance.choice((None, cast.shop, other)),
                    assignee=who,
                    due_at=due,
                    opens_at=due - timedelta(hours=1),
                    closes_at=chance.choice((None, due + timedelta(hours=2))),
                    **settled,
                )
            )
    Duty.objects.bulk_create(rows)
    return {"wang": cast.wang, "li": cast.li, "zhao": cast.zhao, "sun": cast.sun, "keeper": keeper}


def total(cells: list[Cell]) -> Cell:
    return sum(cells, Cell())


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("query", FILTERS)
def test_head_rows_items_and_export_count_the_same(busy, cast: Cast, sign_in: SignIn, who: str, query: str) -> None:
    client, more = sign_in(busy[who]), "&" if query else "?"
    page = client.get(f"/compliance/{query}")
    rows = page.context["rows"]
    items = client.get(f"/compliance/{query}{more}by=item").context["items"]
    shown = total([row.total for row in rows])
    assert shown == total([item.total for item in items])
    assert page.context["owing"].duties == shown.overdue
    assert page.context["owing"].people == sum(bool(row.total.overdue) for row in rows)
    lines = b"".join(client.get(f"/compliance/export/{query}").streaming_content).decode().splitlines()[1:]
    assert Cell(*(sum(int(line.split(",")[3 + n]) for line in lines) for n in range(len(STATES)))) == shown


def wanted(page: Any, who: str, shop: Shop) -> Ids:
    """Which duties a page must count, told from each row alone: by whom it counts for, what was owed, its state."""
    filters, at = page.context["filters"], page.context["at"]
    people = {row.employee.pk for row in page.context["rows"]}
    found: Ids = {}
    for duty in Duty.objects.filter(counts_for_id__in=people):
        state = state_of(
            at=at,
            **{
                name: getattr(duty, name)
                for name in ("due_at", "opens_at", "closes_at", "completed_at", "missed_at", "waived_at")
            },
        )
        day, period = duty.due_at.astimezone(ZoneInfo(filters.period.zone)).date(), filters.period
        is_of_period = period.start <= day and (day <= period.end or period.end >= at.date())
        is_owed_still = state == "overdue" and period.end >= at.date()
        if (
            (is_of_period or is_owed_still)
            and (who != "keeper" or duty.shop_id == shop.pk)
            and filters.kind in ("", duty.kind)
            and filters.obligation in ("", duty.obligation)
        ):
            state = "open" if state in ("due", "not_due") else state
            found.setdefault((duty.counts_for_id, duty.obligation, state), set()).add(duty.pk)
    return found


def opened(client: Client, link: str) -> set[int]:
    """The duties that an address of a person's page lists."""
    page = client.get(link)
    assert not page.context["page"].has_other_pages()
    return {proven.row.duty.pk for proven in page.context["rows"]}


def ids_of(ids: Ids, *, person: int | None = None, obligation: str = "", state: str = "") -> set[int]:
    chosen = (
        pks
        for (whose, what, how), pks in ids.items()
        if person in (None, whose) and obligation in ("", what) and state in ("", how)
    )
    return set().union(*chosen)


def links_of(page: Any) -> set[str]:
    """Where the cells of a matrix lead, its sums of people too."""
    return {unescape(link) for link in findall(r'<a class="cell[^"]*" href="([^"]+)"', page.content.decode())}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("query", [*FILTERS, "?start=2020-01-01&end=2099-01-01", "?kind=run&obligation=checklist:2"])
def test_every_cell_opens_the_rows_that_it_counted(busy, cast: Cast, sign_in: SignIn, who: str, query: str) -> None:
    client = sign_in(busy[who])
    page = client.get(f"/compliance/{query}")
    ids, links = wanted(page, who, cast.shop), links_of(page)
    seen = 0
    for row in page.context["rows"]:
        cells = {c.obligation: cell for c, cell in zip(page.context["grid"].columns, row.cells, strict=True)}
        for obligation, cell in [*cells.items(), ("", row.total)]:
            mine = ids_of(ids, person=row.employee.pk, obligation=obligation)
            for state in STATES:
                told = ids_of(ids, person=row.employee.pk, obligation=obligation, state=state)
                assert getattr(cell, state) == len(told), (row.employee, obligation, state)
            if not cell.parts:
                continue
            [link] = [link for link in links if leads_to(link, row.employee.pk, obligation, page.context["filters"])]
            assert opened(client, link) == mine
            seen += 1
    assert seen == len(links)


def leads_to(link: str, person: int, obligation: str, filters: Filters) -> bool:
    """A sum of a person carries no obligation but the one that the page was asked for; a cell's own comes last."""
    asked = parse_qs(urlsplit(link).query).get("obligation", [])
    expected = [one for one in (filters.obligation, obligation) if one]
    return urlsplit(link).path == f"/compliance/people/{person}/" and asked == expected


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("query", FILTERS)
def test_head_items_and_export_open_and_name_the_same_rows(
    busy, cast: Cast, sign_in: SignIn, who: str, query: str
) -> None:
    client, more = sign_in(busy[who]), "&" if query else "?"
    page = client.get(f"/compliance/{query}")
    ids = wanted(page, who, cast.shop)
    owed = client.get(f"/compliance/{query}{more}owing=on")
    assert {row.employee.pk for row in owed.context["rows"]} == {whose for whose, _w, how in ids if how == "overdue"}
    assert ids_of(wanted(owed, who, cast.shop), state="overdue") == ids_of(ids, state="overdue")
    listed = client.get(f"/compliance/{query}{more}by=item")
    items, addresses = listed.context["items"], findall(r'<a class="grow" href="([^"]+)"', listed.content.decode())
    assert {item.column.obligation for item in items} == {what for _whose, what, _how in ids}
    for item, address in zip(items, addresses, strict=True):
        what = item.column.obligation
        rows = client.get(f"/compliance/{unescape(address)}")
        assert ids_of(wanted(rows, who, cast.shop)) == ids_of(ids, obligation=what)
        owing = client.get(f"/compliance/{query}{more}obligation={what}&owing=on").context["rows"]
        assert item.people == len(owing) == len({whose for whose, w, how in ids if (w, how) == (what, "overdue")})
    lines = b"".join(client.get(f"/compliance/export/{query}").streaming_content).decode().splitlines()[1:]
    numbers = {e.pk: e.number for e in Employee.objects.all()}
    exported = {tuple(line.split(",")[:3:2]): [int(n) for n in line.split(",")[3:]] for line in lines}
    assert exported == {
        (numbers[whose], f"检查 {what[-1]}"): [len(ids_of(ids, person=whose, obligation=what, state=s)) for s in STATES]
        for whose, what, _how in ids
    }


@pytest.mark.parametrize("who", WHO)
def test_record_of_every_duty_that_a_cell_opens_is_within_reach(busy, cast: Cast, sign_in: SignIn, who: str) -> None:
    client = sign_in(busy[who])
    page = client.get("/compliance/?start=2020-01-01&end=2099-01-01")
    for pk in ids_of(wanted(page, who, cast.shop)):
        assert client.get(f"/duties/{pk}/record/").status_code == 200


def test_overdue_from_before_the_period_stays_in_sight(cast: Cast, sign_in: SignIn) -> None:
    old = clock.now() - timedelta(days=90)
    Duty.objects.create(
        key="old", obligation="module:1", kind="module", subject_id=1, title={"zh": "课"}, site=cast.site,
        assignee=cast.mei, opens_at=old, due_at=old,
    )  # fmt: skip
    page = sign_in(cast.li).get("/compliance/?period=7")
    [row] = [r for r in page.context["rows"] if r.total.parts]
    assert (row.employee, row.total.overdue, page.context["owing"].duties) == (cast.mei, 1, 1)


def test_states_on_a_persons_page_open_what_they_count(busy, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.li)
    url = f"/compliance/people/{cast.wang.pk}/"
    whole = client.get(url).context["total"]
    for state in STATES:
        assert len(client.get(f"{url}?state={state}").context["rows"]) == getattr(whole, state), state


def test_shop_manager_opens_each_duty_that_a_row_counts(cast: Cast, sign_in: SignIn) -> None:
    keeper = make_employee("5902", "店长")
    Membership.objects.create(employee=keeper, role=Role.MANAGER, shop=cast.shop, starts_on=SINCE)
    now = clock.now()
    duty = Duty.objects.create(
        key="shop", obligation="checklist:1", kind="run", subject_id=1, title={"zh": "检查"}, site=cast.site,
        shop=cast.shop, assignee=keeper, opens_at=now, due_at=now, completed_at=now, completed_by=keeper,
    )  # fmt: skip
    Duty.objects.filter(pk=duty.pk).update(assignee=cast.mei, completed_by=cast.mei)
    assert sign_in(keeper).get(f"/duties/{duty.pk}/record/").status_code == 200


def test_one_person_is_no_people(cast: Cast, sign_in: SignIn) -> None:
    client, due = sign_in(cast.li), clock.now() - timedelta(hours=1)
    client.cookies["django_language"] = "en"
    for n, (who, head, item) in enumerate(
        [
            (cast.mei, "1 overdue · 1 person<", "1 person owes it"),
            (cast.wang, "2 overdue · 2 people<", "2 people owe it"),
        ]
    ):
        words = {"obligation": "checklist:1", "kind": "run", "subject_id": 1, "title": {"zh": "检查", "en": "Check"}}
        Duty.objects.create(key=f"owed{n}", site=cast.site, assignee=who, opens_at=due, due_at=due, **words)
        assert head in client.get("/compliance/").content.decode()
        page = client.get("/compliance/?by=item").content.decode()
        assert head in page and item in page


def test_duty_that_somebody_else_did_says_who_had_owed_it_and_not_that_they_had_taken_it(
    cast: Cast, sign_in: SignIn
) -> None:
    now = clock.now()
    words = {"obligation": "checklist:1", "kind": "run", "subject_id": 1, "title": {"zh": "检查", "en": "Check"}}
    Duty.objects.create(
        key="done", site=cast.site, assignee=cast.mei, completed_by=cast.wang,
        completed_at=now, opens_at=now, due_at=now, **words,
    )  # fmt: skip
    page = sign_in(cast.li).get(f"/compliance/people/{cast.wang.pk}/").content.decode()
    assert "原由陈梅负责" in page and "认领" not in page
