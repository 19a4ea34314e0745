"""Rows become what the tables hold: set-based, once, and only what changed.

Each keeper takes the rows of one batch and returns how many were new, changed, unchanged. Without an import (a preview)
it only counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kernel import clock
from orders.models import (
    Import,
    Label,
    LabelOrder,
    Order,
    OrderChange,
    OrderItem,
    TrackingEvent,
    Waybill,
)
from orders.readers.rows import ItemRow, LabelRow, OrderRow, TrackingRow
from orders.ruling import rules_of
from people.models import Shop
from people.selectors import day_of

HISTORY = {"status": "status", "refund": "refund", "ship_by": "deadline"}
FIELDS = (
    "status",
    "raw_status",
    "refund",
    "created_at",
    "paid_at",
    "ship_by",
    "deadline_source",
    "shipped_at",
    "receiver_surname",
    "phone_tail",
    "province",
    "city",
    "title",
    "quantity",
    "amount_cents",
)


@dataclass
class Tally:
    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)


def keep_orders(*, shop: Shop, batch: Import | None, rows: Sequence[OrderRow], is_latest_only: bool = False) -> Tally:
    """Orders with their waybills; a changed status, refund, deadline or waybill leaves an OrderChange."""
    wanted = {row.number: row for row in rows}
    hours = rules_of(shop.pk, day_of(clock.now()))["ship_by_hours"]
    known = {o.number: o for o in Order.objects.filter(shop=shop, number__in=wanted)}
    held: dict[int, dict[str, Waybill]] = {}
    for waybill in Waybill.objects.filter(order__in=[o.pk for o in known.values()]):
        held.setdefault(waybill.order_id, {})[waybill.number] = waybill
    now, made, touched, changes, tally = clock.now(), [], [], [], Tally()
    for number, row in wanted.items():
        values = _order_values(row, hours)
        order = known.get(number)
        if order is None:
            made.append(Order(shop=shop, number=number, seen_in=batch, **values))
            tally.new += 1
            continue
        if order.deadline_source == "platform" and values["deadline_source"] == "rule":
            values["ship_by"], values["deadline_source"] = order.ship_by, order.deadline_source
        differing = [f for f in FIELDS if getattr(order, f) != values[f]]
        numbers = {n for n, w in held.get(order.pk, {}).items() if w.withdrawn_at is None}
        if not differing and numbers == set(row.waybills):
            tally.unchanged += 1
            continue
        tally.changed += 1
        if batch is None:
            continue
        for f in differing:
            if f in HISTORY:
                before, after = _spell(getattr(order, f)), _spell(values[f])
                changes.append(
                    OrderChange(order=order, batch=batch, field=HISTORY[f], before=before, after=after, at=now)
                )
            setattr(order, f, values[f])
        if numbers != set(row.waybills):
            before, after = ", ".join(sorted(numbers)), ", ".join(row.waybills)
            changes.append(
                OrderChange(order=order, batch=batch, field="waybill", before=before[:200], after=after[:200], at=now)
            )
        touched.append(order)
    if batch is not None:
        Order.objects.bulk_create(made)
        Order.objects.bulk_update(touched, FIELDS, batch_size=100)
        OrderChange.objects.bulk_create(changes)
        _keep_waybills([*made, *touched], wanted, held, now)
    return tally


def _keep_waybills(
    orders: list[Order], rows: dict[str, OrderRow], held: dict[int, dict[str, Waybill]], now: datetime
) -> None:
    made, changed = [], []
    for order in orders:
        row, mine = rows[order.number], held.get(order.pk, {})
        for number in row.waybills:
            waybill = mine.get(number)
            if waybill is None:
                made.append(Waybill(order=order, number=number, courier=row.courier, seen_at=now))
            elif waybill.withdrawn_at or waybill.courier != row.courier:
                waybill.withdrawn_at, waybill.courier = None, row.courier
                changed.append(waybill)
        for number, waybill in mine.items():
            if number not in row.waybills and waybill.withdrawn_at is None:
                waybill.withdrawn_at = now
                changed.append(waybill)
    Waybill.objects.bulk_create(made)
    Waybill.objects.bulk_update(changed, ["withdrawn_at", "courier"], batch_size=200)


def _order_values(row: OrderRow, hours: int) -> dict[str, Any]:
    ship_by, source = row.ship_by, "platform" if row.ship_by else ""
    if ship_by is None and row.paid_at:
        ship_by, source = row.paid_at + timedelta(hours=hours), "rule"
    return {
        "status": row.status,
        "raw_status": row.raw_status,
        "refund": row.refund,
        "created_at": row.created_at,
        "paid_at": row.paid_at,
        "ship_by": ship_by,
        "deadline_source": source,
        "shipped_at": row.shipped_at,
        "receiver_surname": row.receiver_surname,
        "phone_tail": row.phone_tail,
        "province": row.province,
        "city": row.city,
        "title": row.title,
        "quantity": row.quantity,
        "amount_cents": row.amount_cents,
    }


def _spell(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value or "")


def keep_items(*, shop: Shop, batch: Import | None, rows: Sequence[ItemRow], is_latest_only: bool = False) -> Tally:
    """Lines of orders; those whose order is unknown wait for a later import of the order report."""
    orders = dict(
        Order.objects.filter(shop=shop, number__in={r.order_number for r in rows}).values_list("number", "id")
    )
    wanted = {(orders[r.order_number], r.line_number): r for r in rows if r.order_number in orders}
    known = {(i.order_id, i.line_number): i for i in OrderItem.objects.filter(order__in={order for order, _ in wanted})}
    made, changed, tally = [], [], Tally()
    for (order_id, line), row in wanted.items():
        item = known.get((order_id, line))
        values = {"title": row.title, "seller_code": row.seller_code, "quantity": row.quantity}
        if item is None:
            made.append(OrderItem(order_id=order_id, line_number=line, **values))
        elif any(getattr(item, f) != v for f, v in values.items()):
            for f, v in values.items():
                setattr(item, f, v)
            changed.append(item)
    if batch is not None:
        OrderItem.objects.bulk_create(made)
        OrderItem.objects.bulk_update(changed, ["title", "seller_code", "quantity"], batch_size=200)
    tally.new, tally.changed = len(made) + len(rows) - len(wanted), len(changed)
    tally.unchanged = len(rows) - tally.new - tally.changed
    return tally


def keep_labels(*, shop: Shop, batch: Import | None, rows: Sequence[LabelRow], is_latest_only: bool = False) -> Tally:
    """Printed labels and the orders that each is for; a label voided later changes its state."""
    wanted = {(row.number, row.printed_at): row for row in rows}
    known = {
        (label.number, label.printed_at): label
        for label in Label.objects.filter(shop=shop, number__in={number for number, _ in wanted})
    }
    made, changed, tally = [], [], Tally()
    for key, row in wanted.items():
        values = {
            "courier": row.courier,
            "printed_by": row.printed_by,
            "printer": row.printer,
            "parcel": row.parcel,
            "parcels": row.parcels,
            "is_void": row.is_void,
            "note": row.note,
        }
        label = known.get(key)
        if label is None:
            made.append(Label(shop=shop, number=row.number, printed_at=row.printed_at, **values))
        elif any(getattr(label, f) != v for f, v in values.items()):
            for f, v in values.items():
                setattr(label, f, v)
            changed.append(label)
    tally.new, tally.changed = len(made), len(changed)
    tally.unchanged = len(rows) - len(made) - len(changed)
    if batch is not None:
        Label.objects.bulk_create(made)
        fields = ["courier", "printed_by", "printer", "parcel", "parcels", "is_void", "note"]
        Label.objects.bulk_update(changed, fields, batch_size=200)
        named = [
            LabelOrder(label=label, shop=shop, order_number=number)
            for label in [*made, *known.values()]
            if (label.number, label.printed_at) in wanted
            for number in wanted[label.number, label.printed_at].orders
        ]
        LabelOrder.objects.bulk_create(named, ignore_conflicts=True)
    return tally


def keep_tracking(
    *, shop: Shop, batch: Import | None, rows: Sequence[TrackingRow], is_latest_only: bool = False
) -> Tally:
    """Events, appended; one that is known already is left as it is."""
    wanted = {(row.number, row.at, row.status): row for row in rows}
    known = set(
        TrackingEvent.objects.filter(shop=shop, number__in={number for number, *_ in wanted}).values_list(
            "number", "at", "status"
        )
    )
    made = [
        TrackingEvent(
            shop=shop,
            number=row.number,
            courier=row.courier,
            at=row.at,
            city=row.city,
            status=row.status,
            text=row.text,
            is_latest_only=is_latest_only,
        )
        for key, row in wanted.items()
        if key not in known
    ]
    if batch is not None:
        TrackingEvent.objects.bulk_create(made, ignore_conflicts=True)
    return Tally(len(made), 0, len(rows) - len(made))


KEEPERS: dict[str, Callable[..., Tally]] = {
    "orders": keep_orders,
    "items": keep_items,
    "labels": keep_labels,
    "tracking": keep_tracking,
}
