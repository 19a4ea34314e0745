"""Calendar months in a site's zone."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kernel.clock import day_of


def month_of(moment: datetime, zone: str) -> date:
    """The first day of a moment's month."""
    return day_of(moment, zone).replace(day=1)


def month_span(month: date, zone: str) -> tuple[datetime, datetime]:
    """Its first and its last moment."""
    following = (month + timedelta(days=32)).replace(day=1)
    start, end = (datetime.combine(day, time(), ZoneInfo(zone)) for day in (month, following))
    return start, end - timedelta(microseconds=1)
