"""The one source of the present moment; tests move it with time-machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """The moment, aware, in UTC."""
    return _told.get() or timezone.now()


def today(zone: str) -> date:
    """The calendar day in a zone such as Asia/Shanghai."""
    return now().astimezone(ZoneInfo(zone)).date()


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """Services called inside write as at a past moment: for histories that are brought along, such as the demo's."""
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)
