"""Rows of the four kinds of files as plain values."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from orders import aftersale
from orders.places import city_in
from orders.readers import cells
from orders.readers.cells import BadCell, narrow, plain
from orders.readers.order_rows import OrderRow, OrderRows
from orders.readers.said import ALL_KNOWN, STREET, Cells, Said, Unknown, is_closed, refund_said
from orders.readers.table import Table

CITY = re.compile(r"【(.{2,12}?)】")
EVENTS = frozenset(
    (
        "ORDERED",
        "PICKED_UP",
        "IN_TRANSIT",
        "OUT_FOR_DELIVERY",
        "AT_LOCKER",
        "SIGNED",
        "EXCEPTION",
        "RETURNED",
        "CANCELLED",
    )
)


@dataclass(frozen=True, slots=True)
class ItemRow:
    order_number: str
    line_number: str
    title: str
    seller_code: str
    quantity: int
    refund: str = ""
    waybills: tuple[str, ...] = ()
    unknown: Unknown = ALL_KNOWN


@dataclass(frozen=True, slots=True)
class LabelRow:
    number: str
    courier: str
    printed_at: datetime
    printed_by: str
    printer: str
    parcel: int
    parcels: int
    is_void: bool
    note: str
    orders: tuple[str, ...]
    unknown: Unknown = ALL_KNOWN


@dataclass(frozen=True, slots=True)
class TrackingRow:
    number: str
    courier: str
    at: datetime
    city: str
    status: str
    text: str
    unknown: Unknown = ALL_KNOWN


@dataclass(frozen=True, slots=True)
class AfterSaleRow:
    """A refund, return or exchange; `number` tells it from others of its order, `cents` is what goes back."""

    order_number: str
    number: str
    refund: str
    cents: int
    at: datetime | None
    is_closed: bool
    unknown: Unknown = ALL_KNOWN


Row = OrderRow | ItemRow | AfterSaleRow | LabelRow | TrackingRow


def read_rows(table: Table) -> Iterator[tuple[int, Row | BadCell]]:
    """(line, row) for every row of a table; one that cannot be read comes as its fault. Rows of one order are one."""
    return OrderRows(table).rows() if table.kind == "orders" else _parsed(table)


def _parsed(table: Table) -> Iterator[tuple[int, Row | BadCell]]:
    parse, said = PARSERS[table.kind], Said(table)
    for line, found in table.rows():
        if isinstance(found, BadCell):
            yield line, found
            continue
        if table.kind == "labels" and not any(
            narrow(found[name]) for name in ("printed_at", "waybill", "order_number")
        ):
            continue  # goods of the label above, whose cells are merged
        try:
            yield line, parse(found, said)
        except BadCell as fault:
            yield line, fault


def _one_waybill(row: Cells) -> str:
    found = cells.numbers(row["waybill"], "waybill")
    if not found:
        raise BadCell("no_waybill", "waybill", row["waybill"])
    if len(found) > 1:
        raise BadCell("several_waybills", "waybill", row["waybill"])
    return found[0]


def _item(row: Cells, said: Said) -> ItemRow:
    refund, unknown = refund_said(row, said)
    return ItemRow(
        order_number=cells.order_number(row.get("order_number", ""), "order_number"),
        line_number=cells.order_number(row.get("sub_order_number", ""), "sub_order_number"),
        title=plain(row.get("title", ""))[:200],
        seller_code=plain(row.get("seller_code", ""))[:60],
        quantity=cells.quantity(row.get("quantity", ""), "quantity"),
        refund=aftersale.REQUESTED if refund == aftersale.AMOUNT else refund,
        waybills=cells.numbers(row.get("waybill", ""), "waybill"),
        unknown=unknown,
    )


def _aftersale(row: Cells, said: Said) -> AfterSaleRow:
    refund, unknown = refund_said(row, said)
    order = cells.order_number(row["order_number"], "order_number")
    at = cells.moment(row.get("applied_at", ""), "applied_at")
    number = cells.number(row.get("aftersale_number", ""), "aftersale_number")
    line = cells.number(row.get("sub_order_number", ""), "sub_order_number")
    return AfterSaleRow(
        order_number=order,
        number=" ".join(filter(None, (number or (at.isoformat() if at else ""), line)))[:80],
        refund=aftersale.REQUESTED if refund == aftersale.AMOUNT else refund,
        cents=abs(cells.cents(row.get("refund_amount", ""), "refund_amount")),
        at=at,
        is_closed=is_closed(row),
        unknown=unknown,
    )


def _label(row: Cells, said: Said) -> LabelRow:
    number = _one_waybill(row)
    printed_at = cells.moment(row["printed_at"], "printed_at")
    if printed_at is None:
        raise BadCell("bad_date", "printed_at", "")
    parcel, _, parcels = plain(row.get("parcel", "")).partition("/")
    state, known = said.state(row.get("status", ""))
    courier, unknown = said.courier(row.get("courier", ""))
    return LabelRow(
        number=number,
        courier=courier,
        printed_at=printed_at,
        printed_by=plain(row.get("printed_by", ""))[:40],
        printer=plain(row.get("printer", ""))[:40],
        parcel=cells.ordinal(parcel),
        parcels=cells.ordinal(parcels),
        is_void=known == "void",
        note=_note(row.get("note", "")),
        orders=tuple(dict.fromkeys(map(cells.whole_order, cells.numbers(row["order_number"], "order_number")))),
        unknown=unknown + Unknown(words=(state,)) if state and not known else unknown,
    )


def _note(cell: str) -> str:
    """What a label is for, «补发»; words that may name a buyer are not kept."""
    text = plain(cell)
    return "" if STREET.search(text) else text[:20]


def _tracking(row: Cells, said: Said) -> TrackingRow:
    number = _one_waybill(row)
    at = cells.moment(row["event_at"], "event_at")
    if at is None:
        raise BadCell("bad_date", "event_at", "")
    text = plain(row.get("text", ""))
    state, known = said.state(row["status"])
    status = known or (state if state in EVENTS else "UNKNOWN")
    named = CITY.search(text)
    courier, unknown = said.courier(row.get("courier", ""))
    return TrackingRow(
        number=number,
        courier=courier,
        at=at,
        city=_city(plain(row.get("city", "")) or (named.group(1) if named else "")),
        status=status,
        text=text[:200],
        unknown=unknown + Unknown(words=(state,)) if status == "UNKNOWN" and state else unknown,
    )


@lru_cache(maxsize=4096)
def _city(text: str) -> str:
    return city_in(text) or ("" if STREET.search(text) else text[:20])


PARSERS: dict[str, Callable[[Cells, Said], Row]] = {
    "items": _item,
    "aftersales": _aftersale,
    "labels": _label,
    "tracking": _tracking,
}
