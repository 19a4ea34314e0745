"""The statement of a month."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases.months import month_span
from cases.points_account import accounts, month_statement
from cases.services import (
    send_statements,
)
from kernel import clock
from notifications.models import Notice
from tests.cases.factories import close, make_case
from tests.cases.points.factories import NOW, react, taken
from tests.cast import Cast


def test_statement_of_a_month_begins_where_the_last_one_ended(cast: Cast, morning: Any) -> None:
    taken(cast)
    morning.move_to(NOW + timedelta(days=10))
    close(cast, make_case(cast, source="bench"))
    react()
    november = month_statement(cast.mei, date(2026, 11, 1), "Asia/Shanghai")
    december = month_statement(cast.mei, date(2026, 12, 1), "Asia/Shanghai")
    assert (november.before, november.after, december.before, december.after) == (0, -2, -2, 0)
    assert [a.this_month for a in accounts([cast.mei, cast.wang], date(2026, 12, 1), "Asia/Shanghai")] == [2, 0]


def test_everybody_with_entries_is_told_of_their_statement_once(cast: Cast, morning: Any) -> None:
    taken(cast)
    assert send_statements(clock.now()) == 0
    morning.move_to(datetime(2026, 12, 1, 8, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert send_statements(clock.now()) == 1
    assert send_statements(clock.now()) == 0
    assert Notice.objects.get(key__startswith="points:2026-11").recipient == cast.mei


def test_month_runs_from_its_first_to_its_last_moment_in_the_zone() -> None:
    start, end = month_span(date(2026, 12, 1), "Asia/Shanghai")
    assert start.isoformat() == "2026-12-01T00:00:00+08:00"
    assert end.isoformat() == "2026-12-31T23:59:59.999999+08:00"
