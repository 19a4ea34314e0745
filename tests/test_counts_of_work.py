"""Numbers of the bench, of learning, points, duties, imports and chains open exactly the rows that they counted."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from re import findall
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.services import acknowledge_rule, add_retraining_rule
from duties.models import Duty
from kernel import clock
from orders.models import Verification
from people.actor import Actor
from people.models import Employee, Membership, Role
from records.models import LedgerEntry
from tests.cases.factories import close, hear, make_case, name
from tests.cases.points.factories import a_rule, an_error, decide, propose
from tests.cases.test_responsibility import react
from tests.cast import SINCE, Cast, make_employee, make_member
from tests.duties.drafts import owe
from tests.orders.factories import imported, order_row, report, upload
from tests.training.factories import make_assignment, make_module, read_all, right_answers
from training.services import submit_attempt

SignIn = Callable[[Employee], Client]
WHO = ("mei", "wang", "li", "zhao", "sun", "chen")


def viewer(cast: Cast, who: str) -> Employee:
    return getattr(cast, who)


def listed(client: Client, url: str) -> list[Any]:
    """The rows of a list, page by page."""
    rows: list[Any] = []
    for number in range(1, 20):
        response = client.get(f"{url}{'&' if '?' in url else '?'}page={number}")
        assert response.status_code == 200
        page = response.context["page"]
        rows += page.object_list
        if not page.has_next():
            return rows
    raise AssertionError("this list does not end")


def links(page: Any, to: str) -> list[tuple[str, str]]:
    """(address, text) of the page's links to an address that begins so."""
    found = findall(r'<a[^>]* href="([^"]+)"[^>]*>([^<]*)', page.content.decode())
    return [(unescape(address), text.strip()) for address, text in found if address.startswith(to)]


# --- the bench


@pytest.fixture
def scans(cast: Cast) -> list[Verification]:
    """Of two people today and yesterday: passed, taken back, stopped, of another site."""
    now, made = clock.now(), []
    for who, site in ((cast.mei, cast.site), (cast.wang, cast.site), (cast.chen, cast.other_site)):
        for n, (verdict, days) in enumerate([("passed", 0), ("passed", 0), ("stopped", 0), ("passed", 1)]):
            at = now - timedelta(days=days, seconds=n)
            words = {"scanned": f"SF00000000{who.pk}{n}", "code": "ok", "client_id": uuid.uuid4()}
            made.append(Verification.objects.create(employee=who, site=site, at=at, verdict=verdict, **words))
    return made


@pytest.mark.parametrize("who", WHO)
def test_count_of_the_bench_opens_its_parcels(cast: Cast, scans: list[Verification], sign_in: SignIn, who: str) -> None:
    client = sign_in(viewer(cast, who))
    page = client.get(reverse("orders:bench_counts"))
    counted = links(page, reverse("orders:bench_rows"))
    assert {line.employee.pk for line in page.context["lines"]} == {
        *({cast.mei.pk, cast.wang.pk} if who in ("wang", "li", "zhao") else set()),
        *({cast.mei.pk, cast.wang.pk, cast.chen.pk} if who == "sun" else set()),
        *({viewer(cast, who).pk} if who in ("mei", "chen") else set()),
    }
    for address, text in counted:
        assert len(listed(client, address)) == int(text), address
    today = {row.pk for row in scans if row.at >= clock.now() - timedelta(hours=1)}
    seen = {row.pk for line in page.context["lines"] for row in scans if row.employee_id == line.employee.pk}
    assert {row.pk for row in listed(client, reverse("orders:bench_rows"))} == today & seen


def test_number_over_the_bench_opens_what_its_person_passed_today(
    cast: Cast, scans: list[Verification], sign_in: SignIn
) -> None:
    client = sign_in(cast.wang)
    page = client.get(reverse("orders:bench"))
    [(address, text)] = links(page, reverse("orders:bench_rows"))
    assert page.context["today"] == 2 and "2" in text
    mine = {row.pk for row in scans if row.employee_id == cast.wang.pk and row.verdict == "passed"}
    opened = {row.pk for row in listed(client, address)}
    assert len(opened) == 2 and opened < mine


# --- learning


@pytest.mark.parametrize("who", ["wang", "li", "zhao", "sun"])
def test_numbers_of_a_module_open_the_people_they_count(cast: Cast, sign_in: SignIn, who: str) -> None:
    version = make_module()
    learned = [make_assignment(cast, make_member(cast, n), version) for n in range(3)]
    for assignment in learned[:2]:
        read_all(assignment)
        right = right_answers(assignment)
        words = {"version": version, "answers": right, "client_id": uuid.uuid4()}
        submit_attempt(assignment=assignment, actor=Actor.of(assignment.employee), **words)
    make_assignment(cast, cast.mei, version)
    late = make_assignment(cast, make_member(cast, 7), version)
    Duty.objects.filter(pk=late.duty_id).update(due_at=clock.now() - timedelta(days=1))
    gone = make_assignment(cast, make_member(cast, 8), version)
    Employee.objects.filter(pk=gone.employee_id).update(is_active=False)
    client = sign_in(viewer(cast, who))
    page = client.get(reverse("training:module_list"))
    [module] = page.context["modules"]
    people = reverse("training:module_people", args=[module.pk])
    told = {address: {row.employee.pk for row in listed(client, address)} for address, _text in links(page, people)}
    assert told == {
        f"{people}?state=qualified": {a.employee_id for a in learned[:2]},
        f"{people}?state=open": {learned[2].employee_id, cast.mei.pk, late.employee_id},
    }
    assert (module.qualified, module.owing) == (2, 3)
    detail = client.get(reverse("training:module_detail", args=[module.pk]))
    for standing, n in detail.context["counts"]:
        assert len(listed(client, f"{people}?state={standing.value}")) == n
    everybody = {row.employee.pk for row in listed(client, people)}
    assert detail.context["people"] == len(everybody) and gone.employee_id not in everybody


def test_retraining_counts_the_people_whom_its_fold_names(cast: Cast, sign_in: SignIn) -> None:
    words = {"cause": "manual_entry", "role": "employee", "days": 7, "starts_on": clock.today(cast.site.zone)}
    add_retraining_rule(shop=cast.shop, module=make_module().module, actor=Actor.of(cast.li), **words)
    for _n in range(2):
        case = make_case(cast, opened_by=cast.wang, cause="manual_entry")
        hear(cast, case)
        name(cast, case, cast.mei)
        close(cast, case)
    react()
    page = sign_in(cast.li).get(reverse("cases:retraining"))
    [repeat] = page.context["repeats"]
    fold = page.content.decode().split(f'id="retrained-{repeat.module_id}"')[1].split("</ul>")[0]
    named = fold.count("<li>")
    assert repeat.assigned == named == len(repeat.people) > 0
    assert repeat.done == sum("未通过" not in line for line in fold.split("<li>")[1:])


# --- points


def test_points_of_a_month_are_the_sum_of_the_entries_that_are_listed(cast: Cast, sign_in: SignIn) -> None:
    acknowledge_rule(rule=a_rule(cast), actor=Actor.of(cast.mei))
    for _n in range(2):
        decide(propose(cast, an_error(cast)), cast.li)
    client = sign_in(cast.li)
    for row in client.get(reverse("cases:points_people")).context["rows"]:
        page = client.get(reverse("cases:points_person", args=[row.employee.pk]))
        assert row.this_month == sum(entry.points for entry in page.context["statement"].entries)
        assert row.balance == page.context["statement"].after


# --- duties


@pytest.mark.parametrize("late", [0, 2])
def test_numbers_of_today_count_what_stands_below_them(cast: Cast, sign_in: SignIn, late: int) -> None:
    for n in range(late):
        owe(cast, f"late{n}", due_at=clock.now() - timedelta(hours=1))
    made = [owe(cast, f"later{n}", due_at=clock.now() + timedelta(days=2 + n)) for n in range(30)]
    client = sign_in(cast.mei)
    short, whole = (client.get(f"/{query}").context["today"] for query in ("", "?all=1"))
    shown = [len(each.later) for each in (short, whole)]
    assert short.later_hidden == shown[1] - shown[0] > 0
    assert {row.pk for row in whole.later} | {row.pk for row in [whole.first] if row} >= {duty.pk for duty in made}
    assert len(short.overdue) + (short.first.is_overdue if short.first else 0) >= late


def test_what_others_did_is_counted_as_it_is_listed(cast: Cast, sign_in: SignIn) -> None:
    now = clock.now()
    rows = [owe(cast, f"taken{n}") for n in range(3)]
    Duty.objects.filter(pk__in=[row.pk for row in rows[:2]]).update(completed_at=now, completed_by=cast.wang)
    for who in (cast.mei, cast.wang, cast.li):
        client, url = sign_in(who), reverse("compliance:person", args=[cast.mei.pk])
        assert client.get(url).context["done_by_others"] == 2
        assert {p.row.duty.pk for p in client.get(f"{url}?others=1").context["rows"]} == {row.pk for row in rows[:2]}


# --- imports


def test_refused_rows_of_an_import_are_those_of_its_list_and_its_file(cast: Cast, sign_in: SignIn) -> None:
    bad = [order_row(f"41400000000000001{n:02}", 订单付款时间="昨天") for n in range(3)]
    batch = imported(cast.shop, upload(report(order_row("4140000000000000001"), *bad)))
    client = sign_in(cast.li)
    page = client.get(reverse("orders:import_detail", args=[batch.pk]))
    lines = b"".join(client.get(reverse("orders:import_faults", args=[batch.pk]))).decode().strip().splitlines()[1:]
    [row] = client.get(reverse("orders:import_list")).context["page"].object_list
    assert page.context["faults"] == len(page.context["row_faults"]) == len(lines) == row.faults == 3
    [file] = page.context["files"]
    assert (file.rows, file.new, file.changed, file.unchanged) == (4, 1, 0, 0)
    assert file.new == cast.shop.orders.count()


# --- people and chains


def test_people_of_the_company_are_counted_as_they_are_listed(cast: Cast, sign_in: SignIn) -> None:
    make_employee("5991", "离职", is_active=False)
    client = sign_in(cast.sun)
    company = client.get(reverse("people:admin_home")).context["company"]
    people = reverse("people:employee_list")
    told = {
        state: {p.pk for p in listed(client, people + query)} for state, query in (("", ""), ("left", "?state=left"))
    }
    assert (company.active, company.left) == (len(told[""]), len(told["left"]))
    assert told[""] == set(Employee.objects.filter(is_active=True).values_list("pk", flat=True))


@pytest.mark.parametrize("who", ["wang", "li", "zhao", "sun"])
def test_entries_of_a_chain_are_those_that_its_name_opens(cast: Cast, sign_in: SignIn, who: str) -> None:
    make_case(cast)
    keeper = make_employee("7001", "店长")
    Membership.objects.create(employee=keeper, role=Role.MANAGER, shop=cast.shop, starts_on=SINCE)
    client = sign_in(viewer(cast, who))
    url = reverse("compliance:ledger")
    chains = client.get(url).context["chains"]
    assert chains
    for row in chains:
        opened = {entry.pk for entry in listed(client, f"{url}?chain={row.chain.name}")}
        assert opened == set(LedgerEntry.objects.filter(chain=row.chain).values_list("pk", flat=True))
        assert len(opened) == row.chain.seq
