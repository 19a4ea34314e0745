"""Parcels that still lie in the house, as far as the three sides tell."""

import random
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from orders.models import Label, LabelOrder, Order, TrackingEvent, Waybill

RECENT = timedelta(days=2)  # a parcel whose label is older has left, whether or not its courier's tracking was imported
MOST = 2000
Status = Order.Status


def numbers_in_house(shop_ids: Iterable[int], at: datetime) -> list[str]:
    """Waybills of parcels that were printed (or entered on the platform) in the last two days, of orders that are
    neither closed, completed nor under refund, on a label that counts, and that no courier has recorded. The newest two
    thousand, in the order of their numbers; in five queries."""
    shops, since = sorted(set(shop_ids)), at - RECENT
    printed = LabelOrder.objects.filter(shop__in=shops, label__printed_at__range=(since, at))
    printed = printed.order_by("-label__printed_at", "-label")
    last: dict[tuple[int, str, int], str] = {}  # the label that counts of each parcel of an order
    for shop, order, parcel, number in printed.values_list("shop", "order_number", "label__parcel", "label__number")[
        :MOST
    ]:
        last.setdefault((shop, order, parcel), number)
    going = (Status.TO_SHIP, Status.PART_SHIPPED, Status.SHIPPED)
    orders = Order.objects.filter(shop__in=shops, status__in=going, refund="")
    wanted = set(orders.filter(number__in={order for _s, order, _p in last}).values_list("shop", "number"))
    found = {number for (shop, order, _parcel), number in last.items() if (shop, order) in wanted}
    named = {order for _shop, order, _parcel in last}
    entered = Q(order__shipped_at__range=(since, at)) | Q(order__shipped_at=None, seen_at__range=(since, at))
    on_platform = Waybill.objects.filter(
        entered, order__shop__in=shops, order__status__in=going, order__refund="", withdrawn_at=None
    ).order_by("-id")
    for number, order in on_platform.values_list("number", "order__number")[:MOST]:
        if order not in named:
            found.add(number)
    recorded = TrackingEvent.objects.filter(number__in=found).exclude(status=TrackingEvent.Status.ORDERED)
    void = Label.objects.filter(number__in=found, shop__in=shops, is_void=True)
    found -= {*recorded.values_list("number", flat=True), *void.values_list("number", flat=True)}
    return sorted(found)


def sample_numbers(
    *, shop_ids: Iterable[int], at: datetime, seed: str, count: int, held: Collection[str] = ()
) -> list[str]:
    """So many parcels of the house drawn by a seed, none of those already held."""
    return drawn_from(numbers_in_house(shop_ids, at), seed=seed, count=count, held=held) if count > 0 else []


def drawn_from(house: Iterable[str], *, seed: str, count: int, held: Collection[str] = ()) -> list[str]:
    """The same of a house that has been read."""
    numbers = [number for number in house if number not in held]
    return random.Random(f"{seed}:{len(held)}").sample(numbers, min(count, len(numbers))) if numbers else []
