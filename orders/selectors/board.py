"""The board of findings: tabs, counts, what the data speaks for, and cards that show where two numbers differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncHour
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.ids import read_ids
from orders.couriers import courier_name
from orders.deadlines import Deadline, deadline_of_finding
from orders.models import Coverage, Finding, Import, Waybill
from orders.models.imports import IS_COMPARING
from orders.selectors.unchecked import ALL_CHECKED, Unchecked, counted, unchecked_by_text
from orders.words import NEXT_STEPS
from people.models import Shop
from people.scope import Scope

Code = Finding.Code
LOOKED_BACK = timedelta(days=7)


@dataclass(frozen=True)
class Tab:
    key: str
    label: Promise
    codes: tuple[str, ...]


TABS = (
    Tab("due", _("Running out of time"), (Code.LATE_UNSHIPPED, Code.DUE_WITHIN_12H)),
    Tab("hold", _("Hold back"), (Code.REFUND_HOLD,)),
    Tab(
        "mismatch",
        _("Numbers differ"),
        (
            Code.TRANSPOSED_DIGITS,
            Code.WRONG_DIGIT,
            Code.MISSING_CHARACTER,
            Code.LETTER_O_FOR_ZERO,
            Code.SWAPPED_LABELS,
            Code.DUPLICATE_WAYBILL,
            Code.WRONG_COURIER,
            Code.REPRINT_NOT_WRITTEN_BACK,
            Code.SPLIT_ONE_MISSING,
        ),
    ),
    Tab("pickup", _("No pickup"), (Code.NO_PICKUP_24H, Code.SYNC_DELAY_UNSHIPPED)),
    Tab("stalled", _("Stalled"), (Code.TRACKING_STALLED, Code.COURIER_WRONG_CITY, Code.PICKUP_BEFORE_PAYMENT)),
)
CODES = {tab.key: tab.codes for tab in TABS}
QUESTIONS = {
    "mismatch": ("match",),
    "pickup": ("pickup", "sync"),
    "stalled": ("moving",),
}  # that a tab's orders are asked
TAB_OF = {code: tab.key for tab in TABS for code in tab.codes}


def visible_findings(scope: Scope) -> QuerySet[Finding]:
    return Finding.objects.filter(scope.at_shops()).select_related("order", "shop")


def filtered_findings(scope: Scope, wish: dict[str, Any]) -> QuerySet[Finding]:
    """What the filter leaves, of every tab."""
    rows = Finding.objects.filter(scope.at_shops(), state=wish.get("state") or Finding.State.OPEN)
    for name in ("shop", "cause"):
        if wish.get(name):
            rows = rows.filter(**{name: wish[name]})
    if courier := wish.get("courier"):
        rows = rows.filter(Q(evidence__platform__courier=courier) | Q(evidence__warehouse__courier=courier))
    if q := (wish.get("q") or "").strip():
        rows = rows.filter(
            Q(waybill__icontains=q) | Q(order__number__icontains=q) | Q(evidence__warehouse__waybill__icontains=q)
        )
    return rows


MOST_CHOSEN = 200


def chosen_findings(scope: Scope, ids: Iterable[str]) -> QuerySet[Finding]:
    """Those that somebody ticked on the board, of what they may see; what is no number is none."""
    wanted = read_ids(ids)[:MOST_CHOSEN]
    return in_order(visible_findings(scope).filter(pk__in=wanted))


ORDERINGS = {
    "due": "due_at",
    "shop": "shop__name",
    "order": "order__number",
    "kind": "code",
    "cause": "cause",
    "loss": "loss_cents",
}


def in_order(rows: QuerySet[Finding], sort: str = "due") -> QuerySet[Finding]:
    """By a key of ORDERINGS, turned around by a "-" before it; what is alike then has the soonest first."""
    field = F(ORDERINGS.get(sort.removeprefix("-"), "due_at"))
    first = field.desc(nulls_last=True) if sort.startswith("-") else field.asc(nulls_last=True)
    return rows.select_related("order", "shop").order_by(first, F("due_at").asc(nulls_last=True), "id")


def numbers_of(rows: QuerySet[Finding], most: int = 500) -> list[str]:
    """The waybills to be copied at once; of an order without one, its order number."""
    pairs = in_order(rows).values_list("waybill", "order__number")[:most]
    return list(dict.fromkeys(waybill or order for waybill, order in pairs))


@dataclass(frozen=True)
class Counts:
    """How many findings a tab has, and what they may cost together."""

    tabs: dict[str, int]
    loss_cents: int

    @property
    def total(self) -> int:
        return sum(self.tabs.values())


def counts_of(rows: QuerySet[Finding]) -> Counts:
    tabs, loss = {tab.key: 0 for tab in TABS}, 0
    for code, n, cents in rows.order_by().values_list("code").annotate(n=Count("id"), cents=Sum("loss_cents")):
        if code in TAB_OF:
            tabs[TAB_OF[code]] += n
        loss += cents or 0
    return Counts(tabs, loss)


# --- what the data speaks for


@dataclass(frozen=True)
class Covered:
    """As of when was compared, of several shops the one whose data is the oldest, and the share of the parcels shipped
    in the last seven days that each side speaks for; `is_comparing`: what was uploaded last is not compared yet; which
    orders could not be compared, for lack of what."""

    as_of: datetime | None
    labels: float | None
    tracking: float | None
    is_comparing: bool = False
    unchecked: Unchecked = ALL_CHECKED


def covered(scope: Scope, at: datetime, *, shop: Shop | None = None, tab: str = "") -> Covered:
    """Of one shop or all that the viewer sees; what is not checked, of a tab's questions. In four queries; parcels are
    counted by the hour they were shipped in."""
    since = at - LOOKED_BACK
    seen = Import.objects.filter(scope.at_shops("shops"), **({"shops": shop} if shop else {"shops__is_active": True}))
    said = list(
        seen.order_by()
        .values("shops")
        .annotate(at=Max("as_of", filter=Q(compared_at__isnull=False)), comparing=Count("id", filter=IS_COMPARING))
    )
    as_of = min((row["at"] for row in said if row["at"]), default=None)
    is_comparing = any(row["comparing"] for row in said)
    here = scope.at_shops() & (Q(shop=shop) if shop else Q())
    parcels = scope.at_shops("order__shop") & (Q(order__shop=shop) if shop else Q())
    unchecked = counted(unchecked_by_text(here), QUESTIONS.get(tab, ()))
    spoken: dict[int, list[Coverage]] = {}
    for row in Coverage.objects.filter(scope.at_shops(), is_active=True, ends_at__gte=since):
        spoken.setdefault(row.shop_id, []).append(row)
    shipped = (
        Waybill.objects.filter(parcels, withdrawn_at=None, order__shipped_at__gte=since, order__shipped_at__lte=at)
        .order_by()
        .annotate(hour=TruncHour("order__shipped_at"))
        .values_list("order__shop", "courier", "hour")
        .annotate(n=Count("id"))
    )
    total, sides = 0, {"labels": 0, "tracking": 0}
    for shop_id, courier, hour, n in shipped:
        total += n
        until = hour + timedelta(hours=1)
        for side in sides:
            sides[side] += n * any(
                c.side == side
                and (not c.couriers or courier in c.couriers)
                and c.starts_at < until
                and c.ends_at >= hour
                for c in spoken.get(shop_id, ())
            )
    if not total:
        return Covered(as_of, None, None, is_comparing, unchecked)
    return Covered(as_of, sides["labels"] / total, sides["tracking"] / total, is_comparing, unchecked)


# --- one card

Parts = list[tuple[str, bool]]


def differing(one: str, other: str) -> tuple[Parts, Parts]:
    """Two numbers in parts, each with whether it differs from the other number."""
    if not (one and other) or one == other:
        return [(one, False)], [(other, False)]
    if len(one) == len(other):
        pairs = list(zip(one, other, strict=True))
        return _joined([(a, a != b) for a, b in pairs]), _joined([(b, a != b) for a, b in pairs])
    left: Parts = []
    right: Parts = []
    for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        left += [(one[a:b], kind != "equal")] if b > a else []
        right += [(other[c:d], kind != "equal")] if d > c else []
    return left, right


def _joined(parts: Parts) -> Parts:
    joined: Parts = []
    for text, differs in parts:
        if joined and joined[-1][1] == differs:
            joined[-1] = (joined[-1][0] + text, differs)
        else:
            joined.append((text, differs))
    return joined


@dataclass(frozen=True)
class Card:
    """A finding as the board shows it."""

    finding: Finding
    platform: Parts
    label: Parts
    platform_courier: str
    label_courier: str
    step: Promise

    @property
    def shows_both(self) -> bool:
        """Whether the label's number is worth a line beside the platform's."""
        return bool(self.label and self.label[0][0]) and (
            self.label != self.platform or self.finding.code == Code.WRONG_COURIER
        )

    @property
    def loss(self) -> float:
        return self.finding.loss_cents / 100

    @property
    def deadline(self) -> Deadline | None:
        return deadline_of_finding(self.finding)

    @property
    def number(self) -> str:
        return self.finding.waybill or "".join(text for text, _differs in self.platform or self.label)

    @property
    def case_query(self) -> str:
        """What opens a case about it."""
        said = {"finding": self.finding.pk, "order": self.finding.order.number, "waybill": self.number}
        return urlencode({key: value for key, value in said.items() if value})


def card(finding: Finding) -> Card:
    platform, warehouse = finding.evidence.get("platform") or {}, finding.evidence.get("warehouse") or {}
    ours, theirs = differing(str(platform.get("waybill") or ""), str(warehouse.get("waybill") or ""))
    return Card(
        finding,
        ours,
        theirs,
        courier_name(platform.get("courier") or ""),
        courier_name(warehouse.get("courier") or ""),
        NEXT_STEPS.get(finding.code, _("Look at what the three sides say.")),
    )
