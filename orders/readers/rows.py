"""Rows of the four kinds of files as plain values."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from orders.couriers import courier_code, courier_in
from orders.places import place_in
from orders.readers import cells
from orders.readers.cells import BadCell, plain
from orders.readers.table import Table, headers

CITY = re.compile(r"【(.{2,12}?)】")
CIPHERED = ("##", "$$")  # how Douyin writes what it keeps to itself
Cells = dict[str, str]
Statuses = Mapping[str, str]  # a state as the file says it → ours


@dataclass(frozen=True, slots=True)
class OrderRow:
    number: str
    shop_name: str
    status: str
    raw_status: str
    refund: str
    created_at: datetime | None
    paid_at: datetime | None
    ship_by: datetime | None
    shipped_at: datetime | None
    receiver_surname: str
    phone_tail: str
    province: str
    city: str
    title: str
    quantity: int
    amount_cents: int
    waybills: tuple[str, ...]
    courier: str

    @property
    def unknown_word(self) -> str:
        return self.raw_status if self.status == "unknown" else ""


@dataclass(frozen=True, slots=True)
class ItemRow:
    order_number: str
    line_number: str
    title: str
    seller_code: str
    quantity: int


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


@dataclass(frozen=True, slots=True)
class TrackingRow:
    number: str
    courier: str
    at: datetime
    city: str
    status: str
    text: str
    unknown_word: str = ""  # a state that nobody has explained: taken for “in transit”


Row = OrderRow | ItemRow | LabelRow | TrackingRow


def read_rows(table: Table) -> Iterator[tuple[int, Row | BadCell]]:
    """(line, row) for every row of a table; one that cannot be read comes as its fault."""
    rows = _parsed(table)
    return _joined(rows) if table.kind == "orders" and "sub_order_number" in table.columns else rows


def _joined(rows: Iterator[tuple[int, Row | BadCell]]) -> Iterator[tuple[int, Row | BadCell]]:
    """Rows of one order that follow one another, one for each of its lines, as one row."""
    held: tuple[int, OrderRow] | None = None
    for line, row in rows:
        if held and isinstance(row, OrderRow) and row.number == held[1].number:
            held = held[0], _join(held[1], row)
            continue
        if held:
            yield held
        held = (line, row) if isinstance(row, OrderRow) else None
        if held is None:
            yield line, row
    if held:
        yield held


def _join(first: OrderRow, other: OrderRow) -> OrderRow:
    return replace(
        first,
        refund=first.refund or other.refund,
        title=f"{first.title}、{other.title}"[:200],
        quantity=first.quantity + other.quantity,
        amount_cents=first.amount_cents + other.amount_cents,
        waybills=tuple(dict.fromkeys(first.waybills + other.waybills)),
    )


def _parsed(table: Table) -> Iterator[tuple[int, Row | BadCell]]:
    parse, statuses = PARSERS[table.kind], {**headers().get(STATUSES.get(table.kind, ""), {}), **table.statuses}
    for line, found in table.rows():
        if isinstance(found, BadCell):
            yield line, found
            continue
        try:
            yield line, parse(found, statuses)
        except BadCell as fault:
            yield line, fault


def _order_number(row: Cells, field: str = "order_number") -> str:
    number = cells.number(row.get(field, ""), field)
    if not number or not re.fullmatch(r"[0-9A-Za-z-]{4,40}", number):
        raise BadCell("no_order_number", field, row.get(field, ""))
    return number


def said_status(cell: str) -> str:
    """A state as files say it, without what makes no difference: «买家已付款, 等待…» is «买家已付款，等待…»."""
    return plain(cell).replace(",", "，").replace(" ", "")[:40]


def _order(row: Cells, statuses: Statuses) -> OrderRow:
    number = _order_number(row)
    raw = said_status(row["order_status"])
    status = statuses.get(raw, "unknown")
    refund_cents = cells.cents(row.get("refund_amount", ""), "refund_amount")
    refund = ""
    if refund_cents > 0 or _is_refunding(row.get("refund_status", "")):
        refund = "requested" if status in ("to_ship", "part_shipped") else "refunded"
    province, city = place_in(plain(row.get("address", "")))
    province = province or plain(row.get("receiver_province", ""))[:20]
    city = city or plain(row.get("receiver_city", ""))[:20]
    created_at = cells.moment(row.get("created_at", ""), "created_at")
    paid_at = cells.moment(row.get("paid_at", ""), "paid_at")
    if "paid_at" not in row and status not in ("unpaid", "closed"):
        paid_at = created_at  # the one moment that Pinduoduo and Douyin tell: no later than the payment
    receiver = plain(row.get("receiver", ""))
    phone = re.sub(r"\D", "", plain(row.get("phone", "")))
    return OrderRow(
        number=number,
        shop_name=plain(row.get("shop_name", ""))[:80],
        status=status,
        raw_status=raw,
        refund=refund,
        created_at=created_at,
        paid_at=paid_at,
        ship_by=cells.moment(row.get("ship_by", ""), "ship_by"),
        shipped_at=cells.moment(row.get("shipped_at", ""), "shipped_at"),
        receiver_surname="" if receiver.startswith(CIPHERED) else receiver.strip("#$*")[:1],
        phone_tail=phone[-4:] if len(phone) >= 4 else "",
        province=province,
        city=city,
        title=plain(row.get("title", ""))[:200],
        quantity=cells.count(row.get("quantity", "")),
        amount_cents=cells.cents(row.get("amount", ""), "amount"),
        waybills=cells.numbers(row.get("waybill", ""), "waybill"),
        courier=courier_code(plain(row.get("courier", ""))) or courier_in(row.get("waybill", "")),
    )


def _is_refunding(cell: str) -> bool:
    text = plain(cell)
    return "退款" in text and not any(word in text for word in ("没有", "无", "关闭", "取消"))


def _item(row: Cells, statuses: Statuses) -> ItemRow:
    number = _order_number(row)
    return ItemRow(
        order_number=number,
        line_number=_order_number(row, "sub_order_number"),
        title=plain(row.get("title", ""))[:200],
        seller_code=plain(row.get("seller_code", ""))[:60],
        quantity=cells.count(row.get("quantity", "")),
    )


def _label(row: Cells, statuses: Statuses) -> LabelRow:
    found = cells.numbers(row["waybill"], "waybill")
    printed_at = cells.moment(row["printed_at"], "printed_at")
    if not found:
        raise BadCell("no_waybill", "waybill", row["waybill"])
    if printed_at is None:
        raise BadCell("bad_date", "printed_at", "")
    parcel, _, parcels = plain(row.get("parcel", "")).partition("/")
    state = plain(row.get("status", ""))
    return LabelRow(
        number=found[0],
        courier=courier_code(plain(row.get("courier", ""))),
        printed_at=printed_at,
        printed_by=plain(row.get("printed_by", ""))[:40],
        printer=plain(row.get("printer", ""))[:40],
        parcel=cells.count(parcel),
        parcels=cells.count(parcels),
        is_void=any(word in state for word in ("作废", "回收", "取消")),
        note=plain(row.get("note", ""))[:100],
        orders=cells.numbers(row["order_number"], "order_number"),
    )


def _tracking(row: Cells, statuses: Statuses) -> TrackingRow:
    found = cells.numbers(row["waybill"], "waybill")
    at = cells.moment(row["event_at"], "event_at")
    if not found:
        raise BadCell("no_waybill", "waybill", row["waybill"])
    if at is None:
        raise BadCell("bad_date", "event_at", "")
    text, state = plain(row.get("text", "")), said_status(row["status"])
    known = statuses.get(state)
    status = known or (state if state.isascii() and state.isupper() else "IN_TRANSIT")
    named = CITY.search(text)
    return TrackingRow(
        number=found[0],
        courier=courier_code(plain(row.get("courier", ""))),
        at=at,
        city=(plain(row.get("city", "")) or (named.group(1) if named else ""))[:20],
        status=status[:18],
        text=text[:200],
        unknown_word="" if known or status == state else state,
    )


STATUSES = {"orders": "order_statuses", "tracking": "tracking_statuses"}
PARSERS: dict[str, Callable[[Cells, Statuses], Row]] = {
    "orders": _order,
    "items": _item,
    "labels": _label,
    "tracking": _tracking,
}
