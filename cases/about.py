"""What a case is about: its findings, its orders from all three sides, the figure that it came from."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from cases.models import Case, CaseFinding
from kernel.text import Bilingual
from orders.deadlines import Deadline, deadline_of_finding, deadline_of_order
from orders.models import Finding, Order
from orders.selectors import FIGURES, Card, Sides, card, in_order, sides_of

SHOWN_SIDES = 1  # more orders than that are compared in their findings, not side by side


@dataclass(frozen=True)
class AboutOrder:
    """An order's number, and the order where it is known here."""

    number: str
    order: Order | None


@dataclass(frozen=True)
class AboutFigure:
    """The live figure that failed: what it counts, how many it had then, and the list behind it now."""

    title: Bilingual
    count: int | None
    url: str


@dataclass(frozen=True)
class CaseAbout:
    """`cards` are its findings as the board shows them, both numbers with what differs, the soonest first; `sides` is
    the one order from all three sides, where it is about one that is known; `deadline` is the earliest of any of it,
    the platform's own or one that was worked out."""

    orders: list[AboutOrder]
    waybills: list[str]
    cards: list[Card]
    sides: list[Sides]
    figure: AboutFigure | None
    deadline: Deadline | None

    @property
    def order_ids(self) -> list[int]:
        return [row.order.pk for row in self.orders if row.order]

    @property
    def loss(self) -> float:
        """What its findings may cost, in yuan."""
        return sum(card.finding.loss_cents for card in self.cards) / 100

    @property
    def more(self) -> int:
        """How many rows of the figure the case does not name itself."""
        return max(0, (self.figure.count or 0) - len(self.cards)) if self.figure else 0


def case_about(case: Case) -> CaseAbout:
    """In a fixed number of queries, however much it is about. The viewer sees the case's shop."""
    numbers = [row.number for row in case.orders.all()]
    known = {order.number: order for order in orders_named(case.shop_id, numbers).select_related("shop")}
    findings = list(in_order(findings_of(case)))
    return CaseAbout(
        orders=[AboutOrder(number, known.get(number)) for number in numbers],
        waybills=[row.number for row in case.waybills.all()],
        cards=[card(finding) for finding in findings],
        sides=[sides_of(order) for order in known.values()] if len(known) <= SHOWN_SIDES else [],
        figure=_figure(case),
        deadline=_earliest(findings, known.values()),
    )


def deadlines_of(cases: Iterable[Case]) -> dict[int, Deadline]:
    """The same deadline for many, by the case's id; in two queries beside the orders' numbers that are loaded."""
    rows = list(cases)
    carried: dict[int, list[int]] = defaultdict(list)
    for case_id, finding_id in CaseFinding.objects.filter(case__in=rows).values_list("case_id", "finding_id"):
        carried[case_id].append(finding_id)
    found = Finding.objects.select_related("order").in_bulk({pk for ids in carried.values() for pk in ids})
    numbers = {(case.shop_id, row.number) for case in rows for row in case.orders.all()}
    named = Order.objects.filter(shop__in={shop for shop, _n in numbers}, number__in={n for _shop, n in numbers})
    orders = {(order.shop_id, order.number): order for order in named}
    said = {}
    for case in rows:
        findings = [found[pk] for pk in carried[case.pk] if found[pk].shop_id == case.shop_id]
        theirs = [orders[key] for row in case.orders.all() if (key := (case.shop_id, row.number)) in orders]
        if earliest := _earliest(findings, theirs):
            said[case.pk] = earliest
    return said


def _earliest(findings: Iterable[Finding], orders: Iterable[Order]) -> Deadline | None:
    """Of what still stands: the findings, and the orders that are to be shipped."""
    said = [*map(deadline_of_finding, findings), *(deadline_of_order(o) for o in orders if o.is_to_ship)]
    return min((one for one in said if one), key=lambda one: one.at, default=None)


def findings_of(case: Case) -> QuerySet[Finding]:
    ids = case.findings.values_list("finding_id", flat=True)
    return Finding.objects.filter(pk__in=list(ids), shop=case.shop_id)


def orders_named(shop_id: int, numbers: list[str]) -> QuerySet[Order]:
    return Order.objects.filter(shop=shop_id, number__in=numbers).order_by("id")


def _figure(case: Case) -> AboutFigure | None:
    if case.figure not in FIGURES:
        return None
    url = f"{reverse('orders:figure_rows', args=[case.figure])}?{urlencode({'shop': case.shop_id})}"
    return AboutFigure(FIGURES[case.figure], case.figure_count, url)
