"""Orders as an order report has them: one row, a row for each line, or a row that goes on with the order above."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from orders import aftersale
from orders.couriers import courier_in
from orders.places import place_in
from orders.readers import cells
from orders.readers.cells import BadCell, narrow, plain
from orders.readers.said import ALL_KNOWN, Cells, Said, Unknown, is_closed, refund_said, said_status
from orders.readers.table import SHORT, Table, headers

MASKED = re.compile(r"##|\$\$|加密|匿名|隐私|脱敏|保密")  # a receiver whose name is kept from the shop
NAME = re.compile(r"[A-Za-z][A-Za-z .'·-]*[*]*")  # written in letters, as no ciphertext is
PHONE = re.compile(r"[\d*+()\s-]*?(\d{4})(?:\.0)?\D{0,2}$")
EXTENDED = re.compile(r"\d{11}\s*[-转,#]\s*\d{1,4}$")  # a number that the platform lends for one order
TOTALS = ("合计", "总计", "小计")  # of a row that sums up
SHIPPED = ("shipped", "part_shipped", "done")


@dataclass(frozen=True, slots=True)
class OrderRow:
    number: str
    shop_name: str
    status: str
    raw_status: str
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
    refunds: tuple[str, ...] = ()  # what is said of each line's
    unknown: Unknown = ALL_KNOWN
    is_closed: bool = False  # a refund that was asked for has ended

    @property
    def said_refund(self) -> str:
        """What the order report says of the whole order."""
        found = aftersale.of_lines(self.refunds)
        return aftersale.AMOUNT if not found and aftersale.AMOUNT in self.refunds else found

    @property
    def refund(self) -> str:
        """What holds while no item report says more."""
        return aftersale.refund_of(self.said_refund, (), is_to_ship=self.status in aftersale.TO_SHIP)


class OrderRows:
    """The orders of a table. A platform that writes a row for each line of an order, and a workbook whose merged cells
    leave all but the line empty, give several rows for one order; rows of one number that contradict one another are
    refused."""

    def __init__(self, table: Table) -> None:
        self.table, self.said = table, Said(table)
        self.has_lines = "sub_order_number" in table.columns
        self.seen: dict[str, tuple[int, int]] = {}  # number → (line, its facts)

    def rows(self) -> Iterator[tuple[int, OrderRow | BadCell]]:
        held: tuple[int, OrderRow] | None = None
        last: Cells = {}
        for line, found in self.table.rows():
            try:
                if isinstance(found, BadCell):
                    raise found
                if held and found == last:
                    continue
                joined = self._joined(held[1], last, found) if held else None
                if held and joined:
                    held = held[0], joined
                else:
                    row = _order(found, self.said)
                    self._heed(line, row)
                    if held:
                        yield held
                    held = line, row
                last = found
            except BadCell as fault:
                if held:
                    yield held
                held = None
                yield line, fault
        if held:
            yield held

    def _joined(self, order: OrderRow, last: Cells, found: Cells) -> OrderRow | None:
        """The order with the line that the next row tells; None where that is of another order."""
        number = narrow(found["order_number"])
        if not number:
            return _with_line(order, found, self.said) if _goes_on(found) else None
        if cells.whole_order(number) != order.number:
            return None
        row = _order(found, self.said)
        is_line = self.has_lines or number != narrow(last["order_number"])  # a part of an order that was split
        is_line = is_line or (found.get("title") != last.get("title") and row.status == order.status)
        return _join(order, row) if is_line and _are_one(order, row) else None

    def _heed(self, line: int, row: OrderRow) -> None:
        """Refuses a row whose number an earlier one has otherwise."""
        facts = hash((row.created_at, row.paid_at, row.receiver_surname, row.phone_tail, row.status, row.waybills))
        first, others = self.seen.setdefault(row.number, (line, facts))
        if others != facts:
            raise BadCell("contradicts_other_row", "order_number", f"{row.number} ({first})")


def _goes_on(row: Cells) -> bool:
    """Whether a row without an order number only tells a further line of the order above it."""
    if any(narrow(row.get(name, "")) for name in ("order_status", "created_at", "paid_at")):
        return False
    told = [plain(row.get(name, "")) for name in ("title", "sub_order_number", "seller_code")]
    return any(told) and not told[0].startswith(TOTALS)


def _with_line(order: OrderRow, row: Cells, said: Said) -> OrderRow:
    refund, unknown = refund_said(row, said)
    title, more = plain(row.get("title", "")), cells.numbers(row.get("waybill", ""), "waybill")
    count = cells.quantity(row["quantity"], "quantity") if plain(row.get("quantity", "")) else 0
    return replace(
        order,
        title=_titles(order.title, title),
        quantity=order.quantity + count,
        waybills=tuple(dict.fromkeys(order.waybills + more)),
        refunds=(*order.refunds, refund),
        unknown=order.unknown + unknown,
    )


def _titles(one: str, other: str) -> str:
    return "、".join(filter(None, (one, other)))[:200]


def _are_one(one: OrderRow, other: OrderRow) -> bool:
    """Whether two rows of one number may be lines of one order: of one buyer, at one time."""
    facts = ("created_at", "paid_at", "receiver_surname", "phone_tail")
    return all(getattr(one, f) == getattr(other, f) or not (getattr(one, f) and getattr(other, f)) for f in facts)


def _join(first: OrderRow, other: OrderRow) -> OrderRow:
    return replace(
        first,
        status=_joined_status(first.status, other.status),
        title=_titles(first.title, other.title),
        quantity=first.quantity + other.quantity,
        amount_cents=first.amount_cents + other.amount_cents,
        waybills=tuple(dict.fromkeys(first.waybills + other.waybills)),
        refunds=first.refunds + other.refunds,
        unknown=first.unknown + other.unknown,
    )


def _joined_status(one: str, other: str) -> str:
    """Of two lines of one order; a closed line leaves the rest of the order as it is."""
    if one == other or other == "closed":
        return one
    if one == "closed":
        return other
    states = {one, other}
    if "unknown" in states:
        return "unknown"
    if states & {"to_ship", "part_shipped"} and states & {"shipped", "done", "part_shipped"}:
        return "part_shipped"
    return "shipped" if states == {"shipped", "done"} else one


def _order(row: Cells, said: Said) -> OrderRow:
    number = cells.order_number(row["order_number"], "order_number")
    raw, known = said.state(row["order_status"])
    status = _status(known or "unknown", row.get("ship_status", ""))
    unknown = Unknown(words=(raw,)) if status == "unknown" else ALL_KNOWN
    refund, more = refund_said(row, said)
    province, city = _place(row)
    created_at = cells.moment(row.get("created_at", ""), "created_at")
    paid_at = cells.moment(row.get("paid_at", ""), "paid_at")
    if not said.tells_payment and status not in ("unpaid", "closed"):
        paid_at = created_at  # the one moment that Pinduoduo and Douyin tell: no later than the payment
    waybills = _waybills(row)
    if SHORT in row and not waybills and status in SHIPPED:
        raise BadCell("too_few_fields", "waybill", row[SHORT])
    courier, unsaid = said.courier(row.get("courier", ""))
    return OrderRow(
        number=number,
        shop_name=plain(row.get("shop_name", ""))[:80],
        status=status,
        raw_status=raw,
        created_at=created_at,
        paid_at=paid_at,
        ship_by=cells.moment(row.get("ship_by", ""), "ship_by"),
        shipped_at=cells.moment(row.get("shipped_at", ""), "shipped_at"),
        receiver_surname=_surname(row.get("receiver", "")),
        phone_tail=_tail(row.get("phone", "")),
        province=province,
        city=city,
        title=plain(row.get("title", ""))[:200],
        quantity=cells.quantity(row.get("quantity", ""), "quantity"),
        amount_cents=cells.cents(row.get("amount", ""), "amount"),
        waybills=waybills,
        courier=courier or courier_in(row.get("waybill", "")),
        refunds=(refund,),
        unknown=unknown + more + unsaid,
        is_closed=is_closed(row),
    )


def _status(status: str, shipping: str) -> str:
    """The state of an order; one that is paid may say in a column of its own that it was shipped."""
    if status != "to_ship" or not shipping:
        return status
    said = said_status(shipping)
    return headers()["ship_statuses"].get(said, "unknown" if said else status)


def _surname(cell: str) -> str:
    """The first character of a name; of what is masked or enciphered there is none."""
    text = narrow(cell).lstrip("#$*xX ")
    return text[:1] if not MASKED.search(cell) and ("\u3400" <= text[:1] <= "\u9fff" or NAME.fullmatch(text)) else ""


def _tail(cell: str) -> str:
    """The last four digits of a telephone; an extension is another in each order, and tells nothing of the buyer."""
    text = narrow(cell)
    found = None if EXTENDED.search(text) else PHONE.fullmatch(text)
    return found[1] if found else ""


def _place(row: Cells) -> tuple[str, str]:
    """Where an order goes; an address that was changed counts."""
    for name in ("changed_address", "address"):
        if (cell := row.get(name)) and (found := place_in(cell)) != ("", ""):
            return found
    province, city = plain(row.get("receiver_province", "")), plain(row.get("receiver_city", ""))
    return place_in(f"{province} {city}") if province or city else ("", "")


def _waybills(row: Cells) -> tuple[str, ...]:
    """The platform's numbers; a cell that holds something else is refused, unless it says that there is none."""
    cell = row.get("waybill", "")
    found = cells.numbers(cell, "waybill")
    if not found and (text := narrow(cell)) and not any(word in text for word in headers()["no_waybill"]):
        raise BadCell("waybill_not_readable", "waybill", text)
    return found
