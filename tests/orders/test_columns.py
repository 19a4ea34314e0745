"""Files whose columns nobody knows, of other platforms, of several shops."""

import uuid
from typing import Any

import pytest
from django.urls import reverse

from orders.models import ColumnMapping, Import, Label, Order, TrackingEvent, Waybill
from orders.services import confirm_import, create_import, save_mapping
from orders.services.importing import ColumnsUnknown
from orders.services.mapping import ColumnLacking
from people.actor import Actor
from people.models import Shop
from tests.cast import Cast
from tests.orders.factories import HEADER, imported, looked_at, order_row, report, upload

STRANGE = """单子,进度,钱到了,包裹号,谁送
A-2026-0001,打包中,2026-11-22 20:00:00,YT1234567890123,圆通
A-2026-0002,走了,2026-11-22 21:00:00,YT1234567890124,圆通
"""
COLUMNS = {"order_number": 0, "order_status": 1, "paid_at": 2, "waybill": 3, "courier": 4}


def asked(cast: Cast, text: str = STRANGE) -> Import:
    """A preview of a file, by the manager, who may be asked what its columns mean."""
    files, li = [upload(text, "x.csv")], Actor.of(cast.li)
    return create_import(shop=cast.shop, uploads=files, actor=li, client_id=uuid.uuid4(), asks=True)


def say(cast: Cast, batch: Import, columns: dict[str, int] = COLUMNS, **statuses: str) -> Import:
    said = {"kind": "orders", "columns": columns, "statuses": statuses}
    return looked_at(save_mapping(file=batch.files.get(), actor=Actor.of(cast.li), **said))


def test_file_with_strange_columns_waits_until_somebody_says_what_they_mean(cast: Cast) -> None:
    batch = asked(cast)
    assert (batch.files.get().kind, batch.files.get().rows) == ("", 0)
    with pytest.raises(ColumnsUnknown, match=r"x\.csv"):
        confirm_import(batch=batch, actor=Actor.system("command"))
    say(cast, batch)
    file = batch.files.get()
    assert (file.kind, file.rows, file.new, file.unknown_words) == ("orders", 2, 2, ["打包中", "走了"])


def test_states_are_read_as_they_were_explained_and_next_time_by_itself(cast: Cast) -> None:
    say(cast, asked(cast), 打包中="to_ship", 走了="shipped")
    imported(cast.shop, upload(STRANGE))
    assert dict(Order.objects.values_list("number", "status")) == {"A-2026-0001": "to_ship", "A-2026-0002": "shipped"}
    assert set(Waybill.objects.values_list("number", "courier")) == {
        ("YT1234567890123", "yto"),
        ("YT1234567890124", "yto"),
    }


def test_mapping_without_a_needed_column_is_refused(cast: Cast) -> None:
    batch = asked(cast)
    with pytest.raises(ColumnLacking, match="付款时间"):
        say(cast, batch, {"order_number": 0, "order_status": 1})
    assert not ColumnMapping.objects.exists()


def test_manager_explains_the_columns_on_the_page(cast: Cast, sign_in: Any) -> None:
    batch, client = asked(cast), sign_in(cast.li)
    url = reverse("orders:columns_edit", args=[batch.pk, batch.files.get().pk])
    page = client.get(url).content.decode()
    assert "A · 单子 · A-2026-0001" in page
    refused = client.post(url, {"column_order_number": "0"})
    assert (refused.status_code, "付款时间" in refused.content.decode()) == (422, True)
    sent = {f"column_{field}": at for field, at in COLUMNS.items()}
    page = client.post(url, sent).url
    looked_at(batch)
    assert "打包中、走了" in client.get(page).content.decode()
    again = reverse("orders:columns_edit", args=[batch.pk, batch.files.get().pk])
    assert client.post(again, {**sent, "state_0": "to_ship", "state_1": "shipped"}).status_code == 302
    assert ColumnMapping.objects.get().statuses == {"打包中": "to_ship", "走了": "shipped"}
    looked_at(batch)
    forget = reverse("orders:columns_forget", args=[batch.pk, batch.files.get().pk])
    assert client.post(forget).status_code == 302
    looked_at(batch)
    assert (ColumnMapping.objects.exists(), batch.files.get().kind) == (False, "")


def test_buyers_values_are_not_shown_beside_their_columns(cast: Cast, sign_in: Any) -> None:
    batch = asked(cast, STRANGE.replace("谁送", "收货人").replace("圆通", "王小明"))
    page = sign_in(cast.li).get(reverse("orders:columns_edit", args=[batch.pk, batch.files.get().pk]))
    assert "E · 收货人" in page.content.decode()
    assert "王小明" not in page.content.decode()


PLATFORMS = {
    "1688": (
        "订单编号,买家公司名,货品总价(元),实付款(元),订单状态,订单创建时间,订单付款时间,收货人姓名,收货地址,"
        "货品标题,数量,物流公司运单号\n"
        "2456789012345678901,甲,99,99,等待买家收货,2026-11-20 10:00:00,2026-11-20 10:05:00,李四,浙江省 杭州市 滨江区,"
        "帐篷,2,中通快递:75312345678901"
    ),
    "京东": (
        "订单号,商品ID,商品名称,订购数量,支付方式,下单时间,应付金额,订单状态,客户姓名,客户地址,联系电话,付款确认时间,"
        "快递公司,运单号\n"
        "2456789012345678901,1,帐篷,2,在线支付,2026-11-20 10:00:00,99,等待确认收货,李**,浙江杭州市滨江区,138****1234,"
        "2026-11-20 10:05:00,中通快递,75312345678901"
    ),
    "小红书": (
        "订单号,订单状态,订单创建时间,支付时间,承诺发货时间,商品名称,SKU件数,实付金额,收件人姓名,快递公司,快递单号\n"
        "2456789012345678901,已发货,2026-11-20 10:00:00,2026-11-20 10:05:00,2026-11-22 10:05:00,帐篷,2,99,李**,"
        "中通快递,75312345678901"
    ),
    "微信小店": (
        "订单号,订单下单时间,订单状态,支付时间,商品名称,商品数量,订单实付金额,收件人姓名,收件人手机,收件人地址,"
        "快递公司,快递单号\n"
        "2456789012345678901,2026-11-20 10:00:00,待收货,2026-11-20 10:05:00,帐篷,2,99,李**,*******1234,"
        "浙江省 杭州市 滨江区,中通快递,75312345678901"
    ),
}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_reports_of_other_platforms_are_known_by_their_words(cast: Cast, platform: str) -> None:
    batch = imported(cast.shop, upload(PLATFORMS[platform]))
    order = Order.objects.get()
    assert batch.files.get().unknown_words == []
    assert (order.number, order.status, order.quantity, order.amount_cents) == (
        "2456789012345678901",
        "shipped",
        2,
        9900,
    )
    assert order.paid_at is not None and order.title == "帐篷"
    assert order.city == ("" if platform == "小红书" else "杭州市")
    assert [(w.number, w.courier) for w in order.waybills.all()] == [("75312345678901", "zto")]


def test_rows_of_a_file_of_several_shops_go_to_their_shops(cast: Cast) -> None:
    other = Shop.objects.create(code="linjian", name="林间茶具店", site=cast.site)
    rows = [
        order_row(f"414000000000000000{n}", 物流单号=f"YT000000000000{n}") + f",{name}"
        for n, name in enumerate([cast.shop.name, other.name, "别家店"])
    ]
    orders = "\n".join([HEADER + ",店铺名称", *rows])
    labels = "打印时间,订单编号,运单号,快递公司,打单员\n" + "\n".join(
        f"2026-11-22 21:00:00,414000000000000000{n},YT000000000000{n},圆通,陈梅" for n in range(3)
    )
    events = "运单号,快递公司,时间,状态,描述\n" + "\n".join(
        f"YT000000000000{n},圆通,2026-11-22 22:00:00,已揽收,【杭州市】" for n in range(3)
    )
    batch = imported(cast.shop, upload(orders), upload(labels), upload(events))
    assert batch.shop_names == {cast.shop.name: cast.shop.pk, other.name: other.pk, "别家店": None}
    assert {o.number[-1]: o.shop for o in Order.objects.all()} == {"0": cast.shop, "1": other}
    assert {row.number[-1]: row.shop for row in Label.objects.all()} == {"0": cast.shop, "1": other, "2": cast.shop}
    assert {e.number[-1]: e.shop for e in TrackingEvent.objects.all()} == {"0": cast.shop, "1": other, "2": cast.shop}
    file = batch.files.get(kind="orders")
    assert (file.rows, file.new, [f.code for f in file.row_faults.all()]) == (3, 2, ["other_shop"])


def test_names_of_which_none_is_known_are_told_and_go_to_the_chosen_shop(cast: Cast) -> None:
    rows = [order_row(f"414000000000000000{n}") + f",山野{'一二'[n > 0]}店" for n in range(3)]
    batch = imported(cast.shop, upload("\n".join([HEADER + ",店铺名称", *rows])))
    assert (batch.shop_names, batch.files.get().new, batch.files.get().other_shop) == ({}, 3, "山野二店")


def test_nobody_imports_for_a_shop_that_is_not_theirs_by_naming_it(cast: Cast) -> None:
    rows = [order_row(f"414000000000000000{n}") + f",{s.name}" for n, s in enumerate([cast.shop, cast.other_shop])]
    batch = asked(cast, "\n".join([HEADER + ",店铺名称", *rows]))
    assert batch.shop_names[cast.other_shop.name] is None
    assert (batch.files.get().new, batch.files.get().faults) == (1, 1)


def test_file_of_one_shop_goes_to_the_chosen_one_whatever_it_is_called(cast: Cast) -> None:
    batch = imported(
        cast.shop,
        upload(
            report(order_row("4140000000000000001"))
            .replace("应发货时间", "应发货时间,店铺名称")
            .replace("99.00,,,", "99.00,,,,山野")
        ),
    )
    assert batch.shop_names == {} and batch.files.get().other_shop == "山野"
    assert Order.objects.get().shop == cast.shop
