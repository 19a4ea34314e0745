"""Whether the rows of a log meet the orders that are known: a column that was taken for another meets almost none."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from orders.models import Label, Order, Waybill
from orders.readers.cells import MOBILE
from orders.readers.rows import AfterSaleRow, ItemRow, LabelRow, OrderRow, Row, TrackingRow
from orders.readers.table import Table

UNMET = {"items": "line_not_kept", "tracking": "waybill_unknown"}
FEWEST, ALMOST_NONE = 2, 0.05  # rows; of those that name a number


class Meeting:
    """The numbers of an import's order reports and label logs, which nothing has kept yet, and those of its shops."""

    def __init__(self, shop_ids: Sequence[int]) -> None:
        self.shop_ids = set(shop_ids)
        self.orders: dict[str, tuple[str, ...]] = {}  # with their waybills
        self.waybills: set[str] = set()

    def of(self, table: Table) -> "Met":
        return Met(self, table)

    def known_orders(self, numbers: set[str]) -> set[str]:
        asked = numbers - self.orders.keys()
        held = Order.objects.filter(shop__in=self.shop_ids, number__in=asked) if asked else Order.objects.none()
        return (numbers & self.orders.keys()) | set(held.values_list("number", flat=True))

    def known_waybills(self, numbers: set[str]) -> set[str]:
        found, asked = numbers & self.waybills, numbers - self.waybills
        if asked:
            held = Waybill.objects.filter(number__in=asked).values_list("number", "order__shop_id")
            found |= {number for number, shop_id in held if shop_id in self.shop_ids}
            printed = Label.objects.filter(shop__in=self.shop_ids, number__in=asked)
            found |= set(printed.values_list("number", flat=True))
        return found

    def waybills_of(self, numbers: set[str]) -> dict[str, set[str]]:
        """What order reports have for these orders: of this import, else what is known."""
        found = defaultdict(set, {number: set(self.orders[number]) for number in numbers & self.orders.keys()})
        if asked := numbers - self.orders.keys():
            held = Waybill.objects.filter(order__shop__in=self.shop_ids, order__number__in=asked, withdrawn_at=None)
            for order, number in held.values_list("order__number", "number"):
                found[order].add(number)
        return found

    @cached_property
    def _holds_any(self) -> bool:
        return Order.objects.filter(shop__in=self.shop_ids).exists()

    @property
    def knows_any(self) -> bool:
        return bool(self.orders) or self._holds_any


class Met:
    """How many rows of one table name an order or waybill that is known."""

    def __init__(self, meeting: Meeting, table: Table) -> None:
        self.meeting, self.table = meeting, table
        self.rows = self.named = self.met = 0
        self.example = ""

    def see(self, rows: Sequence[Row]) -> list[tuple[Row, str, str]]:
        """The rows that name an order or waybill which nobody knows: each with a code and the number."""
        if self.table.kind == "orders":
            for row in rows:
                if isinstance(row, OrderRow):
                    self.meeting.orders[row.number] = row.waybills
                    self.meeting.waybills.update(row.waybills)
            return []
        named = [_named(row) for row in rows]
        numbers = {number for some in named for number in some}
        asks = self.meeting.known_waybills if self.table.kind == "tracking" else self.meeting.known_orders
        known = asks(numbers) if numbers else set()
        told: list[tuple[Row, str, str]] = []
        for row, some in zip(rows, named, strict=True):
            if not some:
                continue
            self.named += 1
            is_met = not known.isdisjoint(some)
            told += [(row, UNMET.get(self.table.kind, "order_unknown"), one) for one in some if one not in known]
            self.met += is_met
            if not is_met and not self.example:
                self.example = "" if MOBILE.fullmatch(some[0]) else some[0]
        if lines := [row for row in rows if isinstance(row, ItemRow) and row.waybills]:
            held = self.meeting.waybills_of({row.order_number for row in lines})
            told += [(row, "other_waybill", row.order_number) for row in lines if _is_other(row, held)]
        self.rows += len(rows)
        self.meeting.waybills.update(row.number for row in rows if isinstance(row, LabelRow))
        return told

    @property
    def strangers(self) -> dict[str, Any]:
        """What to tell where almost none is known; empty where all is well, or no order is known to compare with."""
        field = "waybill" if self.table.kind == "tracking" else "order_number"
        if self.rows < FEWEST or self.met > ALMOST_NONE * self.named or not self.meeting.knows_any:
            return {}
        told = {"met": self.met, "of": self.named, "example": self.example}
        return {"field": field, "column": self.table.column_name(field), **told}


def _is_other(row: ItemRow, held: Mapping[str, set[str]]) -> bool:
    mine = held.get(row.order_number, set())
    return bool(mine) and mine.isdisjoint(row.waybills)


def _named(row: Row) -> tuple[str, ...]:
    if isinstance(row, LabelRow):
        return row.orders
    if isinstance(row, ItemRow | AfterSaleRow):
        return (row.order_number,)
    return (row.number,) if isinstance(row, TrackingRow) else ()
