"""Orders that could not be compared, counted by the side that lacks, and as a list."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from orders.models import Order
from orders.unchecked import Side, has_gap, read_gaps


@dataclass(frozen=True)
class Missing:
    """A side that lacks, and how many orders are not checked for it."""

    side: Side
    orders: int

    def __str__(self) -> str:
        return f"{self.side.words} {self.orders}" if self.orders else self.side.words


@dataclass(frozen=True)
class Unchecked:
    """How many orders could not be compared, and for lack of what, the most first; an order may lack several."""

    orders: int
    missing: tuple[Missing, ...] = ()


ALL_CHECKED = Unchecked(0)


def unchecked_orders(shops: Q, *, questions: Iterable[str] = (), side: Side | None = None) -> QuerySet[Order]:
    """The rows that every count of orders not checked opens. `shops` is a condition on the order's shop."""
    return Order.objects.filter(shops, has_gap(questions, side))


def unchecked_by_text(shops: Q) -> list[tuple[str, int]]:
    """(what an order keeps of its gaps, how many orders keep the same); one query."""
    rows = unchecked_orders(shops).order_by().values_list("unchecked")
    return list(rows.annotate(n=Count("id")))


def counted(rows: Iterable[tuple[str, int]], questions: Iterable[str] = ()) -> Unchecked:
    """Of what `unchecked_by_text` gave, the orders with a gap in one of the questions (any by default)."""
    wanted, total, sides = set(questions), 0, Counter[Side]()
    for text, n in rows:
        found = {gap.side for gap in read_gaps(text) if not wanted or gap.question in wanted}
        total += n if found else 0
        sides.update(dict.fromkeys(found, n))
    return Unchecked(total, tuple(Missing(side, n) for side, n in sorted(sides.items(), key=lambda r: (-r[1], r[0]))))


def side_named(text: Any) -> Side | None:
    """«tracking:yto», «labels» from an address; None for what is no side."""
    kind, _colon, courier = str(text or "").partition(":")
    return Side(kind, courier[:20]) if kind in ("orders", "labels", "tracking") else None
