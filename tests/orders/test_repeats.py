"""Scanners fire twice: the same scan by the same person within a moment is one. Bench and phone judge alike."""

import json
import subprocess
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from kernel import clock
from orders.models import Verification
from orders.selectors.offline import known_parcels
from orders.services import Scan, scan_goods, undo_verification, verify_parcel
from people.actor import Actor
from tests.cast import Cast
from tests.orders.factories import make_order
from tests.orders.test_goods import asks, lines
from tools.steps import node

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("bench_cases.json").read_text("utf-8"))
FRONT = settings.BASE_DIR / "tests" / "front"
NUMBER, OTHER = "SF1234567890123", "SF1234567890999"
SOON, LATER = timedelta(seconds=2), timedelta(minutes=1)


def stock(cast: Cast, case: dict[str, Any]) -> None:
    """The two parcels that a case scans."""
    if "asks" in case:
        asks(cast, case["asks"])
    for name, number in (("4140000000000000001", NUMBER), ("4140000000000000002", OTHER)):
        order = make_order(cast.shop, name, number, **case.get("fields", {}))
        lines(order, *[((code, title), quantity) for code, title, quantity in case.get("items", ())])


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_bench_judges_the_case(cast: Cast, case: dict[str, Any]) -> None:
    stock(cast, case)
    at, found, begun = clock.now(), [], None
    for told in case["scans"]:
        at += timedelta(seconds=told.get("after", 0))
        scan = Scan(told["text"].strip(), cast.mei, cast.site.pk, uuid.uuid4(), at)
        if told.get("into") and begun:
            row = scan_goods(scan=scan, parcel=begun.client_id, actor=Actor.system("command"))
        else:
            row = verify_parcel(scan=scan, shop_ids=[cast.shop.pk], asks_goods=True, actor=Actor.system("command"))
        begun = row if row.verdict == "started" else begun
        found.append(f"{row.verdict}:{row.code}")
    assert found == [told["is"] for told in case["scans"]]
    assert Verification.objects.count() == case.get("kept", len(found))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_phone_judges_the_case_as_the_bench_does(cast: Cast, case: dict[str, Any]) -> None:
    """The same scans, judged without a network by the list that the phone has fetched."""
    stock(cast, case)
    known = json.dumps({"known": known_parcels([cast.shop.pk], clock.now()), "scans": case["scans"]})
    command = [node()["node"], FRONT / "judge.mjs", settings.BASE_DIR / "frontend" / "src" / "bench-judge.ts"]
    said = subprocess.run(command, input=known, capture_output=True, text=True, check=True).stdout
    there = {"unknown:not_found": "unknown:not_found_here"}  # the phone knows less, and says so
    assert json.loads(said) == [there.get(told["is"], told["is"]) for told in case["scans"]]


def scan(cast: Cast, who: Any, at: Any, told: str = "") -> Verification:
    return verify_parcel(
        scan=Scan(NUMBER, who, cast.site.pk, uuid.uuid4(), at, told),
        shop_ids=[cast.shop.pk],
        actor=Actor.system("command"),
    )


def test_somebody_else_who_scans_the_parcel_a_moment_later_is_told(cast: Cast) -> None:
    make_order(cast.shop, waybill=NUMBER)
    now = clock.now()
    assert scan(cast, cast.mei, now).verdict == "passed"
    assert scan(cast, cast.wang, now + SOON).code == "already_verified"


def test_pass_that_was_undone_is_no_answer_for_the_next_scan(cast: Cast) -> None:
    make_order(cast.shop, waybill=NUMBER)
    now = clock.now()
    first = scan(cast, cast.mei, now)
    undo_verification(verification=first, actor=Actor.of(cast.mei), client_id=uuid.uuid4(), at=now + SOON / 2)
    again = scan(cast, cast.mei, now + SOON)
    assert again != first
    assert again.verdict == "passed"


def test_second_firing_that_comes_in_late_is_still_the_same_scan(cast: Cast) -> None:
    """Kept on the phone with its moment: it is that which counts, not when it came in."""
    make_order(cast.shop, waybill=NUMBER)
    made = clock.now() - timedelta(minutes=20)
    kept = [Scan(NUMBER, cast.mei, cast.site.pk, uuid.uuid4(), made + SOON * n, "passed", clock.now()) for n in (0, 1)]
    rows = [verify_parcel(scan=one, shop_ids=[cast.shop.pk], actor=Actor.system("command")) for one in kept]
    assert rows[0] == rows[1]


def test_parcel_that_a_phone_put_aside_is_not_passed_by_an_earlier_pass(cast: Cast) -> None:
    make_order(cast.shop, waybill=NUMBER)
    now = clock.now()
    scan(cast, cast.mei, now)
    assert scan(cast, cast.mei, now + SOON, told="stopped").verdict == "stopped"
    assert scan(cast, cast.mei, now + LATER).verdict == "stopped"
