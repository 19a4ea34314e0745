"""Orders with their sides as a test needs them, and the sample files."""

import csv
import io
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from kernel import clock
from orders.models import Finding, Import, Label, LabelOrder, Order, Waybill
from orders.services import Upload, confirm_import, create_import, run_import
from orders.services.bringing import look_task
from people.actor import Actor
from people.models import Shop

SAMPLES = settings.BASE_DIR / "starter" / "demo" / "samples"
SAMPLED_AT = datetime(2026, 11, 23, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
SHANYE = ("ExportOrderList202611230830.csv", "面单打印记录-20261123.csv", "物流轨迹-20261123.csv")
YUNQI = (
    "订单报表-20261123.xlsx",
    "宝贝报表-20261123.xlsx",
    "面单打印记录-20261123.csv",
    "物流预警导出-20261123.csv",
)
HEADER = "订单编号,订单状态,订单付款时间,订单创建时间,收货地址,宝贝标题,宝贝总数量,总金额,物流单号,物流公司,应发货时间"


def upload(content: bytes | str, name: str = "orders.csv") -> Upload:
    raw = content.encode() if isinstance(content, str) else content
    return Upload(name, len(raw), io.BytesIO(raw))


def samples(folder: str, names: tuple[str, ...]) -> list[Upload]:
    paths = [SAMPLES / folder / name for name in names]
    return [Upload(path.name, path.stat().st_size, path.open("rb")) for path in paths]


def truth(folder: str) -> list[dict[str, str]]:
    with (SAMPLES / folder / "truth.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def order_row(number: str, **cells: str) -> str:
    """A line of an order report under HEADER."""
    values = {
        "订单编号": number,
        "订单状态": "买家已付款，等待卖家发货",
        "订单付款时间": "2026-11-22 20:00:00",
        "订单创建时间": "2026-11-22 19:58:00",
        "收货地址": "浙江省 杭州市 西湖区",
        "宝贝标题": "露营灯",
        "宝贝总数量": "1",
        "总金额": "99.00",
        **cells,
    }
    return ",".join(values.get(name, "") for name in HEADER.split(","))


def report(*rows: str) -> str:
    return "\n".join([HEADER, *rows])


def imported(shop: Shop, *uploads: Upload) -> Import:
    """An import that was confirmed and read to its end."""
    batch = create_import(shop=shop, uploads=uploads, actor=Actor.system("command"), client_id=uuid.uuid4())
    confirm_import(batch=batch, actor=Actor.system("command"))
    run_import(import_id=batch.pk)
    batch.refresh_from_db()
    return batch


def looked_at(batch: Import | None = None) -> Import:
    """The import (the only one there is, unless given) after the worker looked at its files."""
    batch = batch or Import.objects.get()
    look_task.call(batch.pk)
    batch.refresh_from_db()
    return batch


def make_order(shop: Shop, number: str = "4140000000000000001", waybill: str = "", **fields: Any) -> Order:
    now = clock.now()
    values = {
        "status": "to_ship",
        "paid_at": now - timedelta(hours=4),
        "ship_by": now + timedelta(hours=44),
        "buyer_since": now,
        **fields,
    }
    order = Order.objects.create(shop=shop, number=number, **values)
    if waybill:
        Waybill.objects.create(order=order, number=waybill, courier="sf", seen_at=now)
    return order


def make_label(order: Order, number: str, **fields: Any) -> Label:
    values = {"courier": "sf", "printed_at": clock.now(), "printed_by": "陈梅", **fields}
    label = Label.objects.create(shop=order.shop, number=number, **values)
    LabelOrder.objects.create(label=label, shop=order.shop, order_number=order.number)
    return label


def make_finding(order: Order, **fields: Any) -> Finding:
    now = clock.now()
    values = {
        "shop": order.shop,
        "waybill": "SF1234567890123",
        "code": "transposed_digits",
        "cause": "manual_entry",
        "evidence": {
            "platform": {"waybill": "SF1234567890123", "courier": "sf"},
            "warehouse": {"waybill": "SF1234567890132", "courier": "sf"},
        },
        "evidence_digest": "0" * 64,
        "first_seen_at": now,
        "last_seen_at": now,
        **fields,
    }
    return Finding.objects.create(order=order, **values)


def make_import(shop: Shop, state: str = "done", kinds: Iterable[str] = (), **fields: Any) -> Import:
    """Done and compared; `kinds` of files may come with it."""
    now = clock.now()
    values = {"as_of": now, "finished_at": now, "compared_at": now if state == "done" else None, **fields}
    batch = Import.objects.create(shop=shop, client_id=uuid.uuid4(), created_at=now, state=state, **values)
    for kind in kinds:
        batch.files.create(name=f"{kind}.csv", kind=kind, digest="0" * 64, size=1)
    batch.shops.add(shop)
    return batch
