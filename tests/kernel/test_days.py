"""What people write for a day, a time, a moment, an id; and what is none."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django import forms
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from kernel.days import read_day, read_moment, read_month, read_time
from kernel.fields import DayField, HourField, IdField, MomentField
from kernel.ids import read_id, read_ids

TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)  # 10:30 in Shanghai
SHANGHAI = ZoneInfo("Asia/Shanghai")
NONE = [
    "",
    "x",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "20261323",
    "2026-11.23",
    "1e9",
    "NaN",
    "-1",
    "\0",
    "11-23-1",
]


@pytest.mark.parametrize(
    "text",
    [
        *("2026-11-23", "2026/11/23", "2026.11.23", "20261123", "23.11.2026"),
        *("2026年11月23日", "11月23日", "11-23", "11/23", " ２０２６－１１－２３ ", "2026年11月23号"),
    ],
)
def test_day_is_read_as_people_write_it(text: str) -> None:
    assert read_day(text, TODAY) == date(2026, 11, 23)


@pytest.mark.parametrize(("text", "day"), [("昨天", 24), ("今天", 25), ("明天", 26), ("Tomorrow", 26), ("前天", 23)])
def test_word_for_a_day_counts_from_today(text: str, day: int) -> None:
    assert read_day(text, TODAY) == date(2026, 11, day)


def test_day_without_a_year_is_the_nearest() -> None:
    assert read_day("1-5", TODAY) == date(2027, 1, 5)
    assert read_day("12-31", date(2026, 1, 3)) == date(2025, 12, 31)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_day(text, TODAY) is None
    assert read_moment(text, NOW, SHANGHAI) is None
    assert read_month(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T14:30", datetime(2026, 11, 23, 6, 30, tzinfo=UTC)),
        ("2026/11/23 14:30:10", datetime(2026, 11, 23, 6, 30, 10, tzinfo=UTC)),
        ("2026-11-23T14:30:00.250Z", datetime(2026, 11, 23, 14, 30, 0, 250000, tzinfo=UTC)),
        ("2026-11-23T14:30:00+01:00", datetime(2026, 11, 23, 13, 30, tzinfo=UTC)),
        ("明天18:00", datetime(2026, 11, 26, 10, tzinfo=UTC)),
        ("11-23 8点30分", datetime(2026, 11, 23, 0, 30, tzinfo=UTC)),
        ("１８：００", datetime(2026, 11, 25, 10, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 22, 16, tzinfo=UTC)),
    ],
)
def test_moment_is_read_in_the_zone(text: str, moment: datetime) -> None:
    assert read_moment(text, NOW, SHANGHAI) == moment


def test_hour_that_the_clocks_skip_is_a_moment_all_the_same() -> None:
    assert read_moment("2027-03-28 02:30", NOW, ZoneInfo("Europe/Berlin")) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_time_is_read_as_people_write_it() -> None:
    assert [read_time(text) for text in ("8:05", "08:05:00", "8点5分", "8：05")] == [time(8, 5)] * 4
    assert read_time("24:00") is None


def test_month_is_read() -> None:
    assert read_month("2026-11", TODAY) == read_month("2026年11月", TODAY) == date(2026, 11, 1)
    assert read_month("2026-13", TODAY) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    for found in (read_day(text, TODAY), read_moment(text, NOW, SHANGHAI), read_month(text, TODAY)):
        assert found is None or 1949 <= found.year <= 2047
    read_time(text)


def test_id_is_a_number_that_a_row_can_have() -> None:
    assert read_ids(["7", str(2**63 - 1), str(2**63), "-1", "１", "1e9", "", None, "0007"]) == [7, 2**63 - 1, 7]
    assert read_id("9" * 5000) is None


class Form(forms.Form):
    day = DayField()
    at = MomentField()
    hour = HourField()
    row = IdField()


@pytest.fixture
def shanghai():
    with time_machine.travel(NOW), timezone.override(SHANGHAI), translation.override("en"):
        yield


def test_form_reads_what_was_typed_and_shows_it_in_the_picker(shanghai) -> None:
    form = Form({"day": "今天", "at": "明天 9:00", "hour": "9点", "row": "12"})
    assert form.is_valid()
    assert form.cleaned_data["at"] == datetime(2026, 11, 26, 1, tzinfo=UTC)
    assert 'type="date" name="day" value="2026-11-25"' in str(form["day"])
    assert 'type="datetime-local" name="at" value="2026-11-26T09:00"' in str(form["at"])


def test_form_keeps_what_no_picker_can_show(shanghai) -> None:
    form = Form({"day": "2026-02-30", "at": "bald", "hour": "25:00", "row": "0"})
    assert not form.is_valid()
    assert 'type="text" name="day" value="2026-02-30"' in str(form["day"])
    assert form.errors["day"] == ["This is no day. Write it like 2026-11-23 or 11-23."]


@pytest.mark.parametrize("year", ["0001", "1960", "2040", "9999"])
def test_form_says_between_which_days_it_can_be(shanghai, year: str) -> None:
    form = Form({"day": f"{year}-12-31", "at": f"{year}-12-31T08:00"})
    assert form.errors["day"] == form.errors["at"] == ["Choose a day between 2000-01-01 and 2028-11-25."]
    assert Form({"day": f"{year}1231", "at": f"{year}年12月31日 8点"}).errors["day"] == form.errors["day"]
