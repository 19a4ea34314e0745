"""What the server reads in a scan, by the cases that hold the phone too (tests/front/numbers.test.ts)."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from orders.selectors.figures import STALE_AFTER
from orders.words import candidates, code_in, number_in

CASES: dict[str, Any] = json.loads(Path(__file__).with_name("scanned.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES["codes"], ids=[ascii(case["scanned"]) for case in CASES["codes"]])
def test_code_is_read_as_it_is_compared(case: dict[str, str]) -> None:
    assert code_in(case["scanned"]) == case["is"]


@pytest.mark.parametrize("case", CASES["numbers"], ids=[ascii(case["scanned"]) for case in CASES["numbers"]])
def test_number_is_found_in_what_a_scanner_gave(case: dict[str, Any]) -> None:
    assert number_in(case["scanned"]) == case["is"]


@pytest.mark.parametrize("case", CASES["shipments"], ids=[case["number"] for case in CASES["shipments"]])
def test_parcel_of_several_names_its_shipment(case: dict[str, str]) -> None:
    assert candidates(case["number"])[-1] == case["whole"]


def test_figures_are_too_old_when_the_phones_list_is() -> None:
    assert timedelta(hours=CASES["listHours"]) == STALE_AFTER
