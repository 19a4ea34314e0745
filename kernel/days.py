"""Days, times and moments as people write them, turned into values; what cannot be read is None, never guessed.

A day: 2026-11-23, 2026/11/23, 2026.11.23, 20261123, 23.11.2026, 2026年11月23日; without a year the nearest such day; a
word such as 明天. A time: 14:30, 14点30分. A moment: both, or the ISO form with its offset. Full-width digits do.
Nobody asks about the year 1 or 9999: what lies outside `EARLIEST` and `YEARS_AHEAD` is no day here.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.utils.timezone import make_aware

EARLIEST = date(1950, 1, 1)
YEARS_AHEAD = 20
LONGEST = 40  # characters

WORDS = {
    **{"前天": -2, "昨天": -1, "今天": 0, "今日": 0, "今晚": 0, "明天": 1, "明日": 1, "明晚": 1, "后天": 2},
    **{"yesterday": -1, "today": 0, "tomorrow": 1},
}
YEAR_FIRST = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})[日号]?)")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
NO_YEAR = re.compile(r"(\d{1,2})(?:[-/.](\d{1,2})|月(\d{1,2})[日号]?)")
TIME = re.compile(r"(\d{1,2})(?::(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?|[点时](?:(\d{1,2})分?)?)")
MONTH = re.compile(r"(\d{4})(?:[-/.](\d{1,2})|年(\d{1,2})月)")
OFFSET = re.compile(r".+:\d{2}(?:\.\d+)?(?:z|[+-]\d{2}:?\d{2})")


def _plain(text: object) -> str:
    """Half-width, in small letters, single blanks; empty when it is too long to be a moment."""
    said = str(text or "")
    return " ".join(unicodedata.normalize("NFKC", said).lower().split()) if len(said) <= LONGEST else ""


def _day(year: str | int, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _within(found: date | None, today: date) -> date | None:
    return found if found and found >= EARLIEST and found.year <= today.year + YEARS_AHEAD else None


def read_day(text: object, today: date) -> date | None:
    """`today` is what 今天 means, and to which a day without a year lies nearest."""
    said = _plain(text)
    if said in WORDS:
        return today + timedelta(days=WORDS[said])
    if found := NO_YEAR.fullmatch(said):
        years = (today.year - 1, today.year, today.year + 1)
        near = [day for year in years if (day := _day(year, found[1], found[2] or found[3]))]
        return min(near, key=lambda day: abs(day - today), default=None)
    return _within(_dated(said), today)


def _dated(said: str) -> date | None:
    """A day written with its year, however far."""
    if found := YEAR_FIRST.fullmatch(said):
        return _day(found[1], found[3] or found[5], found[4] or found[6])
    if found := COMPACT.fullmatch(said):
        return _day(*found.groups())
    if found := DAY_FIRST.fullmatch(said):
        return _day(found[3], found[2], found[1])
    return None


def is_far(text: object, today: date) -> bool:
    """Whether it names a day of the calendar, with a time or without, that nobody here can mean."""
    found = _dated(re.split("[t ]", _plain(text), maxsplit=1)[0])
    return found is not None and _within(found, today) is None


def read_time(text: object) -> time | None:
    found = TIME.fullmatch(_plain(text))
    if not found:
        return None
    try:
        return time(int(found[1]), int(found[2] or found[4] or 0), int(found[3] or 0))
    except ValueError:
        return None


def read_month(text: object, today: date) -> date | None:
    """The first day of the month."""
    found = MONTH.fullmatch(_plain(text))
    return _within(_day(found[1], found[2] or found[3], "1"), today) if found else None


def read_moment(text: object, now: datetime, zone: tzinfo) -> datetime | None:
    """Aware, in UTC. A day alone is its midnight in the zone, a time alone is today's; an hour that the clocks skip
    counts as the one after it."""
    said, here = _plain(text), now.astimezone(zone)
    if OFFSET.fullmatch(said):
        return _with_offset(said, here.date())
    if (hour := read_time(said)) is not None:
        return _at(here.date(), hour, zone)
    if (day := read_day(said, here.date())) is not None:
        return _at(day, time(), zone)
    parts = re.fullmatch(r"(.+?)[t ]?(\d{1,2}(?::.+|[点时].*))", said)
    day, hour = (read_day(parts[1].strip(), here.date()), read_time(parts[2])) if parts else (None, None)
    return _at(day, hour, zone) if day and hour is not None else None


def _at(day: date, hour: time, zone: tzinfo) -> datetime:
    return make_aware(datetime.combine(day, hour), zone).astimezone(UTC)


def _with_offset(said: str, today: date) -> datetime | None:
    try:
        found = datetime.fromisoformat(said.upper())
        inside = found.date() > EARLIEST and _within(found.date(), today)
        return found.astimezone(UTC) if inside else None
    except (ValueError, OverflowError):
        return None
