"""Buyers are forgotten after the retention period, and not before."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from cases.services import forget_old_buyers
from kernel import clock
from orders.models import Order, TrackingEvent
from tests.cases.factories import make_case
from tests.cast import Cast
from tests.orders.factories import SAMPLED_AT, SHANYE, imported, make_order, order_row, report, samples, upload

BUYER = {"receiver_surname": "王", "phone_tail": "1234", "province": "浙江省", "city": "杭州市"}


def placed(cast: Cast, number: str, days: int, **fields: Any) -> Order:
    at = clock.now() - timedelta(days=days)
    return make_order(cast.shop, number, created_at=at, buyer_since=at, **BUYER, **fields)


def named() -> list[str]:
    return list(Order.objects.exclude(receiver_surname="", phone_tail="", city="").values_list("number", flat=True))


def test_buyers_of_old_orders_are_forgotten_unless_a_case_is_open(cast: Cast) -> None:
    for number, days in (("A1", 89), ("A2", 91), ("A3", 91), ("A4", 91)):
        placed(cast, number, days)
    make_case(cast, orders=["A3"])
    closed = make_case(cast, orders=["A4"])
    type(closed).objects.filter(pk=closed.pk).update(
        status="closed", cause="courier", resolution="refunded", closed_at=clock.now()
    )
    assert forget_old_buyers(clock.now()) == 2
    assert sorted(named()) == ["A1", "A3"]
    assert forget_old_buyers(clock.now()) == 0


def test_couriers_words_go_with_the_buyers(cast: Cast) -> None:
    with time_machine.travel(SAMPLED_AT, tick=False):
        imported(cast.shop, *samples("shanye-csv", SHANYE))
        assert TrackingEvent.objects.filter(text__contains="【").exists()
        assert forget_old_buyers(clock.now()) == 0
    while forget_old_buyers(SAMPLED_AT + timedelta(days=200)):
        pass
    assert named() == []
    assert not TrackingEvent.objects.filter(text__isnull=False).exists()


def test_old_report_brings_no_forgotten_buyer_back(cast: Cast) -> None:
    old = {"订单创建时间": "2026-01-02 10:00:00", "订单付款时间": "2026-01-02 10:05:00"}
    with time_machine.travel(SAMPLED_AT, tick=False):
        imported(cast.shop, upload(report(order_row("4140000000000000001", **old), order_row("4140000000000000002"))))
    assert named() == ["4140000000000000002"]


@pytest.mark.parametrize("path", ["/orders/lookup/?q=4140000000000000001", "detail"])
def test_page_says_that_a_buyer_is_forgotten(cast: Cast, sign_in: Any, path: str) -> None:
    order = make_order(cast.shop, buyer_since=None)
    page = sign_in(cast.mei).get(f"/orders/{order.pk}/" if path == "detail" else path, follow=True).content.decode()
    assert "已过保存期" in page
