"""What bringing many orders costs: import and comparing, beside reading the same files and writing the same columns."""

import re
import resource
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import django
from django.conf import settings

from people.actor import Actor

django.setup()

from django.db import connection, transaction  # noqa: E402

from kernel import clock  # noqa: E402
from orders.models import Import, Label, LabelOrder, Order, TrackingEvent, Waybill  # noqa: E402
from orders.readers.cells import BadCell  # noqa: E402
from orders.readers.rows import LabelRow, OrderRow, Row, TrackingRow, read_rows  # noqa: E402
from orders.readers.table import open_table  # noqa: E402
from orders.services import Upload, confirm_import, create_import, recheck_orders, reconcile_orders, run_import  # noqa: E402
from people.models import Shop, Site  # noqa: E402
from starter.demo.files import moved_files  # noqa: E402

NUMBER = re.compile(r"(?<![\dA-Z])([A-Z]{0,3}\d{4,6})(\d{3})(\d{6,10})(?!\d)")
ROWS = 1000  # of one executemany
SAMPLED = 3000  # orders of the sample


def report(size: int) -> None:
    """Prints what so many orders with their labels and events cost."""
    settings.UPLOAD_MAX_MB = 4096
    site = Site.objects.create(code="bench", name="仓")
    shops = [Shop.objects.create(code=code, name="山野户外旗舰店", site=site) for code in ("floor", "shanye")]
    files = made_files(size)
    began = time.monotonic()
    rows = floor(shops[0], files)
    bare = time.monotonic() - began
    began = time.monotonic()
    batch = looked_at(shops[1], files)
    preview = time.monotonic() - began
    began = time.monotonic()
    confirm_import(batch=batch, actor=Actor.system("command"))
    run_import(import_id=batch.pk)
    kept = time.monotonic() - began
    began = time.monotonic()
    found = reconcile_orders(shop_id=shops[1].pk)
    compared = time.monotonic() - began
    few = [file for file in made_files(SAMPLED, "few") if "Order" in file.name]
    few[0].write_bytes(
        few[0].read_bytes().replace("买家已付款，等待卖家发货".encode("gb18030"), "交易关闭".encode("gb18030"))
    )
    again = looked_at(shops[1], few)
    confirm_import(batch=again, actor=Actor.system("command"))
    run_import(import_id=again.pk)
    touched = Order.objects.filter(shop=shops[1], recheck_at__lte=clock.now()).count()
    began = time.monotonic()
    recheck_orders(clock.now())
    moved = time.monotonic() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 * 1024 if sys.platform == "darwin" else 1024)
    orders = Order.objects.filter(shop=shops[1]).count()
    print(f"\n{connection.vendor}, {orders} orders with labels and events: {rows} rows")
    print(f"floor (same reader, executemany)  {bare:6.1f} s")
    print(f"import                            {kept:6.1f} s  {kept / bare:.1f}×")
    print(f"preview and import                {preview + kept:6.1f} s  {(preview + kept) / bare:.1f}×")
    print(f"compared from scratch             {compared:6.1f} s  ({found} findings)")
    print(f"compared after an import          {moved:6.1f} s  ({touched} orders touched)")
    print(f"memory at most                    {memory:6d} MB")


def made_files(size: int, folder: str = "many") -> list[Path]:
    """The sample's files repeated with other numbers until they hold so many orders."""
    made = []
    (target := Path(settings.DATA_DIR) / folder).mkdir(parents=True, exist_ok=True)
    for name, content in moved_files("shanye-csv", clock.now()):
        encoding = "utf-8" if content.startswith(b"\xef\xbb\xbf") else "gb18030"
        head, _, body = content.decode(encoding).partition("\n")
        with (target / name).open("w", encoding=encoding, newline="") as file:
            file.write(head + "\n")
            for turn in range(max(1, size // SAMPLED)):
                text = NUMBER.sub(lambda m, n=turn: f"{m[1]}{(int(m[2]) + n * 7) % 1000:03}{m[3]}", body)  # type: ignore[misc]
                file.write(text if text.endswith("\n") else text + "\n")
        made.append(target / name)
    return made


def looked_at(shop: Shop, files: list[Path]) -> Import:
    uploads = [Upload(file.name, file.stat().st_size, file.open("rb")) for file in files]
    return create_import(shop=shop, uploads=uploads, actor=Actor.system("command"), client_id=uuid.uuid4())


def floor(shop: Shop, files: list[Path]) -> int:
    """Reads the files and writes the same columns with executemany, a transaction a file; nothing is compared or
    counted, no history kept, nothing resumed. Returns how many rows were read."""
    total, now = 0, clock.now()
    for file in sorted(files, key=lambda f: "Order" not in f.name):
        with transaction.atomic():
            rows = (row for _line, row in read_rows(open_table(file, file.name)) if not isinstance(row, BadCell))
            while some := list(islice(rows, ROWS)):
                total += len(some)
                for sql, values in written(shop, some, now):
                    with connection.cursor() as cursor:
                        cursor.executemany(sql, values)
    return total


def written(shop: Shop, rows: list[Row], now: Any) -> Iterator[tuple[str, list[list[Any]]]]:
    """The statements that keep these rows, with their values."""

    def spelled(found: list[Any], names: str, more: dict[str, Any]) -> list[list[Any]]:
        return [[more[n] if n in more else adapted(getattr(row, n)) for n in names.split()] for row in found]

    shops, at = {"shop_id": shop.pk}, connection.ops.adapt_datetimefield_value
    of_order = f"(SELECT id FROM {Order._meta.db_table} WHERE shop_id = {shop.pk} AND number = %s)"
    of_label = f"(SELECT id FROM {Label._meta.db_table} WHERE shop_id = {shop.pk} AND number = %s AND printed_at = %s)"
    orders = [row for row in rows if isinstance(row, OrderRow)]
    labels = [row for row in rows if isinstance(row, LabelRow)]
    events = [row for row in rows if isinstance(row, TrackingRow)]
    if orders:
        names = "shop_id number status raw_status refund said_refund created_at paid_at ship_by deadline_source "
        names += "shipped_at receiver_surname phone_tail province city title quantity amount_cents "
        names += "awaits_tracking unchecked said_at"
        blank = {**shops, "deadline_source": "", "awaits_tracking": False, "unchecked": "", "said_at": None}
        yield upsert(Order, names, "shop_id number"), spelled(orders, names, blank)
        sql = upsert(Waybill, "order_id number courier seen_at", "order_id number").replace("(%s", f"({of_order}", 1)
        yield sql, [[row.number, number, row.courier, at(now)] for row in orders for number in row.waybills]
    if labels:
        names = "shop_id number courier printed_at printed_by printer parcel parcels is_void note"
        yield upsert(Label, names, "shop_id number printed_at"), spelled(labels, names, shops)
        sql = upsert(LabelOrder, "label_id shop_id order_number", "label_id order_number")
        named = [[row.number, at(row.printed_at), shop.pk, number] for row in labels for number in row.orders]
        yield sql.replace("(%s", f"({of_label}", 1), named
    if events:
        names = "shop_id number courier at city status text is_latest_only"
        yield (
            upsert(TrackingEvent, names, "shop_id number at status"),
            spelled(events, names, {**shops, "is_latest_only": False}),
        )


def adapted(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def upsert(model: Any, columns: str, keys: str) -> str:
    names, key = columns.split(), keys.split()
    changed = [name for name in names if name not in key] or key[:1]
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))}) "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in changed)}"
    )
