"""A case carries what it is about, and is due by the platform's deadline."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from cases.about import case_about
from cases.models import Case, CaseFinding
from cases.services import close_case, open_cases, reopen_case
from kernel import clock
from orders.models import Verification
from people.actor import Actor
from tests.cast import Cast, make_cast
from tests.orders.factories import make_finding, make_label, make_order
from tests.threads import at_once

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
    options: dict[str, Any] = {"actor": Actor.of(cast.mei), "client_id": uuid.uuid4()}
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
    options: dict[str, Any] = {"actor": Actor.of(cast.mei), "client_id": uuid.uuid4()}
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
    assert (about.cards[0].finding, about.sides[0].order, about.deadline.at) == (finding, order, finding.due_at)
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


# --- one open case carries a finding


def again(cast: Cast, finding: Any, **fields: Any) -> Case:
    return make_case(cast, finding_ids=[finding.pk], orders=[finding.order.number], **fields)


def test_finding_that_an_open_case_carries_joins_it(cast: Cast) -> None:
    finding = make_finding(make_order(cast.shop))
    case = again(cast, finding, key="first")
    for _repeat in range(2):
        assert again(cast, finding, key="second", note="又发现了") == case
    assert [(event.kind, event.note) for event in case.events.order_by("id")][1:] == [("joined", "又发现了")]
    assert (case.findings.count(), case.orders.count(), Case.objects.count()) == (1, 1, 1)


def test_case_takes_only_what_no_open_case_carries(cast: Cast) -> None:
    known, new = (make_finding(make_order(cast.shop, f"414000000000000000{n}")) for n in range(2))
    again(cast, known)
    numbers = [known.order.number, new.order.number]
    second = make_case(cast, finding_ids=[known.pk, new.pk], orders=numbers)
    assert [row.finding_id for row in second.findings.all()] == [new.pk]
    assert [row.number for row in second.orders.all()] == [new.order.number]


def test_case_that_is_over_carries_nothing_until_it_is_reopened(cast: Cast) -> None:
    finding = make_finding(make_order(cast.shop))
    first = again(cast, finding)
    by: dict[str, Any] = {"actor": Actor.of(cast.wang)}
    close = {"cause": "courier", "resolution": "no_fault", **by}
    close_case(case=first, client_id=uuid.uuid4(), **close)
    second = again(cast, finding)
    assert second != first
    reopen_case(case=first, note="又来", client_id=uuid.uuid4(), **by)
    assert list(CaseFinding.objects.filter(is_open=True).values_list("case", flat=True)) == [second.pk]
    close_case(case=second, client_id=uuid.uuid4(), **close)
    close_case(case=first, client_id=uuid.uuid4(), **close)
    reopen_case(case=first, note="还是不对", client_id=uuid.uuid4(), **by)
    assert again(cast, finding) == first


def test_no_two_open_cases_can_be_written_to_carry_a_finding(cast: Cast) -> None:
    cases = [make_case(cast) for _n in range(2)]
    CaseFinding.objects.create(case=cases[0], finding_id=7)
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseFinding.objects.create(case=cases[1], finding_id=7)


@pytest.mark.django_db(transaction=True)
def test_two_who_notice_a_finding_at_once_open_one_case() -> None:
    cast = make_cast()
    finding = make_finding(make_order(cast.shop))
    made = at_once(*[lambda n=n: again(cast, finding, key=f"k{n}") for n in range(3)])
    assert len({case.pk for case in made}) == 1 and Case.objects.count() == 1
    assert CaseFinding.objects.count() == 1


# --- where it came from


@pytest.mark.parametrize(("said", "source"), [("person", "person"), ("buyer", "buyer"), ("courier", "courier")])
def test_case_by_hand_comes_from_whom_its_opener_names(cast: Cast, sign_in: SignIn, said: str, source: str) -> None:
    fields = {"client_id": uuid.uuid4(), "shop": cast.shop.pk, "kind": "other", "severity": "low", "note": "x"}
    assert sign_in(cast.mei).post(reverse("cases:case_new"), {**fields, "source": said}).status_code == 302
    assert Case.objects.get().source == source


@pytest.mark.parametrize("said", ["finding", "check", "bench"])
def test_no_hand_says_that_a_case_came_from_a_finding_a_check_or_the_bench(
    cast: Cast, sign_in: SignIn, said: str
) -> None:
    client = sign_in(cast.mei)
    fields = {"client_id": uuid.uuid4(), "shop": cast.shop.pk, "kind": "other", "severity": "low", "note": "x"}
    offered = client.get(reverse("cases:case_new") + f"?source={said}").context["form"].fields["source"].choices
    assert said not in dict(offered)
    assert client.post(reverse("cases:case_new"), {**fields, "source": said}).status_code == 422
    foreign = make_finding(make_order(cast.other_shop))
    response = client.post(reverse("cases:case_new"), {**fields, "finding": foreign.pk, "source": said})
    assert response.status_code == 422 and not Case.objects.exists()


def test_case_from_the_bench_and_from_an_alert_says_so_by_itself(cast: Cast, sign_in: SignIn) -> None:
    client, finding = sign_in(cast.mei), make_finding(make_order(cast.shop))
    fields = {"shop": cast.shop.pk, "kind": "hold", "severity": "normal", "note": "x"}
    words = {"site": cast.site, "shop": cast.shop, "employee": cast.mei, "at": clock.now(), "code": "refund_requested"}
    stopped = Verification.objects.create(client_id=uuid.uuid4(), scanned="SF1", verdict="stopped", **words)
    for origin in ({"parcel": stopped.pk}, {"finding": finding.pk}):
        sent = {**fields, **origin, "client_id": uuid.uuid4()}
        assert client.post(reverse("cases:case_new"), sent).status_code == 302
    assert [case.source for case in Case.objects.order_by("id")] == ["bench", "finding"]


def test_alert_that_is_in_a_case_already_leads_to_it(cast: Cast, sign_in: SignIn) -> None:
    finding = make_finding(make_order(cast.shop))
    case = again(cast, finding)
    fields = {"shop": cast.shop.pk, "kind": "hold", "severity": "normal", "note": "又看到", "finding": finding.pk}
    sent = {**fields, "client_id": uuid.uuid4()}
    page = sign_in(cast.mei).post(reverse("cases:case_new"), sent, follow=True).content.decode()
    assert f"已在异常单 {case.number} 中" in page and "又看到" in page
