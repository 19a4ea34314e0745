"""Which troubles there are and what causes them, over time: the vital few first (Pareto)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate

from orders.models import Finding
from people.scope import Scope

WIDTH, HEIGHT, FOOT = 640, 220, 24  # of a chart, in its own units
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
    x: float
    y: float
    width: float
    height: float
    line_x: float
    line_y: float

    @property
    def loss(self) -> float:
        return self.loss_cents / 100


@dataclass(frozen=True)
class Piece:
    """The part of a day's column that one cause has."""

    cause: str
    y: float
    height: float


@dataclass(frozen=True)
class Column:
    day: date
    counts: list[int]  # in the order of CAUSES
    total: int
    x: float
    width: float
    pieces: list[Piece]


@dataclass(frozen=True)
class Causes:
    bars: list[Bar]
    columns: list[Column]
    total: int
    causes: list[tuple[str, str]]

    @property
    def line(self) -> str:
        """The points of the line that adds the bars up."""
        return " ".join(f"{bar.line_x:.1f},{bar.line_y:.1f}" for bar in self.bars)


def causes_of(scope: Scope, *, days: int, now: datetime, zone: Any, **wish: Any) -> Causes:
    """Findings first seen in so many days, dismissed ones left out; two queries."""
    since = (now.astimezone(zone) - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Finding.objects.filter(scope.at_shops(), first_seen_at__gte=since, **wish).exclude(state="dismissed")
    bars = _bars(rows)
    total = sum(bar.n for bar in bars)
    columns = _columns(rows, since.date(), days, zone)
    seen = [(c.value, str(c.label)) for i, c in enumerate(Finding.Cause) if any(col.counts[i] for col in columns)]
    return Causes(bars, columns, total, seen)


def _bars(rows: QuerySet[Finding]) -> list[Bar]:
    names = dict(Finding.Code.choices)
    found = rows.order_by().values_list("code").annotate(n=Count("id"), cents=Sum("loss_cents")).order_by("-n", "code")
    counts = list(found)
    total, most = sum(n for _code, n, _cents in counts), max((n for _code, n, _cents in counts), default=1)
    step, so_far, bars = WIDTH / max(1, len(counts)), 0, []
    for i, (code, n, cents) in enumerate(counts):
        so_far += n
        height = HEIGHT * n / most
        bars.append(
            Bar(
                code=code,
                label=str(names[code]),
                n=n,
                loss_cents=cents or 0,
                share=n / total,
                up_to=so_far / total,
                x=i * step + step * 0.12,
                y=HEIGHT - height,
                width=step * 0.76,
                height=height,
                line_x=(i + 0.5) * step,
                line_y=HEIGHT * (1 - so_far / total),
            )
        )
    return bars


def _columns(rows: QuerySet[Finding], first: date, days: int, zone: Any) -> list[Column]:
    counts: dict[date, dict[str, int]] = defaultdict(dict)
    by_day = rows.annotate(day=TruncDate("first_seen_at", tzinfo=zone)).order_by()
    for day, cause, n in by_day.values_list("day", "cause").annotate(n=Count("id")):
        counts[day][cause] = n
    most = max((sum(day.values()) for day in counts.values()), default=1)
    step, columns = WIDTH / days, []
    for i in range(days):
        day = first + timedelta(days=i)
        values = [counts[day].get(cause, 0) if day in counts else 0 for cause in CAUSES]
        top, pieces = float(HEIGHT), []
        for cause, n in zip(CAUSES, values, strict=True):
            if n:
                top -= HEIGHT * n / most
                pieces.append(Piece(cause, top, HEIGHT * n / most))
        columns.append(Column(day, values, sum(values), i * step + step * 0.1, step * 0.8, pieces))
    return columns
