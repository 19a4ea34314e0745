"""The one source of the present moment; tests move it with time-machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """The moment, aware, in UTC."""
    return _told.get() or timezone.now()


def today(zone: str) -> date:
    """The calendar day in a zone such as Europe/Berlin."""
    return day_of(now(), zone)


def day_of(moment: datetime, zone: str) -> date:
    """The calendar day of a moment in a zone: that of the site that it happens at, else the company's."""
    return moment.astimezone(ZoneInfo(zone)).date()


def company_zone() -> str:
    """The zone of what belongs to no site: rules for all shops, the day on which somebody without a place is hired."""
    return settings.TIME_ZONE


def differs(zone: str, moment: datetime | None = None) -> bool:
    """Whether the clock there shows another time than the viewer's at the moment, by default now."""
    at = moment or now()
    return timezone.localtime(at, ZoneInfo(zone)).utcoffset() != timezone.localtime(at).utcoffset()


def place_of(zone: str) -> str:
    """How a page names the clock of a zone: Europe/Berlin → Berlin."""
    return zone.rpartition("/")[2].replace("_", " ")


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """Services called inside write as at a past moment: for histories that are brought along, such as the demo's."""
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)


def moment_on(
    claimed: datetime | None, sent_at: datetime | None, received: datetime, *, earliest: datetime
) -> datetime:
    """When something was done, by our clock, from what a phone says that may be wrong, or set wrong on purpose.

    `claimed` is when it was done and `sent_at` when it was sent, both by the phone's clock: the time between the two is
    true however wrong that clock is. Without `sent_at` the claim is taken as it is. Never after `received`, and not
    before `earliest`, before which it cannot have been done.
    """
    waited = (sent_at or received) - (claimed or sent_at or received)
    possible = max(received - earliest, timedelta(0))
    return received - min(max(waited, timedelta(0)), possible)
