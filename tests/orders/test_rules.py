"""Rules are dated data: said for a day, applied when it comes, never to the past."""

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from kernel.errors import Conflict, NotAllowed, Refused
from orders.models import DeadlineMove, Finding, Order, OrderChange, Rule
from orders.ruling import BadRule, rules_of
from orders.services import apply_rules, move_deadlines, recheck_orders, reconcile_orders, set_rule, withdraw_move
from people.actor import Actor
from records.models import LedgerEntry
from tests.cast import Cast
from tests.orders.factories import SAMPLED_AT, imported, order_row, report, upload

TODAY = SAMPLED_AT.date()
PAID = datetime(2026, 11, 22, 20, 0, tzinfo=SAMPLED_AT.tzinfo)


@pytest.fixture(autouse=True)
def morning() -> Any:
    with time_machine.travel(SAMPLED_AT, tick=False) as traveller:
        yield traveller


def say(cast: Cast, key: str = "due_soon_hours", value: Any = 40, starts_on: date = TODAY, **more: Any) -> Rule:
    who = more.pop("by", cast.li)
    said = {"key": key, "shop": cast.shop, "value": value, "starts_on": starts_on, "source": "双11", **more}
    return set_rule(**said, actor=Actor.of(who))


def move(cast: Cast, hours: int = 72, **more: Any) -> DeadlineMove:
    said = {
        "shop": cast.shop,
        "paid_from": PAID - timedelta(hours=1),
        "paid_until": PAID + timedelta(hours=1),
        "ship_by": PAID + timedelta(hours=hours),
        "reason": "双11 延长",
        "client_id": uuid.uuid4(),
        **more,
    }
    return move_deadlines(**said, actor=Actor.of(cast.li))


def test_rule_of_today_is_applied_to_open_orders_by_the_tick(cast: Cast) -> None:
    imported(cast.shop, upload(report(order_row("4140000000000000001"))))
    reconcile_orders(shop_id=cast.shop.pk)
    assert not Finding.objects.exists()
    say(cast)
    assert apply_rules(SAMPLED_AT) == 1
    recheck_orders(SAMPLED_AT)
    assert [f.code for f in Finding.objects.standing()] == ["due_within_12h"]
    assert apply_rules(SAMPLED_AT) == 0
    assert LedgerEntry.objects.filter(kind="rule.set").count() == 1


def test_rule_of_a_later_day_waits_for_it(cast: Cast) -> None:
    later = TODAY + timedelta(days=3)
    say(cast, value=20, starts_on=later)
    assert apply_rules(SAMPLED_AT) == 0
    assert [rules_of(cast.shop.pk, day)["due_soon_hours"] for day in (TODAY, later)] == [12, 20]
    assert rules_of(cast.other_shop.pk, later)["due_soon_hours"] == 12


def test_promise_counts_for_what_is_paid_since_it_began(cast: Cast, morning: Any) -> None:
    rows = [order_row(f"414000000000000000{n}", 订单付款时间=f"2026-11-2{n} 07:00:00") for n in (2, 3)]
    imported(cast.shop, upload(report(*rows)))
    say(cast, "ship_by_hours", 24)
    apply_rules(SAMPLED_AT)
    hours = {o.number[-1]: (o.ship_by - o.paid_at) / timedelta(hours=1) for o in Order.objects.all()}
    assert hours == {"2": 48, "3": 24}
    assert [c.field for c in OrderChange.objects.all()] == ["deadline"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("due_soon_hours", 0),
        ("due_soon_hours", "12"),
        ("loss_late", {"percent": 5, "least": 900, "most": 500}),
        ("loss_late", {}),
        ("remote_provinces", "新疆"),
        ("near_groups", ["北京"]),
        ("no_such_rule", 1),
    ],
)
def test_value_that_does_not_fit_is_refused(cast: Cast, key: str, value: Any) -> None:
    with pytest.raises(BadRule):
        say(cast, key, value)


def test_rule_does_not_reach_back_and_is_a_managers(cast: Cast) -> None:
    with pytest.raises(Refused, match="今天"):
        say(cast, starts_on=TODAY - timedelta(days=1))
    with pytest.raises(NotAllowed):
        say(cast, by=cast.wang)
    with pytest.raises(NotAllowed):
        say(cast, shop=None)
    assert say(cast, shop=None, by=cast.sun).shop is None


@pytest.mark.django_db(transaction=True)
def test_tick_applies_rules_and_moves_in_transactions_of_their_own(cast: Cast) -> None:
    rows = [order_row("4140000000000000001", 订单付款时间="2026-11-23 07:00:00"), order_row("4140000000000000002")]
    imported(cast.shop, upload(report(*rows)))
    say(cast, "ship_by_hours", 24)
    move(cast)
    assert apply_rules(SAMPLED_AT) == 2
    assert dict(Order.objects.values_list("number", "deadline_source")) == {
        "4140000000000000001": "rule",
        "4140000000000000002": "moved",
    }
    assert OrderChange.objects.count() == 2


def test_moved_deadline_counts_by_the_next_tick_and_at_once_for_what_is_imported_later(cast: Cast) -> None:
    imported(cast.shop, upload(report(order_row("4140000000000000001"))))
    move(cast)
    assert apply_rules(SAMPLED_AT) == 1
    imported(
        cast.shop,
        upload(
            report(order_row("4140000000000000002"), order_row("4140000000000000003", 应发货时间="2026-12-09 10:00:00"))
        ),
    )
    assert {
        o.number[-1]: (o.deadline_source, o.ship_by == PAID + timedelta(hours=72)) for o in Order.objects.all()
    } == {
        "1": ("moved", True),
        "2": ("moved", True),
        "3": ("platform", False),
    }


def test_withdrawn_move_gives_the_former_deadline_back(cast: Cast) -> None:
    rows = [order_row("4140000000000000001"), order_row("4140000000000000002", 应发货时间="2026-11-24 10:00:00")]
    imported(cast.shop, upload(report(*rows)))
    before = dict(Order.objects.values_list("number", "ship_by"))
    moved = move(cast)
    apply_rules(SAMPLED_AT)
    assert set(Order.objects.values_list("deadline_source", flat=True)) == {"moved"}
    for _ in range(2):
        withdraw_move(move=moved, actor=Actor.of(cast.li))
    assert (apply_rules(SAMPLED_AT), apply_rules(SAMPLED_AT)) == (1, 0)
    assert dict(Order.objects.values_list("number", "ship_by")) == before
    assert LedgerEntry.objects.filter(kind="deadline.move_withdrawn").count() == 1


def test_moving_twice_is_once_and_another_content_conflicts(cast: Cast) -> None:
    key = uuid.uuid4()
    assert move(cast, client_id=key).pk == move(cast, client_id=key).pk
    with pytest.raises(Conflict):
        move(cast, 96, client_id=key)


def test_manager_says_a_rule_and_moves_deadlines_on_the_pages(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.li)
    sent = {
        "percent": 5,
        "least": "5",
        "most": "80.5",
        "shop": cast.shop.pk,
        "starts_on": "2026-11-23",
        "source": "规则 2026",
    }
    assert client.post("/orders/rules/loss_late/", sent).status_code == 302
    assert Rule.objects.get().value == {"percent": 5, "least": 500, "most": 8050}
    assert "订单金额的 5 %，¥5 至 ¥80.5" in client.get("/orders/rules/").content.decode()
    assert client.post("/orders/rules/loss_late/", {**sent, "least": "90"}).status_code == 422
    places = {"places": "新疆 西藏、青海", "shop": cast.shop.pk, "starts_on": "2026-11-24", "source": "x"}
    assert client.post("/orders/rules/remote_provinces/", places).status_code == 302
    assert Rule.objects.get(key="remote_provinces").value == ["新疆", "西藏", "青海"]
    moving = {
        "client_id": uuid.uuid4(),
        "shop": cast.shop.pk,
        "paid_from": "2026-11-22T00:00",
        "paid_until": "2026-11-22T23:59",
        "ship_by": "2026-11-29T00:00",
        "reason": "双11",
    }
    assert client.post("/orders/rules/", moving).status_code == 302
    assert (
        client.post(
            "/orders/rules/", {**moving, "client_id": uuid.uuid4(), "paid_until": "2026-11-21T00:00"}
        ).status_code
        == 422
    )
    assert client.post(f"/orders/rules/moves/{DeadlineMove.objects.get().pk}/withdraw/").status_code == 302
    assert sign_in(cast.wang).get("/orders/rules/").status_code == 403


def test_rules_page_costs_the_same_for_3_and_30(cast: Cast, sign_in: Any, statements_of: Callable[..., int]) -> None:
    def add_row(n: int) -> None:
        say(cast, value=20 + n, starts_on=TODAY + timedelta(days=n))
        move(cast, 100 + n)

    assert statements_of(sign_in(cast.li), "/orders/rules/", add_row) <= 8
