"""What real files hold is read as a person would read it; what cannot be told is refused, never guessed."""

from datetime import datetime, timedelta

import pytest

from orders.couriers import are_different, courier_code, courier_in, is_known_courier
from orders.places import is_elsewhere, place_in, short
from orders.readers.cells import SHANGHAI, BadCell, cents, moment, narrow, number, numbers, order_number, quantity


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-23 08:05:00",
        "2026/11/23 8:05",
        "2026-11-23 08:05:00.123",
        "2026-11-23T08:05:00.000+0800",
        "2026年11月23日 8时5分",
        "2026年11月23日 08:05:00",
        "2026/11/23 上午8:05:00",
        "2026.11.23 08:05",
        "20261123080500",
        "２０２６-１１-２３ ０８:０５",
        "46349.336805556",
        "1795392300",
        "1795392300000",
        "'2026-11-23 08:05:00",
        "\u200b2026-11-23\u00a008:05:00",
    ],
)
def test_moment_is_read_however_it_is_written(cell: str) -> None:
    assert moment(cell, "paid_at") == datetime(2026, 11, 23, 8, 5, tzinfo=SHANGHAI)


@pytest.mark.parametrize("cell", ["2026-13-45 00:00:00", "9999-01-01 00:00:00", "0001-01-01", "昨天", "2026"])
def test_what_is_no_moment_of_this_century_is_refused(cell: str) -> None:
    with pytest.raises(BadCell) as refused:
        moment(cell, "paid_at")
    assert refused.value.code == "bad_date"


@pytest.mark.parametrize(
    "cell",
    [
        "\u200b4142340000000001701\u200b",
        '="4142340000000001701"',
        "`4142340000000001701",
        "４１４２３４０００００００００１７０１",
        "\u202d4142340000000001701\u202c",
        "4142 3400 0000 0001 701",
        "4142340000000001701.0",
        "4142340000000001701-1",
    ],
)
def test_order_number_is_found_under_what_is_wrapped_around_it(cell: str) -> None:
    assert order_number(cell, "order_number") == "4142340000000001701"


@pytest.mark.parametrize("cell", ["-1", "😀", "", "abc", "浙江省杭州市文三路", "--12"])
def test_what_is_no_order_number_is_refused(cell: str) -> None:
    with pytest.raises(BadCell) as refused:
        order_number(cell, "order_number")
    assert refused.value.code == "no_order_number"
    assert "文三路" not in refused.value.value


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("ＹＴ９９０００００００１７０３", ("YT9900000001703",)),
        ("YT 9900 0000 01703", ("YT9900000001703",)),
        ("463400000001701 463400000001702", ("463400000001701", "463400000001702")),
        ("中通快递 75480000000101", ("75480000000101",)),
        ("（中通）75480000000101", ("75480000000101",)),
        ("463400000001701\u200b", ("463400000001701",)),
        ("无需物流", ()),
    ],
)
def test_waybills_of_a_cell(cell: str, found: tuple[str, ...]) -> None:
    assert numbers(cell, "waybill") == found


def test_number_in_powers_of_ten_is_refused_in_wide_characters_too() -> None:
    with pytest.raises(BadCell):
        number("４.１４Ｅ+１８", "order_number")


@pytest.mark.parametrize("cell", ["-2", "两件", "1.2.3"])
def test_quantity_that_cannot_be_is_refused(cell: str) -> None:
    with pytest.raises(BadCell) as refused:
        quantity(cell, "quantity")
    assert refused.value.code == "bad_quantity"
    assert [quantity(good, "quantity") for good in ("", "3", "3.0", "3件", "×3", "1,000")] == [1, 3, 3, 3, 3, 1000]


def test_amounts_and_words_in_wide_characters() -> None:
    assert cents("￥５９.００元", "amount") == 5900
    assert (narrow("－"), narrow("　无 ")) == ("", "")


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("浙江省，杭州市，西湖区，文三路某号", ("浙江省", "杭州市")),
        ("广东.深圳市.南山区.科技园", ("广东省", "深圳市")),
        ("上海市上海市青浦区徐泾地区 ***", ("上海市", "上海市")),
        ("广东省深圳市***", ("广东省", "深圳市")),
        ("浙江,嘉兴,海宁市,某路1号", ("浙江省", "嘉兴市")),
        ("内蒙古/呼和浩特市/赛罕区", ("内蒙古自治区", "呼和浩特市")),
        ("吉林市昌邑区某街", ("吉林省", "吉林市")),
        ("湖北省省直辖县级行政区划仙桃市", ("湖北省", "仙桃市")),
        ("北京朝阳区三环以内", ("北京市", "北京市")),
        ("新疆伊犁州伊宁市", ("新疆维吾尔自治区", "伊犁哈萨克自治州")),
        ("浙江省文三路超市", ("浙江省", "")),
        ("江苏路398号", ("", "")),
        ("文三路8号 3栋", ("", "")),
    ],
)
def test_place_is_told_by_its_name_and_nothing_of_a_street_is(address: str, place: tuple[str, str]) -> None:
    assert place_in(address) == place


def test_city_that_is_not_known_is_never_elsewhere() -> None:
    assert is_elsewhere("长沙市", "浙江省杭州市")
    assert not is_elsewhere("杭州", "杭州市")
    assert not is_elsewhere("义乌市", "金华市")  # a county-level city, which may lie in the other
    assert [short(name) for name in ("内蒙古自治区", "西藏自治区", "大理白族自治州")] == ["内蒙古", "西藏", "大理"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("中通快递(ZTO)", "zto"),
        ("韵达快递（YUNDA）", "yunda"),
        ("zhongtong", "zto"),
        ("jtexpress", "jt"),
        ("顺丰速运国内标快", "sf"),
        ("中国邮政EMS", "ems"),
        ("ZTO中通", "zto"),
        ("申通快递有限公司", "sto"),
        ("debangkuaidi", "deppon"),
        ("STO Express", "sto"),
        ("中通快运", "zto56"),
        ("中通快递,圆通速递", "中通快递 圆通速递"),
        ("某达快递", "某达快递"),
    ],
)
def test_courier_is_known_by_any_of_its_names(name: str, code: str) -> None:
    assert courier_code(name) == code


def test_courier_that_nobody_knows_is_neither_equal_nor_different() -> None:
    assert not is_known_courier("某达快递")
    assert not are_different("某达快递", "zto") and not are_different("某达快递", "另达快递")
    assert are_different("zto", "yto")
    assert courier_in("中通快运:7512345") == "zto56"


def test_days_of_old_macs_begin_four_years_later() -> None:
    assert moment("46349", "paid_at") == moment("44887", "paid_at") + timedelta(days=1462)  # type: ignore[operator]
