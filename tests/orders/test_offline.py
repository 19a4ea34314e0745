"""What a phone at the bench judges while the network is down, and what the server says of it afterwards."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from kernel import clock
from kernel.errors import NotAllowed
from orders.models import Verification
from orders.selectors.offline import known_parcels, late_verdicts
from orders.services import Scan, scan_goods, take_out, verify_parcel
from people.actor import Actor
from people.models import Roster
from people.scope import scope_of
from people.selectors import EARLY
from tests.cast import Cast
from tests.orders.factories import make_finding, make_label, make_order
from tests.orders.test_goods import LAMP, TENT, asks, lines

NUMBER = "SF1234567890123"


def offline(cast: Cast, text: str, told: str, at: datetime | None = None) -> Scan:
    moment = at or clock.now() - timedelta(minutes=20)
    return Scan(text, cast.mei, cast.site.pk, uuid.uuid4(), moment, told, clock.now())


def sent(cast: Cast, told: str, number: str = NUMBER) -> Verification:
    return verify_parcel(
        scan=offline(cast, number, told), shop_ids=[cast.shop.pk], asks_goods=True, actor=Actor.system("command")
    )


def code_of(cast: Cast, number: str = NUMBER) -> str:
    return known_parcels([cast.shop.pk], clock.now())["parcels"][number]["code"]


def test_phone_knows_why_each_parcel_may_not_go(cast: Cast) -> None:
    good = make_order(cast.shop, "1" * 19, "SF0000000000001")
    make_label(good, "SF0000000000001")
    make_order(cast.shop, "2" * 19, "SF0000000000002", refund="requested")
    make_label(make_order(cast.shop, "3" * 19, "SF0000000000003"), "SF0000000000003", is_void=True)
    wrong = make_order(cast.shop, "4" * 19, "SF0000000000040")
    make_label(wrong, "SF0000000000004")
    make_finding(wrong, waybill="SF0000000000040")
    make_order(cast.shop, "5" * 19, "SF0000000000005")
    Verification.objects.create(
        client_id=uuid.uuid4(),
        site=cast.site,
        shop=cast.shop,
        employee=cast.mei,
        scanned="SF0000000000005",
        number="SF0000000000005",
        verdict="passed",
        code="ok",
        at=clock.now(),
    )
    make_order(cast.shop, "6" * 19, "SF0000000000006", status="closed")
    make_order(cast.other_shop, "7" * 19, "SF0000000000007")
    told = known_parcels([cast.shop.pk], clock.now())["parcels"]
    assert {number: parcel["code"] for number, parcel in told.items()} == {
        "SF0000000000001": "ok",
        "SF0000000000002": "refund_requested",
        "SF0000000000003": "label_void",
        "SF0000000000004": "transposed_digits",
        "SF0000000000040": "transposed_digits",
        "SF0000000000005": "already_verified",
        "SF0000000000006": "order_closed",
    }


def test_phone_judges_as_the_bench_does(cast: Cast) -> None:
    for n, fields in enumerate(({}, {"refund": "refunded"}, {"status": "closed"}, {"status": "shipped"})):
        make_order(cast.shop, f"{n}" * 19, f"SF000000000000{n}", **fields)
    for number, told in known_parcels([cast.shop.pk], clock.now())["parcels"].items():
        scan = Scan(number, cast.mei, cast.site.pk, uuid.uuid4(), clock.now())
        assert verify_parcel(scan=scan, shop_ids=[cast.shop.pk], actor=Actor.system("command")).code == told["code"]


def test_phone_knows_goods_and_barcodes_where_the_shop_wants_them(cast: Cast) -> None:
    asks(cast, "codes")
    lines(make_order(cast.shop, waybill=NUMBER), (LAMP, 2), (TENT, 1))
    make_order(cast.shop, "5" * 19, waybill="SF0000000000005")
    known = known_parcels([cast.shop.pk], clock.now())
    assert sorted(known["parcels"][NUMBER]["lines"]) == [["LAMP-1", "露营灯", 2], ["TENT-2", "双人帐篷", 1]]
    assert known["barcodes"][cast.shop.pk] == {"LAMP-1": ["LAMP-1", 1], "TENT-2": ["TENT-2", 1]}
    assert known["parcels"]["SF0000000000005"]["code"] == "goods_unknown"


def test_list_of_the_phone_costs_the_same_statements_for_3_and_30_orders(cast: Cast, statements: Any) -> None:
    counts = []
    for n in (3, 30):
        for m in range(n):
            order = make_order(cast.shop, f"{n:02}{m:017}", f"SF{n:02}{m:011}")
            make_label(order, f"SF{n:02}{m:011}")
        with statements() as count:
            known_parcels([cast.shop.pk], clock.now())
        counts.append(count())
    assert counts[0] == counts[1] <= 8


def test_nothing_of_the_buyer_is_on_the_phone(cast: Cast, sign_in: Any) -> None:
    make_order(cast.shop, waybill=NUMBER, receiver_surname="钱", phone_tail="4821", city="拉萨市")
    text = sign_in(cast.mei).get("/orders/bench/known.json").content.decode()
    assert NUMBER in text
    assert not any(word in text for word in ("钱", "4821", "拉萨"))


def test_scan_made_offline_is_kept_with_its_own_time(cast: Cast) -> None:
    make_order(cast.shop, waybill=NUMBER)
    row = sent(cast, "passed")
    assert (row.verdict, row.told) == ("passed", "passed")
    assert row.received_at is not None
    assert row.at < row.received_at


def test_parcel_let_go_offline_that_should_not_is_told_until_somebody_takes_it_out(cast: Cast) -> None:
    make_order(cast.shop, waybill=NUMBER, refund="requested")
    row = sent(cast, "passed")
    assert row.code == "refund_requested"
    now = clock.now()
    assert list(late_verdicts(scope_of(cast.mei), now, own=True)) == [row]
    assert list(late_verdicts(scope_of(cast.wang), now, own=False)) == [row]
    assert list(late_verdicts(scope_of(cast.chen), now, own=False)) == []
    with pytest.raises(NotAllowed):
        take_out(verification=row, actor=Actor.of(cast.chen), at=now)
    first = take_out(verification=row, actor=Actor.of(cast.wang), at=now)
    again = take_out(verification=row, actor=Actor.of(cast.mei), at=now + timedelta(hours=1))
    assert first.taken_out_at == again.taken_out_at == now
    assert not late_verdicts(scope_of(cast.mei), now, own=True)


def test_parcel_put_aside_offline_does_not_pass_behind_the_packers_back(cast: Cast) -> None:
    make_order(cast.shop, waybill=NUMBER)
    row = sent(cast, "unknown")
    assert (row.verdict, row.code) == ("unknown", "aside_offline")
    assert code_of(cast) == "ok"


def test_goods_scanned_offline_pass_the_parcel_when_they_come_in(cast: Cast) -> None:
    asks(cast, "codes")
    lines(make_order(cast.shop, waybill=NUMBER), (LAMP, 1), (TENT, 1))
    begun = sent(cast, "started")
    for code, told in (("LAMP-1", "counted"), ("NOBODY", "unknown"), ("TENT-2", "passed")):
        row = scan_goods(scan=offline(cast, code, told), parcel=begun.client_id, actor=Actor.system("command"))
        assert row.verdict == told
    assert not late_verdicts(scope_of(cast.mei), clock.now(), own=True)


def test_goods_of_a_parcel_that_was_stopped_meanwhile_are_kept_and_told(cast: Cast) -> None:
    asks(cast, "codes")
    order = make_order(cast.shop, waybill=NUMBER, refund="requested")
    lines(order, (LAMP, 1))
    begun = sent(cast, "started")
    assert begun.verdict == "stopped"
    row = scan_goods(scan=offline(cast, "LAMP-1", "passed"), parcel=begun.client_id, actor=Actor.system("command"))
    assert (row.verdict, row.code) == ("stopped", "refund_requested")
    assert list(late_verdicts(scope_of(cast.mei), clock.now(), own=True)) == [row]


def test_page_takes_what_the_phone_kept(cast: Cast, sign_in: Any) -> None:
    make_order(cast.shop, waybill=NUMBER)
    at = clock.now() - timedelta(minutes=9)
    kept = {"client_id": uuid.uuid4(), "scanned": NUMBER, "told": "passed", "answered_at": at.isoformat()}
    client = sign_in(cast.mei)
    for _again in range(2):
        assert client.post("/orders/bench/", kept, headers={"HX-Request": "true"}).status_code == 200
    row = Verification.objects.get()
    assert abs(row.at - at) < timedelta(seconds=1)


def claimed(cast: Cast, sign_in: Any, answered_at: datetime, sent_at: datetime) -> Verification:
    """A scan with what the phone says of the time."""
    moments = {"answered_at": answered_at.isoformat(), "sent_at": sent_at.isoformat()}
    kept = {"client_id": uuid.uuid4(), "scanned": NUMBER, "told": "passed", **moments}
    assert sign_in(cast.mei).post("/orders/bench/", kept, headers={"HX-Request": "true"}).status_code == 200
    return Verification.objects.get()


@pytest.mark.parametrize("error", [timedelta(days=300), timedelta(hours=-3), timedelta(days=-300)])
def test_scan_of_a_phone_whose_clock_is_wrong_is_kept_with_the_true_time(
    cast: Cast, sign_in: Any, error: timedelta
) -> None:
    make_label(make_order(cast.shop, waybill=NUMBER), NUMBER, printed_at=clock.now() - timedelta(hours=9))
    on_phone = clock.now() + error
    row = claimed(cast, sign_in, on_phone - timedelta(minutes=9), on_phone)
    assert abs(row.at - (clock.now() - timedelta(minutes=9))) < timedelta(minutes=1)
    assert row.received_at is not None
    assert row.at < row.received_at


def test_no_scan_was_made_before_its_label_was_printed_or_in_the_future(cast: Cast, sign_in: Any) -> None:
    printed = clock.now() - timedelta(hours=9)
    make_label(make_order(cast.shop, waybill=NUMBER), NUMBER, printed_at=printed)
    assert claimed(cast, sign_in, clock.now() - timedelta(days=300), clock.now()).at == printed
    Verification.objects.all().delete()
    row = claimed(cast, sign_in, clock.now() + timedelta(days=300), clock.now())
    assert row.at == row.received_at


def test_no_scan_was_made_before_the_shift_of_whoever_scanned(cast: Cast) -> None:
    make_order(cast.shop, waybill=NUMBER)
    today = clock.today(cast.site.zone)
    start, _end = cast.day_shift.span(today)
    Roster.objects.create(employee=cast.mei, shift=cast.day_shift, day=today)
    received = start + timedelta(hours=6)
    for claim, at in ((start - timedelta(hours=9), start - EARLY), (start + timedelta(hours=1),) * 2):
        scan = Scan(NUMBER, cast.mei, cast.site.pk, uuid.uuid4(), claim, "unknown", received)
        assert verify_parcel(scan=scan, shop_ids=[cast.shop.pk], actor=Actor.system("command")).at == at


def test_scan_of_yesterdays_shift_that_comes_in_today_keeps_its_day(cast: Cast) -> None:
    make_order(cast.shop, waybill=NUMBER)
    today = clock.today(cast.site.zone)
    for day in (today - timedelta(days=1), today):
        Roster.objects.create(employee=cast.mei, shift=cast.day_shift, day=day)
    made = cast.day_shift.span(today - timedelta(days=1))[1] - timedelta(minutes=5)
    received = cast.day_shift.span(today)[0] + timedelta(hours=1)
    scan = Scan(NUMBER, cast.mei, cast.site.pk, uuid.uuid4(), made, "passed", received)
    assert verify_parcel(scan=scan, shop_ids=[cast.shop.pk], actor=Actor.system("command")).at == made
