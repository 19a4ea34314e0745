"""The charts of this room: which numbers stand in them, what they are called, which rows each mark opens."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.template.defaultfilters import capfirst
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kernel.charts import Chart, Series
from kernel.templatetags.shipshape import percent
from orders.models import Finding
from orders.selectors.bench import Hours
from orders.selectors.causes import Causes, Column

TONES = {"sync_delay": "accent", "manual_entry": "bad", "courier": "late", "hold": "ok", "late": "ink", "due": "calm"}


def _rows_of(name: str, chosen: dict[str, Any], **more: Any) -> str:
    return f"{reverse(name)}?{urlencode({**chosen, **more})}"


def pareto(found: Causes, chosen: dict[str, Any]) -> Chart:
    """Kinds of trouble, the most frequent first; `chosen` is what the page's filter says, for the addresses."""
    bars = found.bars
    return Chart(
        key="pareto",
        title=_("The vital few"),
        text=_("Each kind of trouble by how often it came; the line adds them up to all."),
        category=_("Trouble"),
        categories=[capfirst(bar.label) for bar in bars],
        axis=_("Findings"),
        second_axis=_("Up to here (%)"),
        series=[
            Series.of(
                bars,
                _("How often"),
                lambda bar: bar.n,
                link=lambda bar: _rows_of("orders:causes_rows", chosen, code=bar.code),
            ),
            Series.of(bars, _("Share"), lambda bar: bar.share, shown=lambda bar: percent(bar.share), kind=""),
            Series.of(
                bars,
                _("Up to here"),
                lambda bar: round(bar.up_to * 100),
                shown=lambda bar: percent(bar.up_to),
                kind="line",
                tone="ink",
                is_second=True,
            ),
            Series.of(
                bars,
                _("Estimated loss"),
                lambda bar: bar.loss_cents,
                shown=lambda bar: f"¥{bar.loss_cents / 100:,.0f}",
                kind="",
            ),
        ],
    )


def _count(n: int, column: Column) -> int:
    return column.counts[n]


def by_day(found: Causes, chosen: dict[str, Any]) -> Chart:
    """The findings of each day, by cause."""
    columns = found.columns

    def rows(**more: Any) -> Callable[[Column], str]:
        return lambda column: _rows_of("orders:causes_rows", chosen, **more, day=f"{column.day}")

    series = [
        Series.of(
            columns,
            capfirst(str(cause.label)),
            partial(_count, i),
            link=rows(cause=cause.value),
            tone=TONES[cause],
        )
        for i, cause in enumerate(Finding.Cause)
    ]
    total = Series.of(columns, _("Together"), lambda column: column.total, link=rows(), kind="")
    return Chart(
        key="days",
        title=_("Day by day"),
        text=_("By the day on which it was first noticed."),
        category=_("Day"),
        categories=[date_format(column.day, "MONTH_DAY_FORMAT") for column in columns],
        axis=_("Findings"),
        series=[*(one for one in series if any(one.values)), total],
        is_stacked=True,
        is_time=True,
        is_folded=True,
    )


def bench_hours(hours: list[int], lines: list[Hours]) -> Chart:
    """Parcels passed and stopped today by everybody on the page, hour by hour."""
    slots = list(enumerate(hours))

    def rows(verdict: str) -> Callable[[tuple[int, int]], str]:
        return lambda slot: _rows_of("orders:bench_rows", {"verdict": verdict}, hour=slot[1])

    return Chart(
        key="hours",
        title=_("Hour by hour"),
        category=_("Hour"),
        categories=[f"{hour}:00" for hour in hours],
        axis=_("Parcels"),
        is_stacked=True,
        is_time=True,
        is_folded=True,
        series=[
            Series.of(
                slots, _("Passed"), lambda slot: sum(x.counts[slot[0]] for x in lines), link=rows("passed"), tone="ok"
            ),
            Series.of(
                slots,
                _("Stopped"),
                lambda slot: sum(x.halted[slot[0]] for x in lines),
                link=rows("stopped"),
                tone="bad",
            ),
        ],
    )
