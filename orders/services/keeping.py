"""Rows become what the tables hold: set-based, once, and only what changed.

Each keeper takes the rows of one batch and returns how many were new, changed, unchanged. Without an import (a preview)
it only counts.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from kernel import clock
from kernel.plain_rows import insert_rows
from orders.aftersale import NOTHING, REFUNDED, REQUESTED, TO_SHIP, refund_of, worst
from orders.models import (
    AfterSale,
    Import,
    Label,
    LabelOrder,
    Order,
    OrderChange,
    OrderItem,
    TrackingEvent,
    Waybill,
)
from orders.readers.rows import AfterSaleRow, ItemRow, LabelRow, OrderRow, Row, TrackingRow
from orders.ruling import Deadlines
from orders.services.ages import Age, goes_back
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
    notes: list[tuple[Row, str, str]] = field(default_factory=list)  # row, code, the number that it is about

    def __add__(self, other: "Tally") -> "Tally":
        counts = self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged
        return Tally(*counts, self.notes + other.notes)


def keep_orders(*, shop: Shop, batch: Import | None, rows: Sequence[OrderRow], age: Age) -> Tally:
    """Orders with their waybills; a changed status, refund, deadline or waybill leaves an OrderChange.

    What an older file says of an order that is known is not taken, nor what goes back behind it in a file of no known
    age; a file without a column takes nothing away."""
    wanted = {row.number: row for row in rows}
    deadlines = Deadlines(shop.pk)
    known = {o.number: o for o in Order.objects.filter(shop=shop, number__in=wanted)}
    held: dict[int, dict[str, Waybill]] = {}
    for waybill in Waybill.objects.filter(order__in=[o.pk for o in known.values()]):
        held.setdefault(waybill.order_id, {})[waybill.number] = waybill
    lines, claims = _refunds_of_lines(known.values()), _claims(shop, wanted, known)
    now, tally = clock.now(), Tally()
    named_from = retention_starts(now)
    made: dict[str, dict[str, Any]] = {}
    touched: dict[str, Order] = {}
    changes: list[OrderChange] = []
    confirmed: list[int] = []
    for number, row in wanted.items():
        order = known.get(number)
        said = row.ship_by or (order.platform_ship_by if order else None)  # a report without the column takes none away
        refunds = lines.get(order.pk, ()) if order else ()
        values = _order_values(row, said, deadlines, named_from, refunds, claims.get(number, NOTHING))
        values["said_at"] = age.until
        if order is None:
            made[number] = values
            tally.new += 1
            continue
        differing = [f for f in FIELDS if getattr(order, f) != values[f] and age.tells(f)]
        numbers = {n for n, w in held.get(order.pk, {}).items() if w.withdrawn_at is None}
        is_moved = numbers != set(row.waybills) and age.tells("waybills")
        if not differing and not is_moved:
            tally.unchanged += 1
            if order.said_at is None or order.said_at < age.until:
                confirmed.append(order.pk)
            continue
        if note := _objection(order, row, values, held.get(order.pk, {}), age):
            tally.unchanged += 1
            tally.notes.append((row, note, number))
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
        order.said_at = age.until
        if is_moved:
            before, after = ", ".join(sorted(numbers)), ", ".join(row.waybills)
            changes.append(
                OrderChange(order=order, batch=batch, field="waybill", before=before[:200], after=after[:200], at=now)
            )
        order.recheck_at = now
        touched[number] = order
    if batch is not None:
        names = (
            "shop",
            "number",
            *FIELDS,
            "buyer_since",
            "seen_in",
            "recheck_at",
            "awaits_tracking",
            "unchecked",
            "said_at",
        )
        more = (batch.pk, now, False, "", age.until)
        rows_made = [
            (shop.pk, number, *map(values.__getitem__, FIELDS), _placed_at(wanted[number]) or now, *more)
            for number, values in made.items()
        ]
        insert_rows(Order, names, rows_made)
        Order.objects.bulk_update(touched.values(), [*FIELDS, "recheck_at", "said_at"], batch_size=100)
        Order.objects.filter(pk__in=confirmed).update(said_at=age.until)
        OrderChange.objects.bulk_create(changes)
        ids = dict(Order.objects.filter(shop=shop, number__in=made).values_list("number", "id"))
        ids |= {number: order.pk for number, order in touched.items()}
        if age.tells("waybills"):
            _keep_waybills(ids, wanted, held, now)
        recheck(shop, {n for number, pk in ids.items() for n in (*wanted[number].waybills, *held.get(pk, ()))})
    return tally


def _objection(order: Order, row: OrderRow, values: dict[str, Any], held: dict[str, Waybill], age: Age) -> str:
    """Why what a row says of an order is not taken: it is older than what is known, or may be."""
    if age.is_older(order.said_at):
        return "older"
    if age.is_newer(order.said_at):
        return ""
    known = {number for number, waybill in held.items() if waybill.withdrawn_at is None}
    returning = {n for n in row.waybills if n in held} - known
    is_freed = order.said_refund in (REQUESTED, REFUNDED) and not (values["said_refund"] or row.is_closed)
    is_back = goes_back(order.status, row.status) or (is_freed and age.tells("refund"))
    is_back |= age.tells("waybills") and bool(returning or (known and not row.waybills))
    return "goes_back" if is_back else ""


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
    row: OrderRow,
    said: datetime | None,
    deadlines: Deadlines,
    named_from: datetime,
    lines: Collection[str],
    claims: str,
) -> dict[str, Any]:
    placed_at = _placed_at(row)
    is_named = placed_at is None or placed_at >= named_from  # an old report brings no forgotten buyer back
    ship_by, source = deadlines.of(said, row.paid_at)
    return {
        "status": row.status,
        "raw_status": row.raw_status,
        "refund": refund_of(row.said_refund, lines, is_to_ship=row.status in TO_SHIP, claims=claims),
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


def keep_items(*, shop: Shop, batch: Import | None, rows: Sequence[ItemRow], age: Age) -> Tally:
    """Lines of orders; those whose order is unknown are not kept, and told."""
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
        _hold_by_refunds(batch, named.values())
    tally.new, tally.changed = len(made) + len(rows) - len(wanted), len(changed)
    tally.unchanged = len(rows) - tally.new - tally.changed
    return tally


def _hold_by_refunds(batch: Import, orders: Collection[Order]) -> None:
    """What item reports and lists of after-sales say of refunds holds the orders, or frees them."""
    lines, now, changed = _refunds_of_lines(orders), clock.now(), []
    claims = _claims(batch.shop, [o.number for o in orders], {o.number: o for o in orders}) if orders else {}
    for order in orders:
        of_lines, claimed = lines.get(order.pk, ()), claims.get(order.number, NOTHING)
        refund = refund_of(order.said_refund, of_lines, is_to_ship=order.status in TO_SHIP, claims=claimed)
        if refund != order.refund:
            before, order.refund, order.recheck_at = order.refund, refund, now
            told = {"field": "refund", "before": before, "after": refund}
            changed.append((order, OrderChange(order=order, batch=batch, at=now, **told)))
    Order.objects.bulk_update([order for order, _change in changed], ["refund", "recheck_at"], batch_size=200)
    OrderChange.objects.bulk_create([change for _order, change in changed])


def _claims(shop: Shop, numbers: Iterable[str], known: Mapping[str, Order]) -> dict[str, str]:
    """What lists of after-sales said of these orders: what is open holds; what went back frees the rest of an order,
    unless it was all of it."""
    found: dict[str, list[AfterSale]] = defaultdict(list)
    for claim in AfterSale.objects.filter(shop=shop, order_number__in=list(numbers)):
        found[claim.order_number].append(claim)
    return {number: _claimed(claims, known.get(number)) for number, claims in found.items()}


def _claimed(claims: list[AfterSale], order: Order | None) -> str:
    state = worst([claim.refund for claim in claims])
    back = [claim.cents for claim in claims if claim.refund == REFUNDED]
    is_part = order is not None and all(back) and sum(back) < order.amount_cents
    return NOTHING if state == REFUNDED and is_part else state


def keep_aftersales(*, shop: Shop, batch: Import | None, rows: Sequence[AfterSaleRow], age: Age) -> Tally:
    """Refunds, returns and exchanges; those of an order that nobody knows wait for it."""
    wanted = {(row.order_number, row.number): row for row in rows}
    numbers = {row.order_number for row in rows}
    known = {(c.order_number, c.number): c for c in AfterSale.objects.filter(shop=shop, order_number__in=numbers)}
    made, changed, tally = [], [], Tally()
    for key, row in wanted.items():
        claim, values = known.get(key), {"refund": row.refund, "cents": row.cents, "at": row.at}
        if claim is None:
            made.append(AfterSale(shop=shop, order_number=row.order_number, number=row.number, **values))
        elif any(getattr(claim, f) != v for f, v in values.items()):
            if row.refund == REQUESTED and claim.refund in (REFUNDED, NOTHING) and not age.is_newest:
                tally.notes.append((row, "goes_back", row.order_number))  # it had ended
                continue
            for f, v in values.items():
                setattr(claim, f, v)
            changed.append(claim)
    if batch is not None:
        AfterSale.objects.bulk_create(made)
        AfterSale.objects.bulk_update(changed, ["refund", "cents", "at"], batch_size=200)
        _hold_by_refunds(batch, Order.objects.filter(shop=shop, number__in=numbers))
    return Tally(len(made), len(changed), len(rows) - len(made) - len(changed), tally.notes)


def keep_labels(*, shop: Shop, batch: Import | None, rows: Sequence[LabelRow], age: Age) -> Tally:
    """Printed labels and the orders that each is for; a label voided later changes its state."""
    wanted = {(row.number, row.printed_at): row for row in rows}
    numbers = {number for number, _ in wanted}
    known = {key_of(label): label for label in Label.objects.filter(shop=shop, number__in=numbers)}
    made, changed, tally = [], [], Tally()
    for key, row in wanted.items():
        label = known.get(key)
        if label is None:
            made.append(key)
        elif label.is_void and not row.is_void and not age.is_newest:
            tally.notes.append((row, "goes_back", row.number))  # a label that was void is printed anew, at another time
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
        named = [(pk, shop.pk, name) for n, at, pk in ids if (n, at) in wanted for name in wanted[n, at].orders]
        insert_rows(LabelOrder, ("label", "shop", "order_number"), named)
        fresh = {*made, *map(key_of, changed)}
        recheck(shop, {number for number, _ in fresh}, {name for key in fresh for name in wanted[key].orders})
    return tally


def keep_tracking(*, shop: Shop, batch: Import | None, rows: Sequence[TrackingRow], age: Age) -> Tally:
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
            (shop.pk, r.number, r.courier, r.at, r.city, r.status, r.text or None, age.is_latest_only)
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
    "aftersales": keep_aftersales,
    "labels": keep_labels,
    "tracking": keep_tracking,
}
