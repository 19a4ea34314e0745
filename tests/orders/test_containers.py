"""A file is read for what it is: sheets, web pages, Excel's XML, ZIPs; what cannot be read is told in a sentence that
helps."""

import io
import uuid
import zipfile
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from kernel.errors import Refused
from kernel.sniffing import EmptyFile, HasPassword, IsArchive, IsNumbers, IsPdf
from orders.models import Import, Order
from orders.services import confirm_import, create_import, run_import
from orders.services.importing import NothingKnown
from orders.uploads import ArchiveInArchive, ArchiveLocked, TooManyFiles
from people.actor import Actor
from tests.cast import Cast
from tests.orders.factories import imported, order_row, report, upload

TWO = report(order_row("4140000000000000001"), order_row("4140000000000000002"))
LABELS = "打印时间,订单编号,运单号,快递公司,打单员\n2026-11-22 21:00:00,4140000000000000001,YT0000000000001,圆通,陈梅\n"


def rows_of(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.splitlines()]


def workbook(**sheets: list[list[Any]]) -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(content)
    return content.getvalue()


def packed(**members: bytes | str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)
    return content.getvalue()


def html(text: str) -> str:
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows_of(text))
    return f"<html><head><meta charset=gb2312></head><body><p>导出</p><table>{rows}</table></body></html>"


def excel_xml(text: str) -> str:
    cells = [[f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row] for row in rows_of(text)]
    body = "".join(f"<Row>{''.join(row)}</Row>" for row in cells)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        f'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="订单"><Table>{body}</Table>'
        "</Worksheet></Workbook>"
    )


def web_archive(text: str) -> str:
    return (
        "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n"
        "--b\nContent-Type: text/html; charset=utf-8\n"
        f"Content-Transfer-Encoding: 8bit\n\n{html(text)}\n--b--\n"
    )


@pytest.mark.parametrize(
    "content",
    [
        html(TWO).encode("gb18030"),
        html(TWO).encode(),
        excel_xml(TWO).encode(),
        web_archive(TWO).encode(),
        ("sep=;\n" + TWO.replace(",", ";")).encode(),
        TWO.replace(",", "\t").encode("utf-16"),
        packed(**{"订单/ExportOrderList.csv": TWO.encode("gb18030"), "__MACOSX/._x": b"1", "说明.pdf": b"%PDF-1.7 x"}),
        packed(**{"a.xlsx": workbook(订单=rows_of(TWO))}),
        workbook(说明=[["导出时间"], ["2026-11-23"]], 订单=[["订单导出"], [], *rows_of(TWO)]),
    ],
    ids=["html-gbk", "html", "xml", "mhtml", "sep", "utf-16", "zip", "zip-xlsx", "header-in-line-3"],
)
def test_orders_are_read_from_any_container(cast: Cast, content: bytes) -> None:
    imported(cast.shop, upload(content, "orders.xls"))
    found = Order.objects.order_by("number").values_list("number", "city", "title")
    assert list(found) == [(f"414000000000000000{n}", "杭州市", "露营灯") for n in (1, 2)]


def test_every_sheet_with_orders_is_read_and_the_others_are_named(cast: Cast, sign_in: Any) -> None:
    one, two = rows_of(report(order_row("4140000000000000001"))), rows_of(report(order_row("4140000000000000002")))
    content = workbook(说明=[["导出时间", "今天", "八点"]], 明细1=one, 明细2=two, 面单=rows_of(LABELS), 空表=[])
    given = {"shop": cast.shop, "uploads": [upload(content, "b.xlsx")], "client_id": uuid.uuid4()}
    batch = create_import(**given, actor=Actor.of(cast.li), asks=True)
    told = {(file.sheet, file.kind, file.left_out) for file in batch.files.all()}
    assert told == {("说明", "", "header"), ("明细1", "orders", ""), ("明细2", "orders", ""), ("面单", "labels", "")}
    page = sign_in(cast.li).get(reverse("orders:import_detail", args=[batch.pk])).content.decode()
    assert "未读取" in page and "b.xlsx · 说明" in page
    confirm_import(batch=batch, actor=Actor.system("command"))
    assert run_import(import_id=batch.pk) == "done"
    assert Order.objects.count() == 2


def test_merged_cells_of_a_web_page_leave_the_rows_below_to_the_order_above(cast: Cast) -> None:
    page = (
        "<table><tr><th>订单编号</th><th>订单状态</th><th>订单付款时间</th><th>货品标题</th><th>数量</th></tr>"
        "<tr><td rowspan=2>4140000000000000001</td><td rowspan=2>待发货</td><td rowspan=2>2026-11-22 20:00:00</td>"
        "<td>蓝</td><td>5</td></tr><tr><td>红</td><td>3</td></tr></table>"
    )
    batch = imported(cast.shop, upload(page, "orders.xls"))
    order = Order.objects.get()
    assert (order.title, order.quantity, batch.files.get().faults) == ("蓝、红", 8, 0)


def test_days_of_a_workbook_from_an_old_mac_are_counted_from_1904(cast: Cast) -> None:
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.epoch = CALENDAR_MAC_1904
    book.worksheets[0].append(["订单编号", "订单状态", "订单付款时间"])
    book.worksheets[0].append(["4140000000000000001", "待发货", 44887.5])
    book.save(content)
    imported(cast.shop, upload(content.getvalue(), "orders.xlsx"))
    paid_at = Order.objects.get().paid_at
    assert paid_at is not None and paid_at.isoformat() == "2026-11-23T04:00:00+00:00"


@pytest.mark.parametrize("content", [b"<html><body><p>x</p></body></html>", workbook(a=[], b=[])], ids=["html", "xlsx"])
def test_file_without_a_table_in_it_is_empty(cast: Cast, content: bytes) -> None:
    with pytest.raises(EmptyFile):
        imported(cast.shop, upload(content, "orders.xls"))


LOCKED = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(512)


@pytest.mark.parametrize(
    ("content", "expected", "word"),
    [
        (LOCKED, HasPassword, "密码"),
        (b"%PDF-1.7 x", IsPdf, "PDF"),
        (packed(**{"Index/Document.iwa": b"x"}), IsNumbers, "Numbers"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(50), IsArchive, "解压"),
        (packed(**{"inner.zip": packed(**{"a.csv": TWO})}), ArchiveInArchive, "inner.zip"),
        (packed(**{f"{n}.csv": TWO for n in range(60)}), TooManyFiles, "50"),
    ],
    ids=["password", "pdf", "numbers", "rar", "nested", "many"],
)
def test_what_cannot_be_read_is_refused_in_a_sentence_that_helps(
    cast: Cast, content: bytes, expected: type[Refused], word: str
) -> None:
    with pytest.raises(expected) as refusal:
        imported(cast.shop, upload(content, "orders.xlsx"))
    assert word in str(refusal.value) and "orders.xlsx" in str(refusal.value)
    assert not Import.objects.exists()


def test_zip_with_a_password_says_so(cast: Cast) -> None:
    content = bytearray(packed(**{"a.csv": TWO}))
    content[6] |= 1  # the flag in the entry's own head, and in the directory at the end
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArchiveLocked):
        imported(cast.shop, upload(bytes(content), "a.zip"))


def test_zip_that_says_less_than_it_holds_is_not_unpacked_beyond_the_limit(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = packed(**{"a.csv": b"0" * (600 * 1024 * 1024)})
    assert len(bomb) < 1_000_000
    with pytest.raises(Refused) as refusal:
        imported(cast.shop, upload(bomb, "bomb.zip"))
    assert "512" in str(refusal.value)


def test_import_of_which_nothing_can_be_read_is_not_confirmed(cast: Cast) -> None:
    batch = Import.objects.create(shop=cast.shop, client_id=uuid.uuid4(), created_at="2026-11-23T00:00:00Z")
    batch.files.create(name="a.csv", digest="0" * 64, size=1, left_out="header")
    with pytest.raises(NothingKnown):
        confirm_import(batch=batch, actor=Actor.system("command"))
