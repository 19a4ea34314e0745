"""A scanned parcel gets its verdict: passed, stopped with what to do, or cannot be checked."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from kernel import clock
from kernel.errors import Conflict, NotAllowed
from orders.models import Verification
from orders.services import Scan, undo_verification, verify_parcel
from people.actor import Actor
from people.models import Employee
from tests.cast import Cast
from tests.orders.factories import make_finding, make_label, make_order

NUMBER = "SF1234567890123"


def scan(cast: Cast, scanned: str = NUMBER, by: Employee | None = None, **options: Any) -> Verification:
    at = options.get("at") or clock.now()
    given = Scan(scanned.strip(), by or cast.mei, cast.site.pk, options.get("client_id") or uuid.uuid4(), at)
    return verify_parcel(scan=given, shop_ids=[cast.shop.pk], actor=Actor.system("command"))


def later() -> datetime:
    return clock.now() + timedelta(minutes=1)


def test_parcel_whose_sides_agree_passes(cast: Cast) -> None:
    make_label(make_order(cast.shop, waybill=NUMBER), NUMBER)
    verdict = scan(cast)
    assert (verdict.verdict, verdict.code, verdict.number) == ("passed", "ok", NUMBER)


@pytest.mark.parametrize(
    "scanned",
    [
        " sf1234567890123 ",
        "No: SF 1234567890123",
        "https://example.com/t?n=SF1234567890123",
        "ＳＦ１２３４５６７８９０１２３",
        "https://example.com/t?mailNo=SF1234567890123&at=20261121140000",
        "MMM={'k1':'571W','k5':'SF1234567890123','k7':'40410000123456789'}",
    ],
)
def test_number_is_understood_as_scanners_and_chats_write_it(cast: Cast, scanned: str) -> None:
    make_order(cast.shop, waybill=NUMBER)
    assert scan(cast, scanned).verdict == "passed"


def test_refund_stops_the_parcel(cast: Cast) -> None:
    make_order(cast.shop, waybill=NUMBER, refund="requested")
    assert (scan(cast).verdict, scan(cast).code) == ("stopped", "refund_requested")


def test_closed_order_stops_the_parcel(cast: Cast) -> None:
    make_order(cast.shop, waybill=NUMBER, status="closed")
    assert scan(cast).code == "order_closed"


def test_void_label_stops_the_parcel(cast: Cast) -> None:
    make_label(make_order(cast.shop, waybill=NUMBER), NUMBER, is_void=True)
    assert scan(cast).code == "label_void"


def test_label_whose_number_the_platform_has_otherwise_is_stopped(cast: Cast) -> None:
    order = make_order(cast.shop, waybill="SF1234567890132")
    make_label(order, NUMBER)
    make_finding(order, waybill="SF1234567890132")
    verdict = scan(cast)
    assert (verdict.verdict, verdict.code) == ("stopped", "transposed_digits")


def test_unknown_number_cannot_be_checked(cast: Cast) -> None:
    assert scan(cast, "YT0000000000").verdict == "unknown"


def test_parcel_of_another_shop_cannot_be_checked(cast: Cast) -> None:
    make_order(cast.other_shop, waybill=NUMBER)
    assert (scan(cast).verdict, scan(cast).order) == ("unknown", None)


def test_later_scan_of_a_passed_parcel_stops_and_the_same_key_answers_the_first(cast: Cast) -> None:
    make_order(cast.shop, waybill=NUMBER)
    key = uuid.uuid4()
    first = scan(cast, client_id=key)
    assert scan(cast, client_id=key) == first
    assert scan(cast, at=later()).code == "already_verified"
    with pytest.raises(Conflict):
        scan(cast, "YT1", client_id=key)


def test_own_pass_can_be_undone_once_and_the_parcel_passes_again(cast: Cast) -> None:
    make_order(cast.shop, waybill=NUMBER)
    first = scan(cast)
    words = {"verification": first, "client_id": uuid.uuid4(), "at": clock.now()}
    with pytest.raises(NotAllowed):
        undo_verification(actor=Actor.of(cast.wang), **words)
    undone = undo_verification(actor=Actor.of(cast.mei), **words)
    assert undo_verification(actor=Actor.of(cast.mei), **{**words, "client_id": uuid.uuid4()}) == undone
    assert scan(cast).verdict == "passed"


def test_verdict_takes_at_most_ten_statements(cast: Cast, statements: Any) -> None:
    make_label(make_order(cast.shop, waybill=NUMBER), NUMBER)
    with statements() as count:
        scan(cast)
    assert count() <= 10


def test_counts_are_ones_own_and_the_leads_and_by_name(cast: Cast, sign_in: Any) -> None:
    make_label(make_order(cast.shop, waybill=NUMBER), NUMBER)
    scan(cast)
    scan(cast, at=later())
    make_label(make_order(cast.shop, "4140000000000000002", waybill="SF1234567890199"), "SF1234567890199")
    scan(cast, "SF1234567890199", by=cast.wang)
    seen = {p.number: sign_in(p).get("/orders/bench/today/").context["lines"] for p in (cast.mei, cast.wang, cast.chen)}
    assert [(x.employee.name, x.total, x.stopped) for x in seen[cast.mei.number]] == [(cast.mei.name, 1, 1)]
    assert [x.employee for x in seen[cast.wang.number]] == sorted([cast.mei, cast.wang], key=lambda p: p.name)
    assert seen[cast.chen.number] == []
    client = sign_in(cast.wang)
    chart = client.get("/orders/bench/today/").context["chart"]
    assert [(s.name, sum(s.values)) for s in chart.series] == [("通过", 2), ("拦下", 1)]
    for link in [link for s in chart.series for value, link in zip(s.values, s.links, strict=True) if value]:
        assert client.get(link).context["page"].paginator.count == (2 if "passed" in link else 1)
    mine = {"employee": cast.mei.pk, "verdict": "passed"}
    assert client.get("/orders/bench/today/parcels/", mine).context["page"].paginator.count == 1
    assert sign_in(cast.chen).get("/orders/bench/today/parcels/").context["page"].paginator.count == 0


def test_somebody_else_signs_in_at_the_bench_with_their_pin(cast: Cast, sign_in: Any) -> None:
    cast.wang.set_pin("481529")
    cast.wang.save()
    client = sign_in(cast.mei)
    page = client.post("/sign-out/", {"next": "/orders/bench/"}, follow=True)
    assert page.redirect_chain[-1][0] == "/sign-in/?next=%2Forders%2Fbench%2F"
    signed = {"username": cast.wang.number, "password": "481529", "next": "/orders/bench/"}
    assert cast.wang.name in client.post("/sign-in/", signed, follow=True).content.decode()
    assert client.post("/sign-out/", {"next": "https://evil.example/"}).headers["Location"] in (
        "/sign-in/",
        "/sign-in/?next=%2F",
    )
