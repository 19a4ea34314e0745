"""Every service of the orders room with everybody who may not."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine

from kernel import clock
from kernel.errors import NotAllowed
from orders import services
from orders.models import (
    Barcode,
    Coverage,
    DeadlineMove,
    Finding,
    Import,
    ImportFile,
    LabelPhoto,
    Operator,
    Product,
    Verification,
)
from people.actor import Actor
from tests import things
from tests.cast import Cast
from tests.checklists.conftest import MORNING
from tests.orders.factories import make_finding, make_order, order_row, report, upload
from tests.test_architecture import writing_services
from tests.who import Build, Table, check_refused


def of(model: Any, thing: Any, act: Callable[..., Any], key: str = "pk") -> Build:
    """What is done with a row of `tests/things.py`."""

    def build(cast: Cast) -> Callable[[Actor], Any]:
        keys = thing(cast)
        row = model.objects.get(pk=keys[key] if isinstance(keys, dict) else keys)
        return lambda who: act(row, who)

    return build


def scanning(act: Callable[..., Any]) -> Build:
    """Mei's scan of a waybill of her shop."""

    def build(cast: Cast) -> Callable[[Actor], Any]:
        scan = services.Scan("SF1234567890123", cast.mei, cast.site.pk, uuid.uuid4(), clock.now())
        return lambda who: act(cast, scan, who)

    return build


def begun(act: Callable[..., Any]) -> Build:
    """Mei's scan into the parcel that she began."""

    def build(cast: Cast) -> Callable[[Actor], Any]:
        key = things.begun_parcel(cast)
        scan = services.Scan("LAMP-1", cast.mei, cast.site.pk, uuid.uuid4(), clock.now())
        return lambda who: act(scan=scan, parcel=key, actor=who)

    return build


def bringing(act: Callable[..., Any]) -> Build:
    def build(cast: Cast) -> Callable[[Actor], Any]:
        files = [upload(report(order_row("4140000000000000001")))]
        return lambda who: act(shop=cast.shop, uploads=files, client_id=uuid.uuid4(), actor=who)

    return build


def moving(cast: Cast) -> Callable[[Actor], Any]:
    now = clock.now()
    told = {"paid_from": now, "paid_until": now, "ship_by": now + timedelta(days=1), "reason": "双11"}
    return lambda who: services.move_deadlines(shop=cast.shop, client_id=uuid.uuid4(), actor=who, **told)


def alarms(act: Callable[..., Any]) -> Build:
    def build(cast: Cast) -> Callable[[Actor], Any]:
        finding = make_finding(make_order(cast.shop))
        return lambda who: act(cast, finding, who)

    return build


def taking_out(cast: Cast) -> Callable[[Actor], Any]:
    """What the lead let go while the network was down."""
    keys = things.late_parcel(cast)
    Verification.objects.filter(**keys).update(employee=cast.wang)
    row = Verification.objects.get(**keys)
    return lambda who: services.take_out(verification=row, at=clock.now(), actor=who)


MAPPING = {"kind": "orders", "columns": {}, "statuses": {}}
PICTURE = {"client_id": uuid.UUID(int=5)}
TABLE: Table = {
    "verify_parcel": (
        "mei",
        scanning(lambda c, scan, who: services.verify_parcel(scan=scan, shop_ids=[c.shop.pk], actor=who)),
    ),
    "scan_goods": ("mei", begun(services.scan_goods)),
    "end_parcel": ("mei", begun(services.end_parcel)),
    "undo_verification": (
        "mei",
        of(
            Verification,
            things.verification,
            lambda row, who: services.undo_verification(
                verification=row, client_id=uuid.uuid4(), at=clock.now(), actor=who
            ),
        ),
    ),
    "take_out": ("lead", taking_out),
    "dismiss_finding": (
        "employee",
        alarms(lambda c, row, who: services.dismiss_finding(finding=row, reason="已发", actor=who)),
    ),
    "dismiss_findings": (
        "employee",
        alarms(lambda c, row, who: services.dismiss_findings(findings=[row], reason="已发", actor=who)),
    ),
    "mark_in_case": (
        "employee",
        alarms(lambda c, row, who: services.mark_in_case(finding_ids=[row.pk], shop_id=c.shop.pk, actor=who)),
    ),
    "bring_files": ("manager", bringing(services.bring_files)),
    "create_import": ("manager", bringing(services.create_import)),
    "look_again": (
        "manager",
        of(Import, things.imported_file, lambda row, who: services.look_again(batch=row, actor=who)),
    ),
    "compare_again": (
        "manager",
        of(Import, things.imported_file, lambda row, who: services.compare_again(batch=row, actor=who)),
    ),
    "confirm_import": (
        "manager",
        of(Import, things.imported_file, lambda row, who: services.confirm_import(batch=row, actor=who)),
    ),
    "cancel_import": (
        "manager",
        of(Import, things.imported_file, lambda row, who: services.cancel_import(batch=row, actor=who)),
    ),
    "say_newest": (
        "manager",
        of(ImportFile, things.imported_file, lambda row, who: services.say_newest(file=row, actor=who), "file"),
    ),
    "save_mapping": (
        "manager",
        of(
            ImportFile,
            things.imported_file,
            lambda row, who: services.save_mapping(file=row, actor=who, **MAPPING),
            "file",
        ),
    ),
    "forget_mapping": (
        "manager",
        of(ImportFile, things.imported_file, lambda row, who: services.forget_mapping(file=row, actor=who), "file"),
    ),
    "set_coverage": (
        "manager",
        of(
            Coverage,
            things.coverage,
            lambda row, who: services.set_coverage(
                coverage=row, couriers=[], starts_at=row.starts_at, ends_at=row.ends_at, actor=who
            ),
            "coverage",
        ),
    ),
    "match_operator": (
        "manager",
        of(Operator, things.operator, lambda row, who: services.match_operator(operator=row, employee=None, actor=who)),
    ),
    "take_label_photo": (
        "employee",
        lambda c: (
            lambda who: services.take_label_photo(
                photo=BytesIO(b""), site_id=c.site.pk, shop_ids=[c.shop.pk], client_id=uuid.uuid4(), actor=who
            )
        ),
    ),
    "confirm_photo": (
        "mei",
        of(
            LabelPhoto,
            things.label_photo,
            lambda row, who: services.confirm_photo(photo=row, at=clock.now(), actor=who),
        ),
    ),
    "teach_barcode": (
        "lead",
        of(
            Product,
            things.product,
            lambda row, who: services.teach_barcode(product=row, code="690001", pieces=1, actor=who),
        ),
    ),
    "forget_barcode": (
        "lead",
        of(Barcode, things.barcode, lambda row, who: services.forget_barcode(barcode=row, actor=who)),
    ),
    "teach_barcodes": (
        "lead",
        lambda c: lambda who: services.teach_barcodes(shop=c.shop, text="690001 LAMP-1", actor=who),
    ),
    "set_product_picture": (
        "lead",
        of(
            Product,
            things.product,
            lambda row, who: services.set_product_picture(product=row, photo=BytesIO(b""), actor=who, **PICTURE),
        ),
    ),
    "set_rule": (
        "manager",
        lambda c: (
            lambda who: services.set_rule(
                key="due_soon_hours", shop=c.shop, value=4, starts_on=clock.today(c.site.zone), source="说", actor=who
            )
        ),
    ),
    "move_deadlines": ("manager", moving),
    "withdraw_move": (
        "manager",
        of(DeadlineMove, things.deadline_move, lambda row, who: services.withdraw_move(move=row, actor=who)),
    ),
}


def test_table_knows_every_service() -> None:
    assert set(TABLE) == writing_services("orders")


@pytest.mark.parametrize("name", TABLE)
def test_whoever_may_not_is_refused(cast: Cast, name: str) -> None:
    with time_machine.travel(MORNING, tick=False):
        check_refused(cast, TABLE, name)
    assert not Finding.objects.filter(state="dismissed").exists()


def test_import_of_several_shops_is_confirmed_by_who_manages_them_all(cast: Cast) -> None:
    keys = things.imported_file(cast)
    batch = Import.objects.get(pk=keys["pk"])
    Import.objects.filter(pk=batch.pk).update(shop_names={"云栖": cast.other_shop.pk, "山野": cast.shop.pk})
    with pytest.raises(NotAllowed):
        services.confirm_import(batch=batch, actor=Actor.of(cast.li))
