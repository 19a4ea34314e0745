"""The charts of this room: which numbers stand in them, what they are called, which rows each mark opens."""

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
from orders.selectors.causes import Causes

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
            Series(
                name=_("How often"),
                values=[bar.n for bar in bars],
                links=[_rows_of("orders:causes_rows", chosen, code=bar.code) for bar in bars],
            ),
            Series(
                name=_("Share"), kind="", values=[bar.share for bar in bars], shown=[percent(bar.share) for bar in bars]
            ),
            Series(
                name=_("Up to here"),
                kind="line",
                tone="ink",
                is_second=True,
                values=[round(bar.up_to * 100) for bar in bars],
                shown=[percent(bar.up_to) for bar in bars],
            ),
            Series(
                name=_("Estimated loss"),
                kind="",
                values=[bar.loss_cents for bar in bars],
                shown=[f"¥{bar.loss_cents / 100:,.0f}" for bar in bars],
            ),
        ],
    )


def by_day(found: Causes, chosen: dict[str, Any]) -> Chart:
    """The findings of each day, by cause."""
    columns = found.columns
    series = [
        Series(
            name=capfirst(str(cause.label)),
            tone=TONES[cause],
            values=[column.counts[i] for column in columns],
            links=[
                _rows_of("orders:causes_rows", chosen, cause=cause.value, day=f"{column.day}") for column in columns
            ],
        )
        for i, cause in enumerate(Finding.Cause)
    ]
    total = Series(
        name=_("Together"),
        kind="",
        values=[column.total for column in columns],
        links=[_rows_of("orders:causes_rows", chosen, day=f"{column.day}") for column in columns],
    )
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
    passed, stopped = (
        [sum(n) for n in zip(*each, strict=True)] for each in zip(*((x.counts, x.halted) for x in lines), strict=True)
    )
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
            Series(
                name=name,
                tone=tone,
                values=values,
                links=[_rows_of("orders:bench_rows", {"verdict": verdict}, hour=hour) for hour in hours],
            )
            for name, tone, verdict, values in (
                (_("Passed"), "ok", "passed", passed),
                (_("Stopped"), "bad", "stopped", stopped),
            )
        ],
    )
