"""Two that compare one shop at once, or one beside an import: no finding stands twice, and no verdict on what was
overwrites one on what is."""

import threading
import time
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from kernel import clock
from orders.models import Finding, Order
from orders.services import reconcile_orders
from people.models import Shop
from tests.cast import Cast
from tests.orders.factories import make_order
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def make_late(cast: Cast, count: int) -> None:
    for n in range(count):
        make_order(cast.shop, f"41{n:017}", ship_by=clock.now() - timedelta(hours=1))


def test_three_at_once_find_each_trouble_once(cast: Cast) -> None:
    make_late(cast, 250)
    results = at_once(*[partial(reconcile_orders, shop_id=cast.shop.pk)] * 3)
    assert sorted(map(str, results)) == ["0", "0", "250"]
    assert Finding.objects.standing().count() == 250


def test_verdict_waits_for_whoever_changes_the_shop(cast: Cast) -> None:
    make_late(cast, 3)

    def compare() -> None:
        reconcile_orders(shop_id=cast.shop.pk)
        connection.close()

    thread = threading.Thread(target=compare)
    with transaction.atomic():  # as a batch of an import does
        Shop.objects.select_for_update(of=("self",), no_key=True).get(pk=cast.shop.pk)
        Order.objects.update(status="shipped")
        thread.start()
        time.sleep(1)  # long enough to have read what was, had it read before it locked
    thread.join()
    assert not Finding.objects.standing().exists()


def test_later_verdict_stands_whichever_began_first(cast: Cast) -> None:
    """The first began before the order went, and comes to it after the second, which knows that it did."""
    make_late(cast, 250)
    last = Order.objects.order_by("pk").last()
    assert last is not None
    ids = [*Order.objects.exclude(pk=last.pk).order_by("pk").values_list("pk", flat=True), last.pk]
    first = threading.Thread(target=lambda: (reconcile_orders(shop_id=cast.shop.pk, order_ids=ids), connection.close()))
    first.start()
    Order.objects.filter(pk=last.pk).update(status="shipped")
    reconcile_orders(shop_id=cast.shop.pk, order_ids=[last.pk])
    first.join()
    assert not Finding.objects.standing().filter(order=last).exists()
