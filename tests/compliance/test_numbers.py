"""Numbers agree: every count of the completion pages equals the rows that it opens, for every viewer and filter."""

import random
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from itertools import count
from re import findall

import pytest
from django.test import Client

from compliance.selectors import STATES, Cell
from duties.models import Duty
from kernel import clock
from people.models import Employee, Membership, Role, Shop, Team
from tests.cast import SINCE, Cast, make_employee, make_member

SignIn = Callable[[Employee], Client]
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
    people = [cast.mei, cast.wang, cast.li, *(make_member(cast, n) for n in range(5))]
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
                    obligation=f"checklist:{chance.randint(1, 3)}",
                    subject_id=1,
                    kind=chance.choice(("run", "module")),
                    title={"zh": "检查", "en": "Check"},
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


@pytest.mark.parametrize("who", ["wang", "li", "zhao", "sun", "keeper"])
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


@pytest.mark.parametrize("who", ["wang", "li", "zhao", "sun", "keeper"])
@pytest.mark.parametrize("query", ["", "?period=7", "?kind=run", "?start=2020-01-01&end=2099-01-01"])
def test_every_cell_opens_the_rows_that_it_counted(busy, sign_in: SignIn, who: str, query: str) -> None:
    client = sign_in(busy[who])
    page = client.get(f"/compliance/{query}")
    links = {unescape(link) for link in findall(r'<a class="cell" href="([^"]+)"', page.content.decode())}
    opened: dict[str, int] = {}
    for link in links:
        rows = client.get(link).context["rows"]
        opened[link.split("/people/")[1].split("/")[0]] = opened.get(link.split("/people/")[1].split("/")[0], 0) + len(
            rows
        )
        for proven in rows:
            assert client.get(f"/duties/{proven.row.duty.pk}/record/").status_code == 200
    counted = {
        str(row.employee.pk): sum(getattr(row.total, s) for s in STATES)
        for row in page.context["rows"]
        if row.total.parts
    }
    assert opened == counted


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
