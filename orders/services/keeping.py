"""Rows become what the tables hold: set-based, once, and only what changed.

Each keeper takes the rows of one batch and returns how many were new, changed, unchanged. Without an import (a preview)
it only counts.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from kernel import clock
from kernel.plain_rows import insert_rows
from orders.aftersale import TO_SHIP, refund_of
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
from orders.ruling import Deadlines
from orders.services.forgetting import retention_starts
from orders.services.operators import meet_operators
from orders.services.products import meet_products
from people.models import Shop

HISTORY = {"status": "status", "refund": "refund", "ship_by": "deadline"}
FIELDS = (
    "status",
    "raw_status",
    "refund",
    "said_refund",
    "created_at",
    "paid_at",
    "ship_by",
    "platform_ship_by",
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


ITEM_FIELDS = ("title", "seller_code", "quantity", "refund")
LABEL_FIELDS = ("courier", "printed_by", "printer", "parcel", "parcels", "is_void", "note")


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
    deadlines = Deadlines(shop.pk)
    known = {o.number: o for o in Order.objects.filter(shop=shop, number__in=wanted)}
    held: dict[int, dict[str, Waybill]] = {}
    for waybill in Waybill.objects.filter(order__in=[o.pk for o in known.values()]):
        held.setdefault(waybill.order_id, {})[waybill.number] = waybill
    lines = _refunds_of_lines(known.values())
    now, tally = clock.now(), Tally()
    named_from = retention_starts(now)
    made: dict[str, dict[str, Any]] = {}
    touched: dict[str, Order] = {}
    changes: list[OrderChange] = []
    for number, row in wanted.items():
        order = known.get(number)
        said = row.ship_by or (order.platform_ship_by if order else None)  # a report without the column takes none away
        refunds = lines.get(order.pk, ()) if order else ()
        values = _order_values(row, said, deadlines, named_from, refunds)
        if order is None:
            made[number] = values
            tally.new += 1
            continue
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
        order.recheck_at = now
        touched[number] = order
    if batch is not None:
        names = ("shop", "number", *FIELDS, "buyer_since", "seen_in", "recheck_at", "awaits_tracking", "unchecked")
        more = (batch.pk, now, False, "")
        rows_made = [
            (shop.pk, number, *map(values.__getitem__, FIELDS), _placed_at(wanted[number]) or now, *more)
            for number, values in made.items()
        ]
        insert_rows(Order, names, rows_made)
        Order.objects.bulk_update(touched.values(), [*FIELDS, "recheck_at"], batch_size=100)
        OrderChange.objects.bulk_create(changes)
        ids = dict(Order.objects.filter(shop=shop, number__in=made).values_list("number", "id"))
        ids |= {number: order.pk for number, order in touched.items()}
        _keep_waybills(ids, wanted, held, now)
        recheck(shop, {n for number, pk in ids.items() for n in (*wanted[number].waybills, *held.get(pk, ()))})
    return tally


def _keep_waybills(
    ids: dict[str, int], rows: dict[str, OrderRow], held: dict[int, dict[str, Waybill]], now: datetime
) -> None:
    made, changed = [], []
    for order_number, pk in ids.items():
        row, mine = rows[order_number], held.get(pk, {})
        for number in row.waybills:
            waybill = mine.get(number)
            if waybill is None:
                made.append((pk, number, row.courier, now, None))
            elif waybill.withdrawn_at or waybill.courier != row.courier:
                waybill.withdrawn_at, waybill.courier = None, row.courier
                changed.append(waybill)
        for number, waybill in mine.items():
            if number not in row.waybills and waybill.withdrawn_at is None:
                waybill.withdrawn_at = now
                changed.append(waybill)
    insert_rows(Waybill, ("order", "number", "courier", "seen_at", "withdrawn_at"), made)
    Waybill.objects.bulk_update(changed, ["withdrawn_at", "courier"], batch_size=200)


def _refunds_of_lines(orders: Iterable[Order]) -> dict[int, list[str]]:
    """What item reports said of the lines of these orders."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = OrderItem.objects.filter(order__in=[order.pk for order in orders])
    for order_id, refund in rows.values_list("order_id", "refund"):
        found[order_id].append(refund)
    return found


def _order_values(
    row: OrderRow, said: datetime | None, deadlines: Deadlines, named_from: datetime, lines: Collection[str]
) -> dict[str, Any]:
    placed_at = _placed_at(row)
    is_named = placed_at is None or placed_at >= named_from  # an old report brings no forgotten buyer back
    ship_by, source = deadlines.of(said, row.paid_at)
    return {
        "status": row.status,
        "raw_status": row.raw_status,
        "refund": refund_of(row.said_refund, lines, is_to_ship=row.status in TO_SHIP),
        "said_refund": row.said_refund,
        "created_at": row.created_at,
        "paid_at": row.paid_at,
        "ship_by": ship_by,
        "platform_ship_by": said,
        "deadline_source": source,
        "shipped_at": row.shipped_at,
        "receiver_surname": row.receiver_surname if is_named else "",
        "phone_tail": row.phone_tail if is_named else "",
        "province": row.province if is_named else "",
        "city": row.city if is_named else "",
        "title": row.title,
        "quantity": row.quantity,
        "amount_cents": row.amount_cents,
    }


def _placed_at(row: OrderRow) -> datetime | None:
    return row.created_at or row.paid_at


def _spell(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value or "")


def keep_items(*, shop: Shop, batch: Import | None, rows: Sequence[ItemRow], is_latest_only: bool = False) -> Tally:
    """Lines of orders; those whose order is unknown wait for a later import of the order report."""
    named = {o.number: o for o in Order.objects.filter(shop=shop, number__in={r.order_number for r in rows})}
    orders = {number: order.pk for number, order in named.items()}
    wanted = {(orders[r.order_number], r.line_number): r for r in rows if r.order_number in orders}
    known = {(i.order_id, i.line_number): i for i in OrderItem.objects.filter(order__in={order for order, _ in wanted})}
    made, changed, tally = [], [], Tally()
    for (order_id, line), row in wanted.items():
        item = known.get((order_id, line))
        values = {f: getattr(row, f) for f in ITEM_FIELDS}
        if item is None:
            made.append(OrderItem(order_id=order_id, line_number=line, **values))
        elif any(getattr(item, f) != v for f, v in values.items()):
            for f, v in values.items():
                setattr(item, f, v)
            changed.append(item)
    if batch is not None:
        meet_products(shop=shop, lines=[(row.seller_code, row.title) for row in rows])
        OrderItem.objects.bulk_create(made)
        OrderItem.objects.bulk_update(changed, ITEM_FIELDS, batch_size=200)
        _hold_by_lines(batch, named.values())
    tally.new, tally.changed = len(made) + len(rows) - len(wanted), len(changed)
    tally.unchanged = len(rows) - tally.new - tally.changed
    return tally


def _hold_by_lines(batch: Import, orders: Collection[Order]) -> None:
    """What item reports say of refunds holds the orders, or frees them."""
    lines, now, changed = _refunds_of_lines(orders), clock.now(), []
    for order in orders:
        is_to_ship = order.status in TO_SHIP
        refund = refund_of(order.said_refund, lines.get(order.pk, ()), is_to_ship=is_to_ship)
        if refund != order.refund:
            before, order.refund, order.recheck_at = order.refund, refund, now
            changed.append(
                (order, OrderChange(order=order, batch=batch, field="refund", before=before, after=refund, at=now))
            )
    Order.objects.bulk_update([order for order, _change in changed], ["refund", "recheck_at"], batch_size=200)
    OrderChange.objects.bulk_create([change for _order, change in changed])


def keep_labels(*, shop: Shop, batch: Import | None, rows: Sequence[LabelRow], is_latest_only: bool = False) -> Tally:
    """Printed labels and the orders that each is for; a label voided later changes its state."""
    wanted = {(row.number, row.printed_at): row for row in rows}
    numbers = {number for number, _ in wanted}
    known = {key_of(label): label for label in Label.objects.filter(shop=shop, number__in=numbers)}
    made, changed, tally = [], [], Tally()
    for key, row in wanted.items():
        label = known.get(key)
        if label is None:
            made.append(key)
        elif any(getattr(label, f) != getattr(row, f) for f in LABEL_FIELDS):
            for f in LABEL_FIELDS:
                setattr(label, f, getattr(row, f))
            changed.append(label)
    tally.new, tally.changed = len(made), len(changed)
    tally.unchanged = len(rows) - len(made) - len(changed)
    if batch is not None:
        plain = [(shop.pk, *key, *(getattr(wanted[key], f) for f in LABEL_FIELDS)) for key in made]
        meet_operators(shop=shop, texts={row.printed_by for row in rows})
        insert_rows(Label, ("shop", "number", "printed_at", *LABEL_FIELDS), plain)
        Label.objects.bulk_update(changed, LABEL_FIELDS, batch_size=200)
        ids = Label.objects.filter(shop=shop, number__in=numbers).values_list("number", "printed_at", "id")
        named = [(pk, shop.pk, name) for *key, pk in ids if (row := wanted.get(tuple(key))) for name in row.orders]
        insert_rows(LabelOrder, ("label", "shop", "order_number"), named)
        fresh = {*made, *map(key_of, changed)}
        recheck(shop, {number for number, _ in fresh}, {name for key in fresh for name in wanted[key].orders})
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
    made = {key: row for key, row in wanted.items() if key not in known}
    if batch is not None:
        names = ("shop", "number", "courier", "at", "city", "status", "text", "is_latest_only")
        events = [
            (shop.pk, r.number, r.courier, r.at, r.city, r.status, r.text or None, is_latest_only)
            for r in made.values()
        ]
        insert_rows(TrackingEvent, names, events)
        recheck(shop, {row.number for row in made.values()})
    return Tally(len(made), 0, len(rows) - len(made))


def key_of(label: Label) -> tuple[str, datetime]:
    return label.number, label.printed_at


def recheck(shop: Shop, waybills: Collection[str], orders: Collection[str] = ()) -> None:
    """Orders that have one of these numbers, on the platform or on a label, are to be compared anew; so are those
    named."""
    named = set(orders)
    labels = Label.objects.filter(shop=shop, number__in=waybills).values_list("id", flat=True)
    named.update(LabelOrder.objects.filter(label__in=list(labels)).values_list("order_number", flat=True))
    holders = Waybill.objects.filter(number__in=waybills).values_list("order_id", flat=True)
    now, later = clock.now(), Q(recheck_at=None) | Q(recheck_at__gt=clock.now())
    Order.objects.filter(later, shop=shop, number__in=named).update(recheck_at=now)
    Order.objects.filter(later, shop=shop, pk__in=list(holders)).update(recheck_at=now)


KEEPERS: dict[str, Callable[..., Tally]] = {
    "orders": keep_orders,
    "items": keep_items,
    "labels": keep_labels,
    "tracking": keep_tracking,
}
