"""What people type as a number."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from kernel.numbers import MOST, CountField, NumberField, read_number


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("12", "12"),
        (" 3.50 ", "3.50"),
        ("１２", "12"),
        ("１，０２４．５", "1024.5"),
        ("1,024", "1024"),
        ("1 024", "1024"),
    ],
)
def test_number_written_as_people_write_it_is_read(typed: str, meant: str) -> None:
    assert NumberField().clean(typed) == Decimal(meant)


@pytest.mark.parametrize(
    "typed",
    ["1e9", "1E3", "NaN", "Infinity", "-inf", "9" * 30, "1_000", "0x10", "1/2", "½", "1,2", "十二", "-3", "1000001"],
)
def test_number_that_nobody_can_have_meant_is_refused(typed: str) -> None:
    for field in (NumberField(), CountField()):
        with pytest.raises(ValidationError):
            field.clean(typed)


@pytest.mark.parametrize("typed", ["1.5", "0.01"])
def test_count_is_whole(typed: str) -> None:
    with pytest.raises(ValidationError):
        CountField().clean(typed)


def test_nothing_typed_is_nothing() -> None:
    assert NumberField(required=False).clean(" ") is None and CountField(required=False).clean("") is None


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_sane_number_or_refused(typed: str) -> None:
    for field in (NumberField(required=False), CountField(required=False)):
        try:
            number = field.clean(typed)
        except ValidationError:
            continue
        assert number is None or 0 <= number <= MOST


@given(st.integers(min_value=0, max_value=int(MOST)))
def test_every_count_in_bounds_is_read_as_it_is_written(n: int) -> None:
    assert read_number(n) == CountField().clean(f"{n:,}") == n
