"""The one source of the present moment; tests move it with time-machine."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone


def now() -> datetime:
    """The moment, aware, in UTC."""
    return timezone.now()


def today(zone: str) -> date:
    """The calendar day in a zone such as Asia/Shanghai."""
    return now().astimezone(ZoneInfo(zone)).date()
