"""Buyers are forgotten when their orders are old: what is left of an order names nobody."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings

from kernel.pacing import parts
from orders.models import Order, TrackingEvent

AT_ONCE, BATCH = 5000, 500  # of one tick; of one statement
Kept = Callable[[Iterable[str]], set[str]]


def retention_starts(now: datetime) -> datetime:
    """Orders placed before this moment name no buyer any more."""
    return now - timedelta(days=settings.BUYER_RETENTION_DAYS)


def forget_buyers(now: datetime, *, kept: Kept) -> int:
    """Empties surname, phone tail and place of orders older than the retention period, and the courier's words, which
    may name a buyer. `kept` says which of some order numbers are still needed (an open case). Returns how many orders
    and events were emptied."""
    before = retention_starts(now)
    numbers = dict(Order.objects.filter(buyer_since__lt=before).values_list("id", "number")[:AT_ONCE])
    needed = kept(numbers.values())
    ids = [pk for pk, number in numbers.items() if number not in needed]
    blank = {"receiver_surname": "", "phone_tail": "", "province": "", "city": "", "buyer_since": None}
    done = sum(Order.objects.filter(pk__in=some).update(**blank) for some in parts(ids, BATCH))
    events = list(
        TrackingEvent.objects.filter(at__lt=before, text__isnull=False).values_list("id", flat=True)[:AT_ONCE]
    )
    return done + sum(TrackingEvent.objects.filter(pk__in=some).update(text=None) for some in parts(events, BATCH))
