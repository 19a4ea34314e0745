"""Goods at the bench: after the waybill each piece, or the picking slip, until the parcel is whole."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kernel import clock
from kernel.errors import Conflict, NotAllowed, Refused
from orders.models import Barcode, Label, Order, OrderItem, Product, Rule, Verification
from orders.services import (
    ParcelEnded,
    Scan,
    end_parcel,
    forget_barcode,
    scan_goods,
    set_rule,
    teach_barcode,
    teach_barcodes,
    undo_verification,
    verify_parcel,
)
from orders.services.products import meet_products
from people.actor import Actor
from people.models import Employee
from records.models import LedgerEntry
from tests.cast import Cast
from tests.orders.factories import YUNQI, imported, make_label, make_order, samples

NUMBER, OTHER = "SF1234567890123", "SF1234567890999"
LAMP, TENT = ("LAMP-1", "露营灯"), ("TENT-2", "双人帐篷")


def asks(cast: Cast, what: str) -> None:
    since = clock.today(cast.site.zone) - timedelta(days=1)  # what was scanned just before midnight is asked too
    Rule.objects.create(key="bench_asks", shop=cast.shop, starts_on=since, value=what)


def lines(order: Order, *items: tuple[tuple[str, str], int]) -> None:
    for n, ((code, title), quantity) in enumerate(items):
        OrderItem.objects.create(order=order, line_number=f"{n}", seller_code=code, title=title, quantity=quantity)
    meet_products(shop=order.shop, lines=[item for item, _quantity in items])


@pytest.fixture
def order(cast: Cast) -> Order:
    """A labelled order of two lamps and a tent, in a shop that wants each piece scanned."""
    asks(cast, "codes")
    order = make_order(cast.shop, waybill=NUMBER)
    make_label(order, NUMBER)
    lines(order, (LAMP, 2), (TENT, 1))
    return order


def a_scan(cast: Cast, text: str, by: Employee | None = None, key: uuid.UUID | None = None, after: float = 0) -> Scan:
    at = clock.now() + timedelta(seconds=after)
    return Scan(text, by or cast.mei, cast.site.pk, key or uuid.uuid4(), at)


def begin(cast: Cast, number: str = NUMBER, by: Employee | None = None) -> Verification:
    return verify_parcel(
        scan=a_scan(cast, number, by), shop_ids=[cast.shop.pk], asks_goods=True, actor=Actor.system("command")
    )


def put(cast: Cast, begun: Verification, *codes: str, pieces: int = 1) -> list[str]:
    """Scans one piece after another, each some seconds later."""
    later = 3 * begun.scans.count()
    scans = [a_scan(cast, code, after=later + 3 * n) for n, code in enumerate(codes)]
    rows = [scan_goods(scan=one, parcel=begun.client_id, pieces=pieces, actor=Actor.system("command")) for one in scans]
    return [f"{row.verdict}:{row.code}" for row in rows]


def test_waybill_only_begins_a_parcel_whose_shop_wants_goods_and_the_last_piece_passes_it(
    cast: Cast, order: Order
) -> None:
    begun = begin(cast)
    assert (begun.verdict, begun.code) == ("started", "asks_codes")
    assert put(cast, begun, "lamp-1", " ＬＡＭＰ-1 ", "TENT-2") == ["counted:counted", "counted:counted", "passed:ok"]
    assert begin(cast).code == "already_verified"


def test_shop_that_wants_the_waybill_alone_passes_at_once(cast: Cast) -> None:
    lines(make_order(cast.shop, waybill=NUMBER), (LAMP, 1))
    assert begin(cast).verdict == "passed"


def test_wrong_goods_and_surplus_are_stopped_and_nothing_is_counted(cast: Cast, order: Order) -> None:
    meet_products(shop=cast.shop, lines=[("STOVE-3", "炉头")])
    begun = begin(cast)
    assert put(cast, begun, "STOVE-3", "TENT-2", "TENT-2") == [
        "stopped:wrong_goods",
        "counted:counted",
        "stopped:too_many",
    ]
    assert put(cast, begun, "LAMP-1", pieces=3) == ["stopped:too_many"]
    assert put(cast, begun, "LAMP-1", pieces=2) == ["passed:ok"]


def test_code_that_nobody_knows_cannot_be_checked_until_a_lead_teaches_it(cast: Cast, order: Order) -> None:
    begun, code = begin(cast), "6901234567892"
    assert put(cast, begun, code) == ["unknown:code_unknown"]
    lamp = Product.objects.get(shop=cast.shop, key="LAMP-1")
    with pytest.raises(NotAllowed):
        teach_barcode(product=lamp, code=code, pieces=2, actor=Actor.of(cast.mei))
    teach_barcode(product=lamp, code=code, pieces=2, actor=Actor.of(cast.wang))
    assert put(cast, begun, code, "TENT-2") == ["counted:counted", "passed:ok"]
    assert LedgerEntry.objects.filter(kind="barcode.taught").count() == 1


def test_next_waybill_before_the_parcel_is_whole_is_stopped(cast: Cast, order: Order) -> None:
    make_order(cast.shop, "4140000000000000002", waybill=OTHER)
    begun = begin(cast)
    assert put(cast, begun, "LAMP-1", OTHER) == ["counted:counted", "stopped:goods_missing"]


def test_waybill_scanned_anew_begins_the_parcel_anew(cast: Cast, order: Order) -> None:
    first = begin(cast)
    put(cast, first, "LAMP-1")
    again = begin(cast)
    with pytest.raises(ParcelEnded):
        put(cast, first, "LAMP-1")
    assert put(cast, again, "LAMP-1", "LAMP-1", "TENT-2")[-1] == "passed:ok"


def test_same_key_counts_a_piece_once_and_with_another_code_conflicts(cast: Cast, order: Order) -> None:
    begun, key = begin(cast), uuid.uuid4()
    rows = [
        scan_goods(scan=a_scan(cast, "LAMP-1", key=key), parcel=begun.client_id, actor=Actor.system("command"))
        for _ in range(2)
    ]
    assert rows[0] == rows[1]
    with pytest.raises(Conflict):
        scan_goods(scan=a_scan(cast, "TENT-2", key=key), parcel=begun.client_id, actor=Actor.system("command"))
    assert Verification.objects.filter(parcel=begun).count() == 1


def test_nobody_scans_into_the_parcel_of_somebody_else(cast: Cast, order: Order) -> None:
    begun = begin(cast)
    with pytest.raises(NotAllowed):
        scan_goods(scan=a_scan(cast, "LAMP-1", cast.wang), parcel=begun.client_id, actor=Actor.system("command"))


def test_last_piece_can_be_undone_and_the_parcel_is_open_again(cast: Cast, order: Order) -> None:
    begun = begin(cast)
    put(cast, begun, "LAMP-1", "LAMP-1", "TENT-2")
    last = Verification.objects.get(verdict="passed")
    undone = undo_verification(verification=last, actor=Actor.of(cast.mei), client_id=uuid.uuid4(), at=clock.now())
    assert undone.begun == begun
    assert put(cast, begun, "LAMP-1", "TENT-2") == ["stopped:too_many", "passed:ok"]


def test_order_whose_items_nobody_imported_cannot_be_checked(cast: Cast) -> None:
    asks(cast, "codes")
    make_order(cast.shop, waybill=NUMBER)
    assert (begin(cast).verdict, begin(cast).code) == ("unknown", "goods_unknown")


def test_picking_slip_passes_its_own_order_and_stops_another(cast: Cast) -> None:
    asks(cast, "slip")
    make_order(cast.shop, "260517-607198974342268", waybill=NUMBER)
    begun = begin(cast)
    assert begun.code == "asks_slip"
    assert put(cast, begun, "260517-607198974342269", "https://erp.example/slip?no=260517-607198974342268") == [
        "stopped:wrong_slip",
        "passed:ok",
    ]


def test_merged_parcel_holds_the_goods_of_all_its_orders(cast: Cast, order: Order) -> None:
    other = make_order(cast.shop, "4140000000000000002", waybill=NUMBER)
    lines(other, (LAMP, 1))
    Label.objects.get().orders.create(shop=cast.shop, order_number=other.number)
    begun = begin(cast)
    assert put(cast, begun, "TENT-2", "LAMP-1", "LAMP-1", "LAMP-1")[-2:] == ["counted:counted", "passed:ok"]


def test_split_order_may_go_in_two_parcels_that_together_are_whole(cast: Cast, order: Order) -> None:
    order.waybills.create(number=OTHER, courier="sf", seen_at=clock.now())
    make_label(order, OTHER)
    first = begin(cast)
    nothing = end_parcel(scan=a_scan(cast, ""), parcel=first.client_id, actor=Actor.system("command"))
    assert (nothing.verdict, nothing.code) == ("stopped", "goods_missing")
    put(cast, first, "LAMP-1")
    assert end_parcel(scan=a_scan(cast, ""), parcel=first.client_id, actor=Actor.system("command")).verdict == "passed"
    second = begin(cast, OTHER)
    assert put(cast, second, "LAMP-1") == ["counted:counted"]
    assert (
        end_parcel(scan=a_scan(cast, ""), parcel=second.client_id, actor=Actor.system("command")).code
        == "goods_missing"
    )
    assert put(cast, second, "LAMP-1", "TENT-2") == ["stopped:too_many", "passed:ok"]


def test_whole_parcel_cannot_be_ended_early_when_the_order_has_no_other(cast: Cast, order: Order) -> None:
    begun = begin(cast)
    put(cast, begun, "LAMP-1")
    assert (
        end_parcel(scan=a_scan(cast, ""), parcel=begun.client_id, actor=Actor.system("command")).code == "goods_missing"
    )


def test_scan_into_a_parcel_takes_a_fixed_number_of_statements(cast: Cast, order: Order, statements: Any) -> None:
    counts = []
    for n in (3, 30):
        OrderItem.objects.filter(order=order).delete()
        lines(order, *[((f"CODE-{m}", f"货 {m}"), 1) for m in range(n)])
        begun = begin(cast)
        with statements() as count:
            put(cast, begun, "CODE-1")
        counts.append(count())
    assert counts[0] == counts[1] <= 16


def test_list_of_barcodes_is_taught_line_by_line_and_bad_lines_are_told(cast: Cast, order: Order) -> None:
    text = "690001\tLAMP-1\n690002,tent-2,6\n\n690003 NOBODY\nonly\n690004 LAMP-1 many"
    taught = teach_barcodes(shop=cast.shop, text=text, actor=Actor.of(cast.wang))
    assert (taught.kept, [line for line, _why in taught.refused]) == (2, [4, 5, 6])
    assert dict(Barcode.objects.values_list("code", "pieces")) == {"690001": 1, "690002": 6}
    with pytest.raises(NotAllowed):
        teach_barcodes(shop=cast.other_shop, text=text, actor=Actor.of(cast.wang))


def test_seller_code_of_one_product_is_never_a_barcode_of_another(cast: Cast, order: Order) -> None:
    lamp = Product.objects.get(shop=cast.shop, key="LAMP-1")
    with pytest.raises(Refused):
        teach_barcode(product=lamp, code="tent-2", pieces=1, actor=Actor.of(cast.wang))


def test_forgotten_barcode_is_unknown_again(cast: Cast, order: Order) -> None:
    lamp = Product.objects.get(shop=cast.shop, key="LAMP-1")
    row = teach_barcode(product=lamp, code="690001", pieces=1, actor=Actor.of(cast.wang))
    begun = begin(cast)
    forget_barcode(barcode=row, actor=Actor.of(cast.wang))
    assert put(cast, begun, "690001") == ["unknown:code_unknown"]


def test_item_report_makes_its_products_known_once(cast: Cast) -> None:
    imported(cast.shop, *samples("yunqi-xlsx", YUNQI[:2]))
    known = Product.objects.filter(shop=cast.shop).count()
    codes = set(OrderItem.objects.exclude(seller_code="").values_list("seller_code", flat=True))
    assert known == len(codes) > 5
    imported(cast.shop, *samples("yunqi-xlsx", YUNQI[:2]))
    assert Product.objects.filter(shop=cast.shop).count() == known


def test_manager_chooses_what_the_bench_asks_from_a_day_on(cast: Cast) -> None:
    lines(make_order(cast.shop, waybill=NUMBER), (LAMP, 1))
    said = {"key": "bench_asks", "shop": cast.shop, "source": "错发太多", "actor": Actor.of(cast.li)}
    set_rule(**said, value="codes", starts_on=clock.today(cast.site.zone) + timedelta(days=1))
    assert begin(cast).verdict == "passed"
    with pytest.raises(Refused):
        set_rule(**said, value="everything", starts_on=clock.today(cast.site.zone))


def test_bench_page_shows_what_is_missing_and_counts_it(cast: Cast, order: Order, sign_in: Any) -> None:
    client: Client = sign_in(cast.mei)
    page = client.post("/orders/bench/", {"client_id": uuid.uuid4(), "scanned": NUMBER}, follow=True)
    assert page.context["contents"].missing == 3
    begun = page.context["begun"]
    sent = {"client_id": uuid.uuid4(), "scanned": "LAMP-1", "parcel": begun.client_id, "pieces": 2}
    page = client.post("/orders/bench/", sent, follow=True)
    assert (page.context["contents"].counted, page.context["contents"].wanted) == (2, 3)
    assert "露营灯" in page.content.decode()


def test_lead_teaches_an_unknown_code_at_the_bench_and_goes_on(cast: Cast, order: Order, sign_in: Any) -> None:
    client: Client = sign_in(cast.wang)
    page = client.post("/orders/bench/", {"client_id": uuid.uuid4(), "scanned": NUMBER}, follow=True)
    begun = page.context["begun"]
    sent = {"client_id": uuid.uuid4(), "scanned": "690001", "parcel": begun.client_id}
    page = client.post("/orders/bench/", sent, follow=True)
    assert "/orders/bench/teach/" in page.content.decode()
    page = client.post("/orders/bench/teach/", {"parcel": begun.pk, "code": "690001", "key": "LAMP-1"}, follow=True)
    assert page.context["begun"] == begun
    assert Barcode.objects.get().product.key == "LAMP-1"


def test_piece_that_fires_twice_is_told_and_counts_once_until_somebody_says_that_it_is_two(
    cast: Cast, order: Order, sign_in: Any
) -> None:
    begun, client = begin(cast), sign_in(cast.mei)
    sent = {"scanned": "LAMP-1", "parcel": begun.client_id, "pieces": 1}
    for _ in range(2):
        page = client.post("/orders/bench/", {**sent, "client_id": uuid.uuid4()}, follow=True).content.decode()
    assert "再算一件" in page and "1/3" in page
    page = client.post("/orders/bench/", {**sent, "client_id": uuid.uuid4(), "meant": "on"}, follow=True)
    assert "2/3" in page.content.decode()
    assert list(begun.scans.order_by("id").values_list("code", "pieces")) == [
        ("counted", 1),
        ("again", 0),
        ("counted", 1),
    ]
