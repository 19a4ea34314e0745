"""Files as platforms, ERPs, printing tools and couriers really write them: nothing is lost or taken for another."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from orders.aftersale import state_of
from orders.places import place_in
from orders.readers import cells
from orders.readers.cells import BadCell
from orders.readers.rows import Row, read_rows
from orders.readers.table import Tables, open_tables

N = "41417000000000000{:02}"
TAOBAO = (
    "订单编号,订单状态,订单付款时间,收货人姓名,收货地址,联系手机,宝贝标题,宝贝总数量,总金额,物流单号,物流公司,退款状态"
)


def opened(tmp_path: Path, content: bytes | str, encoding: str = "gb18030") -> Tables:
    path = tmp_path / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return open_tables(path, path.name)


def read(tmp_path: Path, content: bytes | str, encoding: str = "gb18030") -> list[Row | tuple[int, str]]:
    """The rows of a file's tables; a refused one as (line, why)."""
    found = [pair for table in opened(tmp_path, content, encoding).tables for pair in read_rows(table)]
    return [(line, row.code) if isinstance(row, BadCell) else row for line, row in found]


def taobao(n: int, **said: str) -> str:
    values = {"订单编号": N.format(n), "订单状态": "买家已付款，等待卖家发货", "订单付款时间": "2026-11-21 09:00:00"}
    values |= {
        "收货人姓名": "张三",
        "收货地址": "浙江省 杭州市 西湖区",
        "联系手机": "'13812345678",
        "宝贝标题": "灯",
        **said,
    }
    return ",".join(values.get(name, "") for name in TAOBAO.split(","))


def workbook(tmp_path: Path, *rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    return (tmp_path / "book.xlsx").read_bytes()


# --- platforms


def test_douyin_tells_the_number_and_its_courier_in_one_column(tmp_path: Path) -> None:
    header = "主订单编号,子订单编号,选购商品,收件人,详细地址,省,市,订单提交时间,支付完成时间,订单状态,售后状态,快递信息"
    row = '"{0}\t","{0}1\t",灯,张*,****,浙江省,杭州市,2026/11/21 10:00,2026/11/21,已发货,-,YT9900000001804-圆通速递'
    (order,) = read(tmp_path, f"{header}\n{row.format('693901234567890123')}\n", "utf-8-sig")
    assert (order.waybills, order.courier) == (("YT9900000001804",), "yto")


@pytest.mark.parametrize("name", ["商品售后", "退款/售后", "售后信息", "是否退款中", "售后"])
def test_column_about_refunds_is_read_under_whatever_name(tmp_path: Path, name: str) -> None:
    """Its neighbours tell an amount, a time or a number, and no state."""
    header = f"订单编号,订单状态,支付时间,商品名称,退款原因,售后申请时间,售后单号,退货快递单号,{name}"
    rows = [
        f"{N.format(n)},待发货,2026-11-21 09:00:00,灯,,,,,{word}" for n, word in enumerate(["退款处理中", "", "啥"])
    ]
    found = read(tmp_path, "\n".join([header, *rows]))
    assert [row.refund for row in found] == ["requested", "", "unknown"]


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("平台同意退款，退款中", "requested"),
        ("驳回退款，待买家处理", "requested"),
        ("已同意退货退款,待用户发货", "requested"),
        ("换货补寄待商家处理", "requested"),
        ("已同意拒收退款，待用户拒收", "requested"),
        ("平台拒绝退款，退款关闭", ""),
        ("买家逾期，超过有效期", ""),
        ("换货补寄成功", ""),
        ("退款申请达成,等待买家发货", "requested"),
        ("取消退款申请", ""),
        ("部分退款", "unknown"),
    ],
)
def test_after_sale_words_of_pinduoduo_and_taobao_mean_what_they_say(word: str, state: str) -> None:
    assert state_of(word) == state


# --- ERPs and printing tools


def test_erps_order_list_calls_its_state_by_one_word_and_its_trouble_is_heeded(tmp_path: Path) -> None:
    header = "内部订单号,线上订单号,店铺,状态,下单时间,付款时间,快递公司,快递单号,收货人,异常类型"
    when = "2026-11-21 09:00:00,2026-11-21 09:00:10"
    rows = [
        f"12345678,{N.format(1)},山野,已付款待审核,{when},,,张**,",
        f"12345679,{N.format(2)},山野,异常,{when},,,张**,等待退款",
        f'12345680,"{N.format(3)},{N.format(4)}",山野,发货中,{when},圆通,YT9900000001802,张**,',
    ]
    first, second, third = read(tmp_path, "\n".join([header, *rows]))
    assert (first.number, first.status, first.refund) == (N.format(1), "to_ship", "")
    assert (second.status, second.refund) == ("unknown", "requested")
    assert third == (4, "several_orders")


@pytest.mark.parametrize(("column", "word"), [("面单状态", "已回收"), ("出库单状态", "已取消"), ("打印状态", "已作废")])
def test_label_that_its_tool_took_back_is_void_whatever_the_column_is_called(
    tmp_path: Path, column: str, word: str
) -> None:
    header = f"系统单号,平台订单号,订单状态,快递公司,快递单号,打印时间,打印人,{column}"
    row = f"501,{N.format(1)},已发货,韵达,'462000000000002,2026年11月21日 12:00,小李,{word}"
    (label,) = read(tmp_path, f"{header}\n{row}\n")
    assert (label.is_void, label.printed_by) == (True, "小李")


# --- couriers


@pytest.mark.parametrize(
    ("header", "row", "status", "is_latest_only"),
    [
        (
            "运单号码,扫描时间,扫描类型,扫描网点",
            "462000000000002,2026-11-21 20:00:00,揽件扫描,杭州",
            "PICKED_UP",
            False,
        ),
        (
            "快件单号,操作时间,操作类型,描述",
            "773269460248039,2026-11-22 01:00,发件,【杭州市】已发出",
            "IN_TRANSIT",
            False,
        ),
        (
            "运单编号,轨迹时间,轨迹状态,轨迹描述",
            "JT5300000001234,2026-11-21 20:00:00,GOT,【杭州市】",
            "PICKED_UP",
            False,
        ),
        ("运单号,当前状态,最新时间,最新轨迹", "YT9900000001802,转运中,2026-11-22 08:00,【杭州市】", "IN_TRANSIT", True),
        ("运单号,最新状态,更新时间", "YT9900000001802,签收扫描,2026-11-22 08:00", "SIGNED", True),
        ("邮件号,处理时间,处理状态", "9876500001234,2026-11-22 19:00,已收寄", "PICKED_UP", False),
    ],
)
def test_couriers_own_names_for_columns_and_scans(
    tmp_path: Path, header: str, row: str, status: str, is_latest_only: bool
) -> None:
    (event,) = read(tmp_path, f"{header}\n{row}\n")
    assert event.status == status
    assert opened(tmp_path, f"{header}\n{row}\n").tables[0].is_latest_only is is_latest_only


# --- shapes of files


def test_mark_that_nobody_closes_swallows_no_rows(tmp_path: Path) -> None:
    titles = ['24"显示器', '"没有结束', "灯", '"灯,带"引号"', '"又一个', "帐篷"]
    found = read(tmp_path, "\r\n".join([TAOBAO, *(taobao(n, 宝贝标题=title) for n, title in enumerate(titles))]))
    assert [row.number for row in found if not isinstance(row, tuple)] == [N.format(n) for n in range(6)]


def test_cell_with_line_breaks_stays_one_cell(tmp_path: Path) -> None:
    note = '"第一行，还有,逗号\n第二行, 再来, 一个\n第三行"'
    (order, other) = read(tmp_path, "\r\n".join([TAOBAO, taobao(1, 宝贝标题=note), taobao(2)]))
    assert order.title.endswith("第三行")
    assert other.number == N.format(2)


def test_sum_at_the_end_is_no_order_and_no_fault(tmp_path: Path) -> None:
    rows = [name.split(",") for name in (taobao(1), "", taobao(2))]
    book = workbook(
        tmp_path, ["店铺订单报表"], ["导出时间：2026-11-23 08:00:00"], TAOBAO.split(","), *rows, ["总计", "", 2]
    )
    for content in (book, "\n".join([TAOBAO, taobao(1), "", taobao(2), "合计:,,,,,,,2", "共 2 条"])):
        assert [row.number for row in read(tmp_path, content)] == [N.format(1), N.format(2)]


def test_of_two_columns_with_one_name_the_filled_one_is_read(tmp_path: Path) -> None:
    row = taobao(1, 订单状态="卖家已发货，等待买家确认")
    (order,) = read(tmp_path, f"{TAOBAO},物流单号\n{row},YT9900000001802\n")
    assert order.waybills == ("YT9900000001802",)


def test_cells_that_end_in_tabs_hide_no_comma(tmp_path: Path) -> None:
    lines = [",".join(f"{cell}\t" for cell in line.split(",")) for line in (TAOBAO, taobao(1))]
    assert [row.number for row in read(tmp_path, "\r\n".join(lines))] == [N.format(1)]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding_and_wrapping_reads_alike(tmp_path: Path, encoding: str) -> None:
    wrapped = ",".join(f'"=""{cell}"""' for cell in taobao(1).split(","))
    wide = taobao(2).translate({ord(digit): ord("０") + int(digit) for digit in "0123456789"}).replace(":", "：")
    found = read(tmp_path, "\n".join([TAOBAO, taobao(0), wrapped, wide]), encoding)
    assert [row.number for row in found] == [N.format(n) for n in range(3)]
    assert len({(row.paid_at, row.phone_tail, row.city, row.receiver_surname) for row in found}) == 1


# --- cells


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 09:00:00",
        "2026/11/21 9:00",
        "2026.11.21 09:00:00",
        "20261121090000",
        "2026年11月21日 9时0分",
        "2026-11-21 上午9:00",
        "2026-11-21（周六）09:00",
        "2026-11-21 星期六 09:00",
        "2026-11-21 09：00：00",
        "46347.375",
        "1795222800",
        "2026-11-21T01:00:00Z",
        "2026-11-21 09:00:00 +0800 CST",
    ],
)
def test_moment_in_any_spelling_is_the_same(text: str) -> None:
    assert cells.moment(text, "at") == cells.moment("2026-11-21 09:00:00", "at")


@pytest.mark.parametrize("text", ["0000-00-00 00:00:00", "1970-01-01 08:00:00", "0001-01-01 00:00:00", "1900/1/0"])
def test_moment_that_a_tool_writes_for_none_is_none(text: str) -> None:
    assert cells.moment(text, "at") is None


@pytest.mark.parametrize("text", ["21/11/2026 12:00", "11/21/26 12:00", "11月21日 12:00", "昨天 12:00"])
def test_moment_that_can_be_another_is_refused(text: str) -> None:
    with pytest.raises(BadCell):
        cells.moment(text, "at")


@pytest.mark.parametrize(
    ("name", "phone", "kept"),
    [
        ("张**", "138****1234", ("张", "1234")),
        ("张*", "1**********", ("张", "")),
        ("~AAEx9=", "~AAE1234==", ("", "")),
        ("○○", "$123$1234", ("", "")),
        ("李女士[8899]", "18466660000-8899", ("李", "")),
        ("John Smith", "+86 138 1234 5678", ("J", "5678")),
        ("7**", "0571-88881234", ("", "1234")),
        ("张三", "13812345678.0", ("张", "5678")),
    ],
)
def test_of_a_masked_receiver_nothing_is_made_up(tmp_path: Path, name: str, phone: str, kept: tuple[str, str]) -> None:
    """Neither of a ciphertext, nor of the extension that a platform lends for one order."""
    (order,) = read(tmp_path, f"{TAOBAO}\n{taobao(1, 收货人姓名=name, 联系手机=phone)}\n")
    assert (order.receiver_surname, order.phone_tail) == kept


@pytest.mark.parametrize(
    "address", ["中国大陆浙江省杭州市", "330000 浙江省 杭州市", "浙江/杭州/西湖", "[浙江省][杭州市]"]
)
def test_address_after_a_country_or_a_postcode_has_its_city(address: str) -> None:
    assert place_in(address) == ("浙江省", "杭州市")
