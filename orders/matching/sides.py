"""What the three sides say of some orders, loaded in a fixed number of queries, as plain values."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from orders.couriers import is_known_courier
from orders.matching.shapes import shape
from orders.models import Coverage, Label, LabelOrder, Order, TrackingEvent, Waybill

Receiver = tuple[str, str, str]


@dataclass(slots=True)
class Print:
    """A label of the warehouse's log."""

    number: str
    courier: str
    printed_at: datetime
    printed_by: str
    parcel: int
    is_void: bool
    orders: frozenset[str]


@dataclass(slots=True)
class Event:
    at: datetime
    status: str
    city: str
    is_latest_only: bool


@dataclass(slots=True)
class OrderSides:
    """One order with its platform numbers and its labels."""

    id: int
    number: str
    status: str
    refund: str
    paid_at: datetime | None
    ship_by: datetime | None
    shipped_at: datetime | None
    province: str
    city: str
    receiver: Receiver
    amount_cents: int
    recheck_at: datetime | None
    waybills: dict[str, str] = field(default_factory=dict)  # number → courier
    labels: list[Print] = field(default_factory=list)

    @property
    def good_labels(self) -> list[Print]:
        """The label of each parcel that counts: not voided, and the last one where it was printed again."""
        last: dict[int, Print] = {}
        for label in self.labels:
            if not label.is_void:
                last[label.parcel] = label
        return list(last.values())

    @property
    def replaced_numbers(self) -> set[str]:
        """Numbers of labels that were voided or printed again."""
        good = {label.number for label in self.good_labels}
        return {label.number for label in self.labels} - good


@dataclass(frozen=True)
class Speaking:
    """A period and couriers that an import speaks for."""

    side: str
    couriers: frozenset[str]
    starts_at: datetime
    ends_at: datetime
    knows_first_event: bool

    def covers(self, side: str, courier: str, moment: datetime) -> bool:
        """A courier that nobody knows by this name is covered by none: its parcels may stand under another name."""
        return (
            self.side == side
            and (not courier or is_known_courier(courier))
            and (not self.couriers or courier in self.couriers)
            and self.starts_at <= moment <= self.ends_at
        )


@dataclass(slots=True)
class World:
    """The orders looked at, and whatever shares a number with them."""

    orders: list[OrderSides]
    holders: dict[str, list[tuple[int, str, Receiver]]]  # number → orders that the platform has it on
    prints: dict[str, list[Print]]  # number → labels
    events: dict[str, list[Event]]
    coverage: list[Speaking]

    def covered_until(self, side: str, courier: str, since: datetime) -> datetime | None:
        """The latest moment that a coverage which holds `since` speaks for; None outside every coverage."""
        ends = [c.ends_at for c in self.coverage if c.covers(side, courier, since)]
        return max(ends, default=None)


def coverage_of(shop_id: int) -> list[Speaking]:
    return [
        Speaking(c.side, frozenset(c.couriers), c.starts_at, c.ends_at, c.knows_first_event)
        for c in Coverage.objects.filter(shop=shop_id, is_active=True)
    ]


class OwnShapes:
    """Whether a shop has several numbers of a courier that look like one; asked once for each look that it has."""

    ENOUGH, LOOKED_AT = 10, 500

    def __init__(self, shop_id: int) -> None:
        self.shop_id = shop_id
        self._known: dict[tuple[str, str, str], bool] = {}

    def ask_again(self) -> None:
        """What it had not may have come."""
        self._known = {look: True for look, has in self._known.items() if has}

    def __call__(self, courier: str, number: str) -> bool:
        head, look = number[:2], shape(number)
        if (courier, head, look) not in self._known:
            rows = Waybill.objects.filter(order__shop=self.shop_id, courier=courier, number__startswith=head)
            alike = [n for n in rows.values_list("number", flat=True)[: self.LOOKED_AT] if shape(n) == look]
            self._known[courier, head, look] = len(alike) >= self.ENOUGH
        return self._known[courier, head, look]


def load_world(shop_id: int, order_ids: Iterable[int], coverage: list[Speaking]) -> World:
    """Everything that the rules need about these orders (at most a thousand at a time), in seven queries."""
    ids = list(order_ids)
    orders = {o.pk: _sides(o) for o in Order.objects.filter(pk__in=ids, shop=shop_id)}
    by_number = {o.number: o for o in orders.values()}
    for order_id, number, courier in Waybill.objects.filter(order__in=ids, withdrawn_at=None).values_list(
        "order_id", "number", "courier"
    ):
        if order_id in orders:
            orders[order_id].waybills[number] = courier
    platform_numbers = {n for o in orders.values() for n in o.waybills}
    label_ids = set(
        LabelOrder.objects.filter(shop=shop_id, order_number__in=by_number).values_list("label_id", flat=True)
    )
    labels = {label.pk: label for label in Label.objects.filter(shop=shop_id, number__in=platform_numbers)}
    labels |= {label.pk: label for label in Label.objects.filter(pk__in=label_ids - labels.keys())}
    orders_of: dict[int, set[str]] = defaultdict(set)
    for label_id, order_number in LabelOrder.objects.filter(label__in=labels).values_list("label_id", "order_number"):
        orders_of[label_id].add(order_number)
    prints: dict[str, list[Print]] = defaultdict(list)
    for pk, label in sorted(labels.items(), key=lambda row: (row[1].printed_at, row[0])):
        row = Print(
            label.number,
            label.courier,
            label.printed_at,
            label.printed_by,
            label.parcel,
            label.is_void,
            frozenset(orders_of[pk]),
        )
        prints[label.number].append(row)
        for order_number in row.orders:
            if order_number in by_number:
                by_number[order_number].labels.append(row)
    numbers = platform_numbers | set(prints)
    holders: dict[str, list[tuple[int, str, Receiver]]] = defaultdict(list)
    held = Waybill.objects.filter(number__in=numbers, withdrawn_at=None)  # by shop, SQLite would search all its orders
    receiver_fields = ("order__receiver_surname", "order__phone_tail", "order__city")
    for shop, number, pk, order_number, *receiver in held.values_list(
        "order__shop_id", "number", "order_id", "order__number", *receiver_fields
    ):
        if shop == shop_id:
            holders[number].append((pk, order_number, tuple(receiver)))
    events: dict[str, list[Event]] = defaultdict(list)
    for number, at, status, city, latest in (
        TrackingEvent.objects.filter(shop=shop_id, number__in=numbers)
        .order_by("at", "id")
        .values_list("number", "at", "status", "city", "is_latest_only")
    ):
        events[number].append(Event(at, status, city, latest))
    return World(list(orders.values()), holders, prints, events, coverage)


def _sides(order: Order) -> OrderSides:
    return OrderSides(
        order.pk,
        order.number,
        order.status,
        order.refund,
        order.paid_at,
        order.ship_by,
        order.shipped_at,
        order.province,
        order.city,
        (order.receiver_surname, order.phone_tail, order.city),
        order.amount_cents,
        order.recheck_at,
    )
