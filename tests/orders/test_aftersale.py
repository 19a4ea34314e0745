"""Words about refunds: what holds a parcel, what does not, and what nobody has explained."""

import uuid
from typing import Any

import pytest
from django.urls import reverse

from kernel import clock
from orders.aftersale import refund_of, state_of
from orders.models import Order, OrderChange
from orders.services import Scan, create_import, save_mapping, verify_parcel
from orders.services.reconciling import reconcile_orders
from people.actor import Actor
from tests.cast import Cast
from tests.orders.factories import imported, looked_at, make_order, upload

HEADER = "订单号,订单状态,支付时间,承诺发货时间,商品名称,商品数量,实付金额,售后状态,退款金额,快递单号,快递公司"
ITEMS = "子订单编号,主订单编号,商品标题,购买数量,买家实付金额,退款状态,退款金额"
NUMBER = "6920000000000000017"


def report(word: str, *, back: str = "", state: str = "待发货", number: str = NUMBER) -> str:
    row = f"{number},{state},2026-11-22 18:00:00,2026-11-25 18:00:00,灯,1,59.00,{word},{back},YT9900000000171,圆通"
    return f"{HEADER}\n{row}\n"


def verdict(cast: Cast, number: str = "YT9900000000171") -> tuple[str, str]:
    scan = Scan(number, cast.mei, cast.site.pk, uuid.uuid4(), clock.now())
    row = verify_parcel(scan=scan, shop_ids=[cast.shop.pk], actor=Actor.system("command"))
    return row.verdict, row.code


@pytest.mark.parametrize(
    "word",
    [
        "待商家处理",
        "仅退款-待商家处理",
        "退货退款 待买家退货",
        "买家已经申请退款，等待卖家同意",
        "售后处理中",
        "未发货仅退款",
        "等待卖家同意",
        "商家受理中",
        "退款中(¥59.00)",
        "WAIT_SELLER_AGREE",
        "平台介入中",
        "无售后；待商家处理",
    ],
)
def test_open_after_sale_of_any_platform_holds_the_parcel(cast: Cast, word: str) -> None:
    imported(cast.shop, upload(report(word)))
    reconcile_orders(shop_id=cast.shop.pk)
    assert Order.objects.get().findings.filter(code="refund_hold").exists()
    assert verdict(cast) == ("stopped", "refund_requested")


@pytest.mark.parametrize(
    "word",
    [
        "",
        "-",
        "0.00",
        "无售后",
        "无售后或售后取消",
        "售后关闭",
        "拒绝售后申请",
        "退款关闭",
        "没有申请退款",
        "已撤销",
        "用户取消申请",
    ],
)
def test_what_was_never_asked_refused_or_closed_holds_nothing(cast: Cast, word: str) -> None:
    imported(cast.shop, upload(report(word)))
    assert Order.objects.get().refund == ""
    assert verdict(cast) == ("passed", "ok")


def test_word_that_nobody_has_explained_is_asked_about_and_never_green(cast: Cast, sign_in: Any) -> None:
    batch = imported(cast.shop, upload(report("店小秘已标注")))
    assert batch.files.get().unknown_refunds == ["店小秘已标注"]
    assert verdict(cast) == ("unknown", "aftersale_unknown")
    page = sign_in(cast.li).get(reverse("orders:import_detail", args=[batch.pk])).content.decode()
    assert "店小秘已标注" in page and "不认识的售后状态" in page


@pytest.mark.parametrize(("meaning", "expected"), [("", "passed"), ("requested", "stopped"), ("refunded", "stopped")])
def test_word_counts_as_it_was_explained(cast: Cast, meaning: str, expected: str) -> None:
    text, li = report("店小秘已标注"), Actor.of(cast.li)
    given = {"shop": cast.shop, "uploads": [upload(text)], "client_id": uuid.uuid4()}
    file = create_import(**given, actor=li, asks=True).files.get()
    columns = {"order_number": 0, "order_status": 1, "paid_at": 2, "title": 4, "aftersale_status": 7, "waybill": 9}
    said = {"kind": "orders", "columns": columns, "statuses": {}, "refunds": {"店小秘已标注": meaning}}
    assert looked_at(save_mapping(file=file, actor=li, **said)).files.get().unknown_refunds == []
    imported(cast.shop, upload(text))
    assert verdict(cast)[0] == expected


def test_manager_explains_a_word_and_a_courier_on_the_page(cast: Cast, sign_in: Any) -> None:
    client, text = sign_in(cast.li), report("店小秘已标注").replace(",圆通", ",某达")
    given = {"shop": cast.shop, "uploads": [upload(text)], "client_id": uuid.uuid4()}
    batch = create_import(**given, actor=Actor.of(cast.li), asks=True)
    url = reverse("orders:columns_edit", args=[batch.pk, batch.files.get().pk])
    page = client.get(url).content.decode()
    assert "店小秘已标注" in page and "某达" in page
    columns = {"order_number": 0, "order_status": 1, "paid_at": 2, "aftersale_status": 7, "waybill": 9, "courier": 10}
    sent = {f"column_{field}": at for field, at in columns.items()}
    assert client.post(url, {**sent, "refund_0": "none", "courier_0": "yto"}).status_code == 302
    file = looked_at(batch).files.get()
    assert (file.unknown_refunds, file.unknown_couriers) == ([], [])
    assert "selected" in client.get(reverse("orders:columns_edit", args=[batch.pk, file.pk])).content.decode()


def test_trouble_that_the_platform_notes_holds_aside_and_a_note_about_the_buyer_is_not_kept(cast: Cast) -> None:
    text = report("-").replace("售后状态,", "售后状态,异常信息,").replace(",-,", ",-,买家要改到文三路8号,")
    batch = imported(cast.shop, upload(text))
    assert (batch.files.get().unknown_refunds, verdict(cast)) == (["…"], ("unknown", "aftersale_unknown"))


def test_part_of_the_money_that_went_back_holds_nothing_and_all_of_it_does(cast: Cast) -> None:
    imported(cast.shop, upload(report("退款成功", back="5.00")))
    assert verdict(cast)[0] == "passed"
    imported(cast.shop, upload(report("退款成功", back="59.00", number=NUMBER.replace("17", "18"))))
    assert Order.objects.get(number=NUMBER.replace("17", "18")).refund == "refunded"


def item(line: str, word: str, number: str = NUMBER) -> str:
    return f"{number}{line},{number},灯{line},1,29.00,{word},"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("没有申请退款", "买家已经申请退款，等待卖家同意"), "stopped"),
        (("没有申请退款", "退款成功"), "passed"),
        (("没有申请退款", "退款关闭"), "passed"),
        (("退款成功", "退款成功"), "stopped"),
        (("没有申请退款", "店小秘已标注"), "unknown"),
    ],
)
def test_item_report_says_line_by_line_what_holds(cast: Cast, words: tuple[str, str], expected: str) -> None:
    items = "\n".join([ITEMS, *(item(str(n), word) for n, word in enumerate(words))])
    imported(cast.shop, upload(report("")), upload(items, "items.csv"))
    assert verdict(cast)[0] == expected
    imported(cast.shop, upload(report("").replace("灯", "吊灯")))  # a later order report takes nothing away
    assert verdict(cast)[0] == expected


def test_item_report_frees_what_it_held_and_leaves_it_in_the_orders_history(cast: Cast) -> None:
    asked = "\n".join([ITEMS, item("0", "买家已经申请退款，等待卖家同意")])
    imported(cast.shop, upload(report("")), upload(asked, "items.csv"))
    closed = imported(cast.shop, upload("\n".join([ITEMS, item("0", "退款关闭")]), "items.csv"))
    assert Order.objects.get().refund == ""
    assert closed.files.get().changed == 1
    told = OrderChange.objects.filter(field="refund").order_by("id")
    assert list(told.values_list("before", "after")) == [("", "requested"), ("requested", "")]


def test_amount_alone_holds_until_the_item_report_says_that_a_part_is_done() -> None:
    assert refund_of("amount", [], is_to_ship=True) == "requested"
    assert refund_of("amount", ["refunded", ""], is_to_ship=True) == ""
    assert refund_of("amount", ["", ""], is_to_ship=True) == "requested"
    assert refund_of("amount", [], is_to_ship=False) == "refunded"


def test_of_words_that_contradict_each_other_nobody_knows_which_counts() -> None:
    assert state_of("待商家处理，无售后") == "unknown"
    assert state_of("1") == "unknown"


def test_order_in_a_state_that_nobody_has_explained_is_never_green(cast: Cast) -> None:
    make_order(cast.shop, waybill="SF1234567890123", status="unknown")
    assert verdict(cast, "SF1234567890123") == ("unknown", "state_unknown")
