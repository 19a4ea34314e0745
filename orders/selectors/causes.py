"""Which troubles there are and what causes them, over time: the vital few first (Pareto)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate

from orders.models import Finding
from people.scope import Scope

CAUSES = tuple(Finding.Cause.values)


@dataclass(frozen=True)
class Bar:
    """A kind of trouble: how often, what it may cost (cents), its share and the share of all up to it, from 0 to 1."""

    code: str
    label: str
    n: int
    loss_cents: int
    share: float
    up_to: float


@dataclass(frozen=True)
class Column:
    day: date
    counts: list[int]  # in the order of CAUSES

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Causes:
    bars: list[Bar]
    columns: list[Column]
    total: int


def counted_findings(
    scope: Scope, *, days: int, now: datetime, zone: Any, day: date | None = None, **wish: Any
) -> QuerySet[Finding]:
    """Findings first seen in so many days, or on one of them; dismissed ones left out."""
    since = (now.astimezone(zone) - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Finding.objects.filter(scope.at_shops(), first_seen_at__gte=since, **wish).exclude(state="dismissed")
    return rows.annotate(day=TruncDate("first_seen_at", tzinfo=zone)).filter(day=day) if day else rows


def causes_of(scope: Scope, *, days: int, now: datetime, zone: Any, **wish: Any) -> Causes:
    """What `counted_findings` counts, by kind and by day; two queries."""
    rows = counted_findings(scope, days=days, now=now, zone=zone, **wish).order_by()
    bars = _bars(rows)
    first = now.astimezone(zone).date() - timedelta(days=days - 1)
    return Causes(bars, _columns(rows, first, days, zone), sum(bar.n for bar in bars))


def _bars(rows: QuerySet[Finding]) -> list[Bar]:
    names = dict(Finding.Code.choices)
    counts = list(rows.values_list("code").annotate(n=Count("id"), cents=Sum("loss_cents")).order_by("-n", "code"))
    total, so_far, bars = sum(n for _code, n, _cents in counts), 0, []
    for code, n, cents in counts:
        so_far += n
        bars.append(Bar(code, str(names[code]), n, cents or 0, n / total, so_far / total))
    return bars


def _columns(rows: QuerySet[Finding], first: date, days: int, zone: Any) -> list[Column]:
    counts: dict[date, dict[str, int]] = defaultdict(dict)
    by_day = rows.annotate(day=TruncDate("first_seen_at", tzinfo=zone))
    for day, cause, n in by_day.values_list("day", "cause").annotate(n=Count("id")):
        counts[day][cause] = n
    every = (first + timedelta(days=n) for n in range(days))
    return [Column(day, [counts[day].get(cause, 0) for cause in CAUSES]) for day in every]
