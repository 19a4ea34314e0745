"""Whether the rows of a log meet the orders that are known: a column that was taken for another meets almost none."""

from collections.abc import Sequence
from typing import Any

from orders.models import Label, Order, Waybill
from orders.readers.cells import MOBILE
from orders.readers.rows import ItemRow, LabelRow, OrderRow, Row, TrackingRow
from orders.readers.table import Table

FEWEST, ALMOST_NONE = 2, 0.05  # rows; of those that name a number


class Meeting:
    """The numbers of an import's order reports and label logs, which nothing has kept yet, and those of its shops."""

    def __init__(self, shop_ids: Sequence[int]) -> None:
        self.shop_ids = set(shop_ids)
        self.orders: set[str] = set()
        self.waybills: set[str] = set()

    def of(self, table: Table) -> "Met":
        return Met(self, table)

    def known_orders(self, numbers: set[str]) -> set[str]:
        asked = numbers - self.orders
        held = Order.objects.filter(shop__in=self.shop_ids, number__in=asked) if asked else Order.objects.none()
        return (numbers & self.orders) | set(held.values_list("number", flat=True))

    def known_waybills(self, numbers: set[str]) -> set[str]:
        found, asked = numbers & self.waybills, numbers - self.waybills
        if asked:
            held = Waybill.objects.filter(number__in=asked).values_list("number", "order__shop_id")
            found |= {number for number, shop_id in held if shop_id in self.shop_ids}
            printed = Label.objects.filter(shop__in=self.shop_ids, number__in=asked)
            found |= set(printed.values_list("number", flat=True))
        return found

    @property
    def knows_any(self) -> bool:
        return bool(self.orders) or Order.objects.filter(shop__in=self.shop_ids).exists()


class Met:
    """How many rows of one table name an order or waybill that is known."""

    def __init__(self, meeting: Meeting, table: Table) -> None:
        self.meeting, self.table = meeting, table
        self.rows = self.named = self.met = 0
        self.example = ""

    def see(self, rows: Sequence[Row]) -> None:
        if self.table.kind == "orders":
            for row in rows:
                if isinstance(row, OrderRow):
                    self.meeting.orders.add(row.number)
                    self.meeting.waybills.update(row.waybills)
            return
        named = [_named(row) for row in rows]
        numbers = {number for some in named for number in some}
        asks = self.meeting.known_waybills if self.table.kind == "tracking" else self.meeting.known_orders
        known = asks(numbers) if numbers else set()
        for some in filter(None, named):
            self.named += 1
            is_met = not known.isdisjoint(some)
            self.met += is_met
            if not is_met and not self.example:
                self.example = "" if MOBILE.fullmatch(some[0]) else some[0]
        self.rows += len(rows)
        self.meeting.waybills.update(row.number for row in rows if isinstance(row, LabelRow))

    @property
    def strangers(self) -> dict[str, Any]:
        """What to tell where almost none is known; empty where all is well, or no order is known to compare with."""
        field = "waybill" if self.table.kind == "tracking" else "order_number"
        if self.rows < FEWEST or self.met > ALMOST_NONE * self.named or not self.meeting.knows_any:
            return {}
        told = {"met": self.met, "of": self.named, "example": self.example}
        return {"field": field, "column": self.table.column_name(field), **told}


def _named(row: Row) -> tuple[str, ...]:
    if isinstance(row, LabelRow):
        return row.orders
    return (row.order_number,) if isinstance(row, ItemRow) else (row.number,) if isinstance(row, TrackingRow) else ()
