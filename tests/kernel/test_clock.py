"""What a phone says of the time is measured against our clock before it is believed."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.clock import moment_on

NOW = datetime(2026, 11, 11, 22, 0, tzinfo=UTC)
HOUR, DAYS = timedelta(hours=1), timedelta(days=300)


@pytest.mark.parametrize("error", [timedelta(0), HOUR, -HOUR, DAYS, -DAYS])
def test_time_that_passed_on_the_phone_is_true_however_wrong_its_clock_is(error: timedelta) -> None:
    assert moment_on(NOW + error - HOUR, NOW + error, NOW, earliest=NOW - DAYS) == NOW - HOUR


def test_what_came_at_once_was_done_now() -> None:
    assert moment_on(None, None, NOW, earliest=NOW - DAYS) == NOW
    assert moment_on(None, NOW - DAYS, NOW, earliest=NOW - DAYS) == NOW


@pytest.mark.parametrize("sent_at", [None, NOW, NOW - DAYS])
def test_nothing_was_done_in_the_future(sent_at: datetime | None) -> None:
    assert moment_on(NOW + HOUR, sent_at, NOW, earliest=NOW - DAYS) == NOW


@pytest.mark.parametrize("sent_at", [None, NOW])
def test_nothing_was_done_before_it_could_be(sent_at: datetime | None) -> None:
    assert moment_on(NOW - DAYS, sent_at, NOW, earliest=NOW - HOUR) == NOW - HOUR
    assert moment_on(NOW - HOUR / 2, sent_at, NOW, earliest=NOW - HOUR) == NOW - HOUR / 2
    assert moment_on(NOW - DAYS, sent_at, NOW, earliest=NOW + HOUR) == NOW


@pytest.mark.parametrize("far", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_moment_at_the_end_of_all_time_is_survived(far: datetime) -> None:
    assert moment_on(far, NOW, NOW, earliest=NOW - HOUR) in (NOW - HOUR, NOW)
    assert moment_on(NOW - HOUR, far, NOW, earliest=NOW - HOUR) in (NOW - HOUR, NOW)
