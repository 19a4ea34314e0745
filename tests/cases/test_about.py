"""A case carries what it is about, and is due by the platform's deadline."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.about import case_about
from cases.models import Case
from cases.services import open_cases
from kernel import clock
from people.scope import scope_of
from tests.cast import Cast
from tests.orders.factories import make_finding, make_label, make_order

from .factories import make_case

SignIn = Callable[[Any], Client]


def page_of(client: Client, case: Case) -> str:
    return client.get(reverse("cases:case_detail", args=[case.pk])).content.decode()


def test_case_of_one_finding_is_due_by_the_deadline_of_the_platform(cast: Cast) -> None:
    due = clock.now() + timedelta(hours=5)
    finding = make_finding(make_order(cast.shop, status="shipped"), due_at=due)
    case = make_case(cast, finding_ids=[finding.pk])
    assert (case.due_at, case.duty.due_at) == (due, due)


def test_case_of_an_order_is_due_when_the_order_must_be_shipped(cast: Cast) -> None:
    order = make_order(cast.shop, ship_by=clock.now() + timedelta(hours=3))
    assert make_case(cast, orders=[order.number]).due_at == order.ship_by
    shipped = make_order(cast.shop, "4140000000000000002", status="shipped", ship_by=clock.now() + timedelta(hours=1))
    assert make_case(cast, orders=[shipped.number]).due_at > clock.now() + timedelta(hours=20)


def test_case_of_a_passed_deadline_leaves_the_time_of_an_urgent_one(cast: Cast) -> None:
    now = clock.now()
    late = make_finding(make_order(cast.shop, ship_by=now - timedelta(hours=2)), due_at=now - timedelta(hours=2))
    assert now < make_case(cast, finding_ids=[late.pk]).due_at <= clock.now() + timedelta(hours=4)


def test_each_finding_of_a_case_of_several_orders_says_which_order_it_is_of(cast: Cast, sign_in: SignIn) -> None:
    tails = ("7301", "7302")
    found = [make_finding(make_order(cast.shop, f"414000000000000{tail}"), code="late_ship") for tail in tails]
    options: dict[str, Any] = {"opened_by": cast.mei, "scope": scope_of(cast.mei), "client_id": uuid.uuid4()}
    (case,) = open_cases(finding_ids=[f.pk for f in found], **options)
    page = page_of(sign_in(cast.mei), case)
    assert all(f">…{tail}</span>" in page for tail in tails)


def test_several_findings_make_a_case_that_is_due_by_the_earliest(cast: Cast) -> None:
    now = clock.now()
    hours = (30, 6, 12)
    found = [
        make_finding(make_order(cast.shop, f"414000000000000000{h}", status="shipped"), due_at=now + timedelta(hours=h))
        for h in hours
    ]
    options: dict[str, Any] = {"opened_by": cast.mei, "scope": scope_of(cast.mei), "client_id": uuid.uuid4()}
    (case,) = open_cases(finding_ids=[f.pk for f in found], **options)
    assert case.due_at == now + timedelta(hours=6)


def test_page_of_a_case_shows_its_findings_links_its_order_and_sets_the_three_sides_side_by_side(
    cast: Cast, sign_in: SignIn
) -> None:
    order = make_order(cast.shop, waybill="SF1234567890123", status="shipped")
    make_label(order, "SF1234567890132")
    finding = make_finding(order, due_at=clock.now() + timedelta(hours=5))
    case = make_case(cast, orders=[order.number, "999999"], waybills=["SF1234567890123"], finding_ids=[finding.pk])
    about = case_about(case)
    assert [(row.number, row.order) for row in about.orders] == [(order.number, order), ("999999", None)]
    assert (about.cards[0].finding, about.sides[0].order, about.platform_due_at) == (finding, order, finding.due_at)
    page = page_of(sign_in(cast.mei), case)
    assert reverse("orders:finding_detail", args=[finding.pk]) in page
    assert reverse("orders:order_detail", args=[order.pk]) in page
    assert "SF1234567890132" in page


def test_case_of_many_orders_costs_the_same_as_of_few(
    cast: Cast, sign_in: SignIn, statements: Callable[[], Any]
) -> None:
    client, counts = sign_in(cast.mei), []
    for n in (3, 30):
        found = [make_finding(make_order(cast.shop, f"41400000000000{n:02}{i:02}")) for i in range(n)]
        case = make_case(cast, orders=[f.order.number for f in found], finding_ids=[f.pk for f in found])
        page_of(client, case)
        with statements() as count:
            page_of(client, case)
        counts.append(count())
    assert counts[0] == counts[1]


@pytest.mark.parametrize("typed", ["-1", "😀", "A", "--", "订单", "1 OR 1=1", "<b>1</b>", "=1+1"])
def test_what_is_no_number_is_refused_with_a_sentence(cast: Cast, sign_in: SignIn, typed: str) -> None:
    fields = {"client_id": uuid.uuid4(), "shop": cast.shop.pk, "kind": "other", "severity": "low", "source": "person"}
    for name in ("orders", "waybills"):
        response = sign_in(cast.mei).post(reverse("cases:case_new"), {**fields, name: typed})
        assert response.status_code == 422 and not Case.objects.exists()


@pytest.mark.parametrize(("typed", "kept"), [("ｓｆ１２３４", "SF1234"), ("250512-123456789", "250512-123456789")])
def test_number_is_kept_as_it_is_compared(cast: Cast, sign_in: SignIn, typed: str, kept: str) -> None:
    fields = {"client_id": uuid.uuid4(), "shop": cast.shop.pk, "kind": "other", "severity": "low", "source": "person"}
    assert sign_in(cast.mei).post(reverse("cases:case_new"), {**fields, "waybills": typed}).status_code == 302
    assert [w.number for w in Case.objects.get().waybills.all()] == [kept]
