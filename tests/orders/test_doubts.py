"""What nobody knows is neither equal nor different, and what a file has lost is told: it is shown, asked or refused."""

import uuid
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from kernel import clock
from orders.matching.verdicts import same_receiver
from orders.models import Coverage, Finding, Import, Label, Order, RowFault, TrackingEvent, Waybill
from orders.services import Scan, create_import, verify_parcel
from orders.services.reconciling import reconcile_orders
from people.actor import Actor
from tests.cast import Cast
from tests.orders.factories import SAMPLED_AT, imported, make_label, make_order, order_row, report, upload

N = "414000000000000{:04}"


@pytest.fixture(autouse=True)
def that_morning() -> Any:
    with time_machine.travel(SAMPLED_AT, tick=False) as traveller:
        yield traveller


def shipped(number: str, waybill: str, courier: str = "圆通速递", **cells: str) -> str:
    state = {"订单状态": "卖家已发货，等待买家确认", "订单付款时间": "2026-11-20 08:00:00"}
    return order_row(number, 物流单号=waybill, 物流公司=courier, **state, **cells)


def label(number: str, waybill: str, courier: str = "圆通速递", state: str = "正常") -> str:
    return f"2026-11-20 15:00:00,{number},{waybill},{courier},陈梅,{state}"


def label_log(*rows: str, column: str = "订单编号") -> str:
    return "\n".join([f"打印时间,{column},运单号,快递公司,打单员,状态", *rows])


def tracking(*rows: str) -> str:
    return "\n".join(["运单号,快递公司,时间,状态,描述", *rows])


def preview(cast: Cast, *texts: str) -> Import:
    given = {"shop": cast.shop, "uploads": [upload(text) for text in texts], "client_id": uuid.uuid4()}
    return create_import(**given, actor=Actor.of(cast.li), asks=True)


def found() -> list[tuple[str, str]]:
    return sorted(Finding.objects.standing().values_list("order__number", "code"))


def faults(batch: Import) -> list[tuple[int, str]]:
    return sorted(RowFault.objects.filter(file__batch=batch).values_list("line", "code"))


def verdict(cast: Cast, number: str) -> tuple[str, str]:
    scan = Scan(number, cast.mei, cast.site.pk, uuid.uuid4(), clock.now())
    row = verify_parcel(scan=scan, shop_ids=[cast.shop.pk], actor=Actor.system("command"))
    return row.verdict, row.code


# --- couriers


def test_unknown_courier_accuses_nobody_and_is_shown(cast: Cast, sign_in: Any) -> None:
    orders = report(shipped(N.format(1), "YT9900000000001", "某达快递"), shipped(N.format(2), "YT9900000000002"))
    labels = label_log(label(N.format(1), "YT9900000000001"), label(N.format(2), "YT9900000000002", "另达"))
    events = tracking(*(f"YT99000000009{n:02},某达快递,2026-11-2{n} 08:00:00,已揽收,【杭州市】" for n in (0, 3)))
    batch = preview(cast, orders, labels, events)
    page = sign_in(cast.li).get(reverse("orders:import_detail", args=[batch.pk])).content.decode()
    assert "不认识的快递公司" in page and "某达快递" in page and "另达" in page
    imported(cast.shop, upload(orders), upload(labels), upload(events))
    reconcile_orders(shop_id=cast.shop.pk)
    assert found() == []
    assert not Coverage.objects.filter(side="tracking").exists()


def test_tracking_speaks_for_the_couriers_that_are_known_by_any_name(cast: Cast) -> None:
    events = tracking("YT9900000000901,yuantong,2026-11-20 08:00:00,已揽收,", "1,某达,2026-11-23 08:00:00,已揽收,")
    imported(cast.shop, upload(report(shipped(N.format(1), "YT9900000000001"))), upload(events))
    assert Coverage.objects.get(side="tracking").couriers == ["yto"]


# --- tracking states


def test_tracking_state_that_nobody_explained_proves_no_pickup_and_no_silence(cast: Cast) -> None:
    orders = report(order_row(N.format(1), 应发货时间="2026-11-25 08:00:00"), shipped(N.format(2), "YT9900000000002"))
    labels = label_log(label(N.format(1), "YT9900000000001"), label(N.format(2), "YT9900000000002"))
    events = tracking(
        "YT9900000000001,圆通,2026-11-20 20:00:00,ARRIVED_AT_HUB,",
        "YT9900000000002,圆通,2026-11-20 20:00:00,HANDED_OVER,",
        "YT9900000000999,圆通,2026-11-23 08:00:00,已揽收,",
    )
    batch = imported(cast.shop, upload(orders), upload(labels), upload(events))
    reconcile_orders(shop_id=cast.shop.pk)
    assert found() == []
    assert set(batch.files.get(kind="tracking").unknown_words) == {"ARRIVED_AT_HUB", "HANDED_OVER"}
    assert set(TrackingEvent.objects.values_list("status", flat=True)) == {"UNKNOWN", "PICKED_UP"}


def test_label_state_that_nobody_explained_is_told_and_those_that_are_known_count(cast: Cast) -> None:
    rows = [label(N.format(n), f"YT990000000000{n}", state=s) for n, s in enumerate(["已失效", "未作废", "挂起"])]
    batch = imported(cast.shop, upload(label_log(*rows)))
    assert dict(Label.objects.values_list("number", "is_void")) == {
        "YT9900000000000": True,
        "YT9900000000001": False,
        "YT9900000000002": False,
    }
    assert batch.files.get().unknown_words == ["挂起"]


# --- receivers


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("张", "1234", "杭州市"), ("张", "", "杭州"), True),
        (("张", "", ""), ("李", "", ""), False),
        (("", "1234", ""), ("", "5678", ""), False),
        (("", "", "杭州市"), ("", "", "杭州市"), None),
        (("", "", ""), ("", "", ""), None),
        (("", "", "杭州市"), ("", "", "长沙市"), False),
    ],
)
def test_receivers_are_compared_by_what_is_left_of_them(one: Any, other: Any, same: bool | None) -> None:
    assert same_receiver(one, other) is same


def test_number_on_two_orders_of_masked_receivers_is_set_aside_unless_a_label_names_both(
    cast: Cast, sign_in: Any
) -> None:
    first = make_order(cast.shop, N.format(1), "SF1234567890123", city="杭州市")
    second = make_order(cast.shop, N.format(2), "SF1234567890123", city="杭州市")
    reconcile_orders(shop_id=cast.shop.pk)
    assert found() == []
    assert verdict(cast, "SF1234567890123") == ("unknown", "receivers_masked")
    page = sign_in(cast.li).get(reverse("orders:order_detail", args=[first.pk])).content.decode()
    assert "已打码，无法比对" in page
    make_label(first, "SF1234567890123").orders.create(shop=cast.shop, order_number=second.number)
    assert verdict(cast, "SF1234567890123") == ("passed", "ok")


# --- numbers


def test_log_that_meets_no_order_is_told_with_its_column_before_anything_is_kept(cast: Cast, sign_in: Any) -> None:
    orders = report(*(order_row(N.format(n)) for n in range(1, 5)))
    labels = label_log(*(label(f"XS2026112100{n}", f"YT990000000000{n}") for n in range(1, 5)), column="订单号")
    batch = preview(cast, orders, labels)
    assert batch.files.get(kind="labels").strangers == {
        "field": "order_number",
        "column": "订单号",
        "met": 0,
        "of": 4,
        "example": "XS20261121001",
    }
    page = sign_in(cast.li).get(reverse("orders:import_detail", args=[batch.pk])).content.decode()
    assert "4 行里只有 0 行能对上已有订单" in page and "XS20261121001" in page
    assert not Order.objects.exists()


def test_tracking_that_meets_no_waybill_is_told_and_one_that_meets_some_is_not(cast: Cast) -> None:
    imported(cast.shop, upload(report(shipped(N.format(1), "YT9900000000001"))))
    events = [f"YT88000000000{n:02},圆通,2026-11-21 20:00:00,已揽收," for n in range(10)]
    assert preview(cast, tracking(*events)).files.get().strangers["column"] == "运单号"
    met = tracking(*events[:5], "YT9900000000001,圆通,2026-11-21 20:00:00,已揽收,")
    assert preview(cast, met).files.get().strangers == {}


@pytest.mark.parametrize("column", ["原始单号", "平台单号", "网店订单号", "线上订单号"])
def test_platforms_number_counts_before_the_erps_own(cast: Cast, column: str) -> None:
    head = f"订单编号,{column},打印时间,物流单号,物流公司,打单员"
    rows = [f"JY2026{n},{N.format(7)}-{n},2026-11-20 15:00:00,YT990000000000{n},圆通,陈梅" for n in (1, 2)]
    imported(cast.shop, upload("\n".join([head, *rows])))
    assert {label.orders.get().order_number for label in Label.objects.all()} == {N.format(7)}


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_numbers_whose_last_digits_excel_zeroed_are_refused(cast: Cast, share: float) -> None:
    good = [f"41423456789{n:04}7731" for n in range(1, 9)]
    ruined = [f"{number[:15]}0000" for number in good[: int(8 * share)]]
    batch = imported(cast.shop, upload(report(*(order_row(n) for n in [*ruined, *good[len(ruined) :]]))))
    assert faults(batch) == [(line, "digits_zeroed_by_excel") for line in range(2, 2 + len(ruined))]
    assert Order.objects.count() == 8 - len(ruined)


def test_true_number_that_ends_in_zeros_stands_among_others(cast: Cast) -> None:
    rows = [order_row(f"41423456789{n:04}7731") for n in range(1, 6)]
    batch = imported(cast.shop, upload(report(*rows, order_row("4142345678900990000"))))
    assert (faults(batch), Order.objects.count()) == ([], 6)


# --- rows


def test_rows_that_end_before_their_last_columns_are_taken_for_what_they_are(cast: Cast) -> None:
    head = "订单编号,订单状态,订单创建时间,订单付款时间,宝贝标题,物流单号,物流公司"
    times = "2026-11-20 08:00:00,2026-11-20 08:01:00"
    rows = [
        f"{N.format(1)},买家已付款，等待卖家发货,{times},灯",
        f"{N.format(2)},卖家已发货，等待买家确认,{times},灯",
        f"{N.format(3)},卖家已发货",
    ]
    batch = imported(cast.shop, upload("\n".join([head, *rows]) + "\n"))
    assert faults(batch) == [(3, "too_few_fields"), (4, "too_few_fields")]
    assert Order.objects.get().number == N.format(1)


def test_rows_of_one_number_that_contradict_one_another_are_refused(cast: Cast) -> None:
    rows = [
        order_row(N.format(1)),
        order_row(N.format(2)),
        order_row(N.format(1), 订单创建时间="2026-11-21 10:00:00"),
        order_row(N.format(2), 订单状态="交易关闭"),
        order_row(N.format(2)),
    ]
    batch = imported(cast.shop, upload(report(*rows)))
    assert faults(batch) == [(4, "contradicts_other_row"), (5, "contradicts_other_row")]


def test_row_that_is_said_twice_counts_once_and_a_split_order_is_one(cast: Cast) -> None:
    twice = order_row(N.format(1), 宝贝总数量="3")
    split = [shipped(f"{N.format(2)}-{n}", f"YT990000000000{n}", 宝贝总数量="1") for n in (1, 2)]
    batch = imported(cast.shop, upload(report(twice, twice, *split)))
    assert faults(batch) == []
    assert dict(Order.objects.values_list("number", "quantity")) == {N.format(1): 3, N.format(2): 2}
    assert Waybill.objects.filter(order__number=N.format(2)).count() == 2


def test_waybill_cell_that_yields_nothing_is_reported_and_one_that_says_so_is_not(cast: Cast) -> None:
    rows = [shipped(N.format(n), text) for n, text in enumerate(["见备注", "＃＃＃", "无需物流", "门店自提"])]
    assert faults(imported(cast.shop, upload(report(*rows)))) == [
        (2, "waybill_not_readable"),
        (3, "waybill_not_readable"),
    ]


def test_goods_below_a_label_and_sums_below_orders_belong_to_no_other(cast: Cast) -> None:
    labels = label_log(label(N.format(1), "YT9900000000001")).replace("状态", "状态,商品") + ",灯\n,,,,,,炉头\n"
    sum_up = order_row("", 订单状态="", 订单付款时间="", 订单创建时间="", 宝贝标题="合计", 宝贝总数量="7")
    batch = imported(cast.shop, upload(report(order_row(N.format(1)), sum_up)), upload(labels))
    assert faults(batch) == [(3, "no_order_number")]
    assert (Label.objects.count(), Order.objects.get().quantity) == (1, 1)


def test_label_row_with_several_waybills_is_refused(cast: Cast) -> None:
    batch = imported(cast.shop, upload(label_log(label(N.format(1), "YT9900000000001;YT9900000000002"))))
    assert faults(batch) == [(2, "several_waybills")]


def test_nothing_of_a_buyer_stands_in_a_refused_row_or_a_labels_note(cast: Cast) -> None:
    row = order_row("张三 13812345678 文三路8号")
    log = label_log(label(N.format(1), "YT9900000000001")).replace("状态", "状态,备注") + ",改地址文三路8号张先生"
    imported(cast.shop, upload(report(row)), upload(log))
    assert RowFault.objects.get().value == ""
    assert Label.objects.get().note == ""


def test_address_that_was_changed_counts(cast: Cast) -> None:
    text = report(order_row(N.format(1))).replace("应发货时间", "应发货时间,修改后的收货地址")
    imported(cast.shop, upload(text + ',"湖南省,长沙市,岳麓区,某路1号"'))
    assert Order.objects.get().city == "长沙市"
