"""An import is looked at first, kept once, told faults by line, and goes on where a worker died."""

import io
import os
import uuid
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from kernel import clock
from kernel.errors import Conflict, Refused
from kernel.sniffing import UnpacksTooLarge
from orders.models import Coverage, Import, Order, OrderChange, RowFault, TrackingEvent, Waybill
from orders.services import cancel_import, confirm_import, create_import, run_import, set_coverage
from orders.services.discarding import discard_uploads
from orders.services.importing import FilesGone, ImportClosed
from orders.uploads import FileTooLarge, stored_path
from people.actor import Actor
from records.models import Fact, LedgerEntry
from tests.cast import Cast
from tests.orders.factories import (
    HEADER,
    SAMPLED_AT,
    SHANYE,
    imported,
    order_row,
    report,
    samples,
    truth,
    upload,
)


@pytest.fixture(autouse=True)
def that_morning() -> Any:
    with time_machine.travel(SAMPLED_AT, tick=False) as traveller:
        yield traveller


def preview(cast: Cast, *uploads: Any, **options: Any) -> Import:
    given = {"shop": cast.shop, "uploads": uploads, "actor": Actor.of(cast.li), "client_id": uuid.uuid4(), **options}
    return create_import(**given)


def test_preview_counts_and_keeps_no_order(cast: Cast) -> None:
    batch = preview(cast, upload(report(order_row("4140000000000000001"), order_row("4140000000000000002"))))
    file = batch.files.get()
    assert (batch.state, file.kind, file.rows, file.new) == ("preview", "orders", 2, 2)
    assert not Order.objects.exists()


def test_confirmed_import_keeps_orders_with_their_waybills(cast: Cast) -> None:
    imported(
        cast.shop, upload(report(order_row("4140000000000000001", 物流单号="No:SF1234567890123", 物流公司="顺丰速运")))
    )
    order = Order.objects.get()
    assert (order.number, order.status, order.city, order.amount_cents) == (
        "4140000000000000001",
        "to_ship",
        "杭州市",
        9900,
    )
    assert [(w.number, w.courier) for w in order.waybills.all()] == [("SF1234567890123", "sf")]


def test_same_file_twice_changes_nothing(cast: Cast) -> None:
    files = samples("shanye-csv", SHANYE)
    imported(cast.shop, *files)
    before = (Order.objects.count(), Waybill.objects.count(), TrackingEvent.objects.count())
    again = imported(cast.shop, *samples("shanye-csv", SHANYE))
    assert [(f.new, f.changed) for f in again.files.order_by("id")] == [(0, 0)] * 3
    assert (Order.objects.count(), Waybill.objects.count(), TrackingEvent.objects.count()) == before
    assert not OrderChange.objects.exists()


def test_every_broken_line_of_the_sample_is_told_with_its_line(cast: Cast) -> None:
    batch = preview(cast, *samples("shanye-csv", SHANYE[:1]))
    told = {(f.line, f.code) for f in RowFault.objects.filter(file__batch=batch)}
    codes = {
        "row_error_no_order_number": "no_order_number",
        "row_error_bad_date": "bad_date",
        "row_error_scientific_number": "number_ruined_by_excel",
        "row_error_too_few_fields": "too_few_fields",
    }
    planted = [row for row in truth("shanye-csv") if row["fault"].startswith("row_error")]
    lines = {int("".join(c for c in row["detail"] if c.isdigit())) for row in planted}
    assert {line for line, _code in told} == lines
    assert {code for _line, code in told} == set(codes.values())
    assert batch.files.get().new == 3000


def test_changed_status_and_waybill_are_appended_to_the_orders_history(cast: Cast) -> None:
    imported(
        cast.shop, upload(report(order_row("4140000000000000001", 物流单号="SF1234567890123", 物流公司="顺丰速运")))
    )
    sent = order_row(
        "4140000000000000001", 订单状态="卖家已发货，等待买家确认", 物流单号="SF1234567890132", 物流公司="顺丰速运"
    )
    batch = imported(cast.shop, upload(report(sent)))
    assert batch.files.get().changed == 1
    changes = {c.field: (c.before, c.after) for c in OrderChange.objects.all()}
    assert changes == {"status": ("to_ship", "shipped"), "waybill": ("SF1234567890123", "SF1234567890132")}
    assert [w.number for w in Waybill.objects.filter(withdrawn_at=None)] == ["SF1234567890132"]


def test_same_form_sent_twice_makes_one_import_and_another_file_under_its_key_conflicts(cast: Cast) -> None:
    key, text = uuid.uuid4(), report(order_row("4140000000000000001"))
    first = preview(cast, upload(text), client_id=key)
    assert preview(cast, upload(text), client_id=key) == first
    with pytest.raises(Conflict):
        preview(cast, upload(text + "\n"), client_id=key)


def test_confirming_twice_hands_it_over_once(cast: Cast) -> None:
    batch = preview(cast, upload(report(order_row("4140000000000000001"))))
    confirm_import(batch=batch, actor=Actor.of(cast.li))
    confirm_import(batch=batch, actor=Actor.of(cast.li))
    run_import(import_id=batch.pk)
    assert confirm_import(batch=batch, actor=Actor.of(cast.li)).state == "done"
    assert run_import(import_id=batch.pk) == "done"
    assert Fact.objects.filter(kind="import.finished").count() == 1
    assert LedgerEntry.objects.filter(kind="import.done").count() == 1


def test_import_goes_on_where_the_worker_died(cast: Cast) -> None:
    files = samples("shanye-csv", SHANYE)
    batch = preview(cast, *files)
    confirm_import(batch=batch, actor=Actor.system("command"))
    assert run_import(import_id=batch.pk, at_most=3) == "running"
    assert 0 < Order.objects.count() < 3000
    assert run_import(import_id=batch.pk) == "done"
    assert Order.objects.count() == 3000
    file = batch.files.get(kind="orders")
    assert (file.done_rows, file.new, file.unchanged) == (3004, 3000, 0)


def test_coverage_is_preset_from_the_file_and_counts_once_the_import_is_done(cast: Cast) -> None:
    batch = preview(cast, *samples("shanye-csv", SHANYE))
    tracking = Coverage.objects.get(batch=batch, side="tracking")
    assert "sf" in tracking.couriers and not tracking.is_active
    confirm_import(batch=batch, actor=Actor.system("command"))
    run_import(import_id=batch.pk)
    tracking.refresh_from_db()
    assert tracking.is_active


def test_coverage_is_edited_before_confirming_and_not_after(cast: Cast) -> None:
    batch = preview(cast, *samples("shanye-csv", SHANYE))
    tracking = Coverage.objects.get(batch=batch, side="tracking")
    words = {
        "coverage": tracking,
        "starts_at": tracking.starts_at,
        "ends_at": tracking.ends_at,
        "actor": Actor.of(cast.li),
    }
    set_coverage(couriers=["顺丰速运"], **words)
    tracking.refresh_from_db()
    assert tracking.couriers == ["sf"]
    with pytest.raises(Refused):
        set_coverage(**{**words, "ends_at": tracking.starts_at.replace(year=2020)}, couriers=[])
    confirm_import(batch=batch, actor=Actor.system("command"))
    tracking.batch.refresh_from_db()
    with pytest.raises(ImportClosed):
        set_coverage(couriers=[], **words)


def test_preview_can_be_thrown_away_and_is_then_closed(cast: Cast) -> None:
    batch = preview(cast, upload(report(order_row("4140000000000000001"))))
    cancel_import(batch=batch, actor=Actor.of(cast.li))
    with pytest.raises(ImportClosed):
        confirm_import(batch=batch, actor=Actor.system("command"))


@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        (b"%PDF-1.7 rubbish", "orders.pdf", "orders.pdf"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200), "photo.csv", "photo.csv"),
        (b"\x81\x00\xfe\xff\x00\x81" * 50, "broken.csv", "broken.csv"),
        ("甲,乙,丙\n1,2,3\n".encode(), "others.csv", "甲"),
        (b"", "empty.csv", "empty.csv"),
    ],
)
def test_file_that_cannot_be_used_is_refused_in_a_sentence_that_names_it(
    cast: Cast, content: bytes, name: str, word: str
) -> None:
    with pytest.raises(Refused) as refusal:
        preview(cast, upload(content, name))
    assert word in str(refusal.value)
    assert not Import.objects.exists()


def test_workbook_that_would_fill_the_memory_is_refused_unopened(cast: Cast) -> None:
    bomb = io.BytesIO()
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as parts,
        parts.open("xl/worksheets/sheet1.xml", "w") as sheet,
    ):
        for _ in range(600):
            sheet.write(bytes(1024 * 1024))
    assert len(bomb.getvalue()) < 1_000_000
    with pytest.raises(UnpacksTooLarge) as refusal:
        preview(cast, upload(bomb.getvalue(), "bomb.xlsx"))
    assert "bomb.xlsx" in str(refusal.value)


def test_rows_in_another_encoding_are_refused_and_the_rest_goes_in(cast: Cast) -> None:
    good = report(*(order_row(f"41400000000000001{n:02}", 宝贝标题="便携折叠露营灯户外照明") for n in range(60)))
    bad = order_row("4140000000000000999", 收货地址="广东省 深圳市 南山区", 宝贝标题="灯")
    batch = preview(cast, upload(good.encode() + b"\n" + bad.encode("gb18030")))
    assert [(f.line, f.code) for f in RowFault.objects.filter(file__batch=batch)] == [(62, "not_readable")]
    assert batch.files.get().new == 60


def test_a_million_columns_are_a_sentence_or_an_import(cast: Cast) -> None:
    wide = report(order_row("4140000000000000001") + "," * 1_000_000)
    assert preview(cast, upload(wide)).files.get().new == 1
    with pytest.raises(Refused):
        preview(cast, upload("甲," * 1_000_000 + "\n1"))


def test_file_larger_than_the_limit_is_refused_before_it_is_read(cast: Cast) -> None:
    big = upload(HEADER, "big.csv")
    with pytest.raises(FileTooLarge) as refusal:
        preview(cast, type(big)(big.name, 201 * 1024 * 1024, big.file))
    assert "big.csv" in str(refusal.value)


def test_employee_may_not_import(cast: Cast) -> None:
    with pytest.raises(Refused):
        preview(cast, upload(report(order_row("4140000000000000001"))), actor=Actor.of(cast.mei))


def aged(batch: Import, days: int) -> list[Path]:
    """The stored files of an import, as if it had been brought so many days ago."""
    moment = clock.now() - timedelta(days=days)
    Import.objects.filter(pk=batch.pk).update(created_at=moment)
    paths = [stored_path(file.digest) for file in batch.files.all()]
    for path in paths:
        os.utime(path, (moment.timestamp(), moment.timestamp()))
    return paths


def test_files_go_when_their_import_is_done_and_stay_while_it_may_be_read(cast: Cast) -> None:
    done = imported(cast.shop, upload(report(order_row("4140000000000000001"))))
    waiting = preview(cast, upload(report(order_row("4140000000000000002"))))
    confirm_import(batch=waiting, actor=Actor.system("command"))
    (done_file,), (waiting_file,) = aged(done, 2), aged(waiting, 2)
    discard_uploads(clock.now())
    assert (done_file.exists(), waiting_file.exists()) == (False, True)
    assert run_import(import_id=waiting.pk) == Import.State.DONE


def test_preview_that_nobody_confirms_is_thrown_away_after_a_day(cast: Cast) -> None:
    old, young = (
        preview(cast, upload(report(order_row("4140000000000000001")))),
        preview(cast, upload(report(order_row("4140000000000000002")))),
    )
    (old_file,), (young_file,) = aged(old, 2), aged(young, 0)
    discard_uploads(clock.now())
    old.refresh_from_db()
    assert (old.state, old_file.exists(), young_file.exists()) == ("cancelled", False, True)


def test_failed_import_whose_files_are_gone_says_so(cast: Cast) -> None:
    batch = preview(cast, upload(report(order_row("4140000000000000001"))))
    Import.objects.filter(pk=batch.pk).update(state=Import.State.FAILED, confirmed_at=clock.now())
    aged(batch, 8)
    discard_uploads(clock.now())
    with pytest.raises(FilesGone):
        confirm_import(batch=batch, actor=Actor.system("command"))


PINDUODUO = (
    "订单成交时间,商品,订单号,订单状态,商品总价(元),邮费(元),用户实付金额(元),商家实收金额(元),商品数量(件),发货时间,"
    "确认收货时间,商品id,商品规格,商家编码-规格维度,商家备注,售后状态,快递单号,快递公司\n"
    "2026-11-22 20:14:05,露营灯,261122-607198974342268,待发货,99.00,0,89.50,89.50,2,,,1,暖光,SY-L09,,"
    "无售后或售后取消,,\n"
    "2026-11-21 09:00:00,炉头,261121-607198974342269,已发货，待收货,59.00,0,59.00,59.00,1,"
    "2026-11-21 17:02:11,,2,,SY-K02,,无售后或售后取消,YT9527544789150,圆通快递\n"
)
DOUYIN = (
    "主订单编号,子订单编号,选购商品,商品规格,商品数量,商家编码,订单应付金额,运费,收件人,收件人手机号,详细地址,"
    "订单提交时间,商家备注,订单完成时间,订单状态,售后状态,取消原因,发货时间,承诺发货时间\n"
    "6921234567890123456,6921234567890123456,露营灯,暖光,1,SY-L09,99.00,0,##Q2x1,$$MTM4,##5rWZ,2026-11-22 20:14:05,,,"
    "待发货,-,,,2026-11-24 20:14:05\n"
    "6921234567890123456,6921234567890123457,炉头,,2,SY-K02,59.00,0,##Q2x1,$$MTM4,##5rWZ,2026-11-22 20:14:05,,,"
    "待发货,-,,,2026-11-24 20:14:05\n"
    "6921234567890123458,6921234567890123458,背包,,1,SY-B03,199.00,0,##Q2x1,$$MTM4,##5rWZ,2026-11-22 21:00:00,,,"
    "待发货,退款中,,,2026-11-24 21:00:00\n"
)


def test_pinduoduo_report_is_read_and_its_deadline_follows_the_rule(cast: Cast) -> None:
    imported(cast.shop, upload(PINDUODUO))
    waiting, shipped = Order.objects.order_by("-created_at")
    assert (waiting.number, waiting.status, waiting.quantity, waiting.amount_cents) == (
        "261122-607198974342268",
        "to_ship",
        2,
        8950,
    )
    assert waiting.ship_by == waiting.created_at + timedelta(hours=48) and waiting.refund == ""
    assert (shipped.status, shipped.waybills.get().number, shipped.waybills.get().courier) == (
        "shipped",
        "YT9527544789150",
        "yto",
    )


def test_douyin_rows_of_one_order_are_one_order(cast: Cast) -> None:
    batch = imported(cast.shop, upload(DOUYIN))
    two, refunding = Order.objects.order_by("number")
    assert batch.files.get().rows == 2
    assert (two.title, two.quantity, two.amount_cents, two.deadline_source) == ("露营灯、炉头", 3, 15800, "platform")
    assert (refunding.refund, two.receiver_surname) == ("requested", "")
    again = preview(cast, upload(DOUYIN))
    assert (again.files.get().unchanged, again.files.get().changed) == (2, 0)
