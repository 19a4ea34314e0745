"""Files that say otherwise than what is known: the older change nothing, what may be older is asked, all is told."""

import uuid
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from kernel import clock
from orders.models import Import, ImportFile, Label, Order, RowFault, RowNote
from orders.readers.table import SAMPLED_ROWS
from orders.services import Scan, confirm_import, create_import, run_import, verify_parcel
from people.actor import Actor
from tests.cast import Cast
from tests.orders.factories import SAMPLED_AT, imported, looked_at, make_order, order_row, report, upload

N = "414170000000000{:04}"
LABELS = "打印时间,订单编号,运单号,快递公司,打单员,状态"
ITEMS = "子订单编号,主订单编号,商品标题,购买数量,退款状态,物流单号"
CLAIMS = "退款编号,订单编号,宝贝标题,买家退款金额,退款类型,退款的申请时间,退款状态,买家退款原因"


@pytest.fixture(autouse=True)
def that_morning() -> Any:
    with time_machine.travel(SAMPLED_AT, tick=False) as traveller:
        yield traveller


def preview(cast: Cast, text: str, name: str = "file.csv") -> Import:
    given = {"shop": cast.shop, "uploads": [upload(text, name)], "client_id": uuid.uuid4()}
    return create_import(**given, actor=Actor.of(cast.li), asks=True)


def shipped(n: int, waybill: str = "YT9900000001802", **cells: str) -> str:
    return order_row(N.format(n), 订单状态="卖家已发货，等待买家确认", 物流单号=waybill, 物流公司="圆通", **cells)


def label(n: int, state: str = "正常") -> str:
    return f"2026-11-22 15:00:00,{N.format(n)},YT990000000{n:04},圆通,陈梅,{state}"


def claim(n: int, state: str, back: str = "99.00", number: str = "7001") -> str:
    return f"{number},{N.format(n)},灯,{back},仅退款,2026-11-22 21:00:00,{state},不想要了"


def notes(batch: Import) -> list[tuple[int, str, str]]:
    return list(RowNote.objects.filter(file__batch=batch).order_by("line").values_list("line", "code", "value"))


def verdict(cast: Cast, number: str) -> tuple[str, str]:
    scan = Scan(number, cast.mei, cast.site.pk, uuid.uuid4(), clock.now())
    row = verify_parcel(scan=scan, shop_ids=[cast.shop.pk], actor=Actor.system("command"))
    return row.verdict, row.code


# --- rows whose order no report has


def test_row_whose_order_no_report_has_is_told_and_its_list_opens_it(cast: Cast, sign_in: Any) -> None:
    make_order(cast.shop, N.format(1))
    batch = preview(cast, "\n".join([LABELS, label(1), label(2), label(3)]))
    file = batch.files.get()
    assert notes(batch) == [(3, "order_unknown", N.format(2)), (4, "order_unknown", N.format(3))]
    assert (file.notes, file.faults) == ({"order_unknown": 2}, 0)
    client, url = sign_in(cast.li), reverse("orders:import_notes", args=[batch.pk, file.pk, "order_unknown"])
    assert url in client.get(reverse("orders:import_detail", args=[batch.pk])).content.decode()
    page = client.get(url).content.decode()
    assert N.format(1) not in page and N.format(2) in page and N.format(3) in page
    make_order(cast.shop, N.format(2))
    assert client.get(url).content.decode().count("现在已有") == 1
    assert client.get(url.replace("order_unknown", "older")).status_code == 404
    assert sign_in(cast.chen).get(url).status_code in (403, 404)


def test_line_of_an_order_that_no_report_has_is_told_as_not_kept(cast: Cast) -> None:
    batch = preview(cast, f"{ITEMS}\n{N.format(1)}1,{N.format(1)},灯,1,没有申请退款,\n")
    assert notes(batch) == [(2, "line_not_kept", N.format(1))]


def test_waybill_of_a_couriers_file_that_nobody_has_is_told(cast: Cast) -> None:
    make_order(cast.shop, N.format(1), "YT9900000001802")
    rows = [f"YT990000000180{n},圆通,2026-11-22 18:00:00,已揽收," for n in (2, 3)]
    batch = preview(cast, "\n".join(["运单号,快递公司,时间,状态,描述", *rows]))
    assert notes(batch) == [(3, "waybill_unknown", "YT9900000001803")]


# --- lists of after-sales


@pytest.mark.parametrize(
    ("header", "row", "state"),
    [
        (CLAIMS, claim(1, "买家已经申请退款，等待卖家同意"), "requested"),
        (CLAIMS, claim(1, "退款成功"), "refunded"),
        (CLAIMS, claim(1, "退款成功", back="9.00"), ""),
        (CLAIMS, claim(1, "退款关闭"), ""),
        (CLAIMS, claim(1, "天外来物"), "unknown"),
        (
            "售后编号,订单编号,商品名称,售后类型,售后状态,退款金额,申请时间",
            f"7,{N.format(1)},灯,仅退款,待商家处理,99,",
            "requested",
        ),
        (
            "售后单号,订单号,商品单号,售后类型,售后状态,应退金额",
            f"7,{N.format(1)},71,退货退款,待买家退货,99",
            "requested",
        ),
        ("退单编号,交易号,退款金额,状态", f"7,{N.format(1)},99,已撤销", ""),
        ("订单编号,退款状态", f"{N.format(1)},退款中", "requested"),
    ],
)
def test_list_of_after_sales_holds_what_is_open_and_no_more(cast: Cast, header: str, row: str, state: str) -> None:
    """Whichever of the two files comes first."""
    orders, claims = upload(report(order_row(N.format(1), 物流单号="YT9900000000001"))), upload(f"{header}\n{row}\n")
    assert imported(cast.shop, claims, orders).files.filter(kind="aftersales").count() == 1
    assert Order.objects.get().refund == state
    imported(cast.shop, upload(report(order_row(N.format(1), 物流单号="YT9900000000001", 宝贝标题="吊灯"))))
    assert Order.objects.get().refund == state
    assert verdict(cast, "YT9900000000001")[0] == {"": "passed", "unknown": "unknown"}.get(state, "stopped")


def test_after_sale_that_came_first_waits_for_its_order_and_its_end_frees_it(cast: Cast) -> None:
    imported(cast.shop, upload(f"{CLAIMS}\n{claim(1, '退款待处理')}\n"))
    imported(cast.shop, upload(report(order_row(N.format(1)))))
    assert Order.objects.get().refund == "requested"
    imported(cast.shop, upload(f"{CLAIMS}\n{claim(1, '退款关闭')}\n"))
    assert Order.objects.get().refund == ""
    again = imported(cast.shop, upload(f"{CLAIMS}\n{claim(1, '退款待处理')}\n"))
    assert (notes(again), Order.objects.get().refund) == ([(2, "goes_back", N.format(1))], "")


# --- contradictions


def test_older_report_by_its_own_name_changes_nothing_and_is_told(cast: Cast) -> None:
    imported(cast.shop, upload(report(shipped(1)), "ExportOrderList202611230800.csv"))
    batch = imported(cast.shop, upload(report(order_row(N.format(1))), "ExportOrderList202611222200.csv"))
    assert notes(batch) == [(2, "older", N.format(1))]
    assert Order.objects.get().status == "shipped"
    newer = imported(cast.shop, upload(report(order_row(N.format(1))), "ExportOrderList202611230815.csv"))
    assert (notes(newer), Order.objects.get().status) == ([], "to_ship")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (shipped(1), order_row(N.format(1))),
        (shipped(1), shipped(1, "")),
        (order_row(N.format(1), 订单状态="交易成功"), shipped(1)),
    ],
)
def test_row_that_goes_back_in_a_file_of_no_known_age_is_asked_about(cast: Cast, before: str, after: str) -> None:
    imported(cast.shop, upload(report(before)))
    known = list(Order.objects.values_list("status", "waybills__number"))
    batch = preview(cast, report(after))
    assert notes(batch) == [(2, "goes_back", N.format(1))]
    confirm_import(batch=batch, actor=Actor.system("command"))
    run_import(import_id=batch.pk)
    assert list(Order.objects.values_list("status", "waybills__number")) == known


def test_manager_says_that_the_file_is_newer(cast: Cast, sign_in: Any) -> None:
    imported(cast.shop, upload(report(shipped(1))))
    batch = preview(cast, report(order_row(N.format(1))))
    client = sign_in(cast.li)
    url = reverse("orders:file_newest", args=[batch.pk, batch.files.get().pk])
    assert url in client.get(reverse("orders:import_detail", args=[batch.pk])).content.decode()
    assert client.post(url).status_code == 302
    looked_at(batch)
    assert (notes(batch), ImportFile.objects.get(batch=batch).changed) == ([], 1)
    confirm_import(batch=batch, actor=Actor.system("command"))
    run_import(import_id=batch.pk)
    assert Order.objects.get().status == "to_ship"


def test_only_a_manager_of_the_shop_says_so(cast: Cast, sign_in: Any) -> None:
    batch = preview(cast, report(order_row(N.format(1))))
    url = reverse("orders:file_newest", args=[batch.pk, batch.files.get().pk])
    assert sign_in(cast.mei).post(url).status_code in (403, 404)
    assert not ImportFile.objects.get(batch=batch).is_newest


def test_file_that_tells_of_later_than_the_last_import_is_newer(cast: Cast, that_morning: Any) -> None:
    imported(cast.shop, upload(report(shipped(1))))
    that_morning.shift(3600 * 10)
    later = order_row(N.format(2), 订单付款时间="2026-11-23 17:00:00", 订单创建时间="2026-11-23 17:00:00")
    batch = imported(cast.shop, upload(report(order_row(N.format(1)), later)))
    assert (notes(batch), Order.objects.get(number=N.format(1)).status) == ([], "to_ship")


def test_refund_is_not_freed_by_a_report_that_knows_nothing_of_it(cast: Cast) -> None:
    header = "订单号,订单状态,支付时间,商品名称,售后状态"
    row = f"{N.format(1)},待发货,2026-11-22 18:00:00,灯,"
    for word, state in (("售后处理中", "requested"), ("", "requested"), ("售后关闭", "")):
        imported(cast.shop, upload(f"{header}\n{row}{word}\n"))
        assert Order.objects.get().refund == state


def test_report_without_a_column_takes_nothing_away(cast: Cast) -> None:
    imported(cast.shop, upload(report(shipped(1))))
    imported(cast.shop, upload(f"订单号,订单状态,支付时间\n{N.format(1)},交易成功,2026-11-22 20:00:00\n"))
    order = Order.objects.get()
    assert (order.status, order.city, order.title, order.amount_cents) == ("done", "杭州市", "露营灯", 9900)
    assert [(w.number, w.withdrawn_at) for w in order.waybills.all()] == [("YT9900000001802", None)]


def test_void_label_is_not_revived_by_an_older_log(cast: Cast) -> None:
    make_order(cast.shop, N.format(1))
    imported(cast.shop, upload("\n".join([LABELS, label(1, "已作废")])))
    batch = imported(cast.shop, upload("\n".join([LABELS, label(1)])))
    assert [code for _line, code, _value in notes(batch)] == ["goes_back"]
    assert Label.objects.get().is_void


def test_item_report_with_another_waybill_than_the_order_report_is_told(cast: Cast) -> None:
    rows = [f"{N.format(1)}{n},{N.format(1)},灯,1,,YT990000000{number}" for n, number in enumerate(["9999", "1802"])]
    items = "\n".join([ITEMS, *rows])
    batch = imported(cast.shop, upload(report(shipped(1))), upload(items, "items.csv"))
    assert notes(batch) == [(2, "other_waybill", N.format(1))]


# --- digits that a spreadsheet zeroed


def test_digits_zeroed_far_down_in_a_file_are_refused(cast: Cast) -> None:
    sound = [order_row(f"41417000000012{n:04}7") for n in range(SAMPLED_ROWS)]
    cut = [order_row(f"414170000000{n:03}0000") for n in range(100, 160)]
    batch = preview(cast, report(*sound, *cut))
    told = RowFault.objects.filter(file__batch=batch, code="digits_zeroed_by_excel")
    assert sorted(told.values_list("line", flat=True)) == list(range(SAMPLED_ROWS + 2, SAMPLED_ROWS + 62))
