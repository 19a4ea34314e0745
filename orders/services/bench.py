"""The bench: a scanned parcel gets its verdict before it leaves, and one's own pass can be undone."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import Conflict, Refused
from orders.models import Finding, Order, OrderItem, Verification
from orders.ruling import rules_of
from orders.selectors.parcels import Parcel, doubt_of, find_parcel, stop_of
from orders.words import candidates, code_in, number_in
from people.actor import Actor
from people.models import Employee, Role
from people.selectors import within_shift

Verdict = Verification.Verdict
HELD = (Verdict.STOPPED, Verdict.UNKNOWN)
TWICE = timedelta(seconds=5)  # a scanner that fires twice does so within a moment; the next parcel takes longer


@dataclass(frozen=True)
class Scan:
    """What somebody scanned at a bench: the text as the scanner gave it, by whom, where, under which key, when; offline
    also what the phone told (`told`) and when it came in (`received_at`)."""

    text: str
    employee: Employee
    site_id: int
    client_id: UUID
    at: datetime
    told: str = ""
    received_at: datetime | None = None


@transaction.atomic
def verify_parcel(*, scan: Scan, shop_ids: Iterable[int], actor: Actor, asks_goods: bool = False) -> Verification:
    """Judges one scanned waybill among these shops, once per key. With `asks_goods` a parcel that may go is only begun
    where its shop wants goods or picking slips scanned. Whoever scans works for these shops."""
    shops = sorted(shop_ids)
    require_scanner(scan, shops, actor)
    if known := known_scan(scan):
        return known
    parcel = find_parcel(number_in(scan.text), shops, is_locked=True)
    scan = in_time(scan, since=parcel.labels[0].printed_at if parcel.labels else None)
    if first := fired_before(scan):
        return first
    verdict, code, order = judge_parcel(parcel, shops)
    if asks_goods and verdict == Verdict.PASSED and order is not None:
        verdict, code = _asked(order, parcel, scan.at)
    verdict, code = as_told(scan, verdict, code)
    waybill = next((w for w in parcel.waybills if order and w.order_id == order.pk), None)
    shop_id = order.shop_id if order else next((label.shop_id for label in parcel.labels), None)
    return keep_scan(scan, parcel.number, verdict, code, shop_id=shop_id, waybill=waybill, order=order)


def require_scanner(scan: Scan, shop_ids: Iterable[int], actor: Actor) -> None:
    """Raises NotAllowed unless it is this person's own scan, and they work for these shops."""
    if not actor.is_system:
        actor.require_self(scan.employee.pk)
    for shop_id in shop_ids:
        actor.require(Role.EMPLOYEE, shop_id=shop_id)


def _asked(order: Order, parcel: Parcel, at: datetime) -> tuple[str, str]:
    """(verdict, code) for a parcel that may go: what its shop wants scanned next."""
    asked = rules_of(order.shop_id, clock.day_of(at, order.shop.site.zone))["bench_asks"]
    if asked == "waybill":
        return Verdict.PASSED, "ok"
    if asked == "codes" and not OrderItem.objects.filter(order__in=parcel.orders).exists():
        return Verdict.UNKNOWN, "goods_unknown"
    return Verdict.STARTED, f"asks_{asked}"


def in_time(scan: Scan, *, since: datetime | None) -> Scan:
    """An offline scan at a moment that can be: not before its parcel was there, nor before the shift of whoever
    scanned. An online scan is made when it comes in."""
    if scan.received_at is None:
        return scan
    at = within_shift(employee_id=scan.employee.pk, at=max(scan.at, since or scan.at), until=scan.received_at)
    return replace(scan, at=min(at, scan.received_at))


def fired_before(scan: Scan) -> Verification | None:
    """This person's scan before this one, where that was the same, a moment ago, and passed or began a parcel: a
    scanner that fires twice means one parcel. What a phone has put aside is not passed by it."""
    around = (scan.at - TWICE, scan.at + TWICE)
    mine = Verification.objects.filter(employee=scan.employee, at__range=around)
    last = mine.select_related("order", "shop", "parcel__order").order_by("-id").first()
    if last is None or last.verdict not in (Verdict.PASSED, Verdict.STARTED) or scan.told in HELD:
        return None
    return last if code_in(last.scanned) == code_in(scan.text) else None


def as_told(scan: Scan, verdict: str, code: str) -> tuple[str, str]:
    """What an offline phone put aside is not passed afterwards: whoever scanned it did not let it go."""
    if scan.told in HELD and verdict not in HELD:
        return Verdict.UNKNOWN, "aside_offline"
    return verdict, code


def known_scan(scan: Scan) -> Verification | None:
    """The same scan, sent before. Raises Conflict where the key carried something else."""
    known = Verification.objects.select_related("order", "shop", "parcel").filter(client_id=scan.client_id).first()
    if known and (known.scanned != scan.text or known.employee_id != scan.employee.pk):
        raise Conflict
    return known


def keep_scan(
    scan: Scan, number: str, verdict: str, code: str, *, parcel: Verification | None = None, **more: Any
) -> Verification:
    """The scan with its verdict as a row; one of a begun parcel is about the same order."""
    about = {f: getattr(parcel, f) for f in ("shop_id", "waybill_id", "order_id")} if parcel else {}
    try:
        with transaction.atomic():
            return Verification.objects.create(
                client_id=scan.client_id,
                site_id=scan.site_id,
                employee=scan.employee,
                scanned=scan.text,
                number=number,
                verdict=verdict,
                code=code,
                at=scan.at,
                told=scan.told,
                received_at=scan.received_at,
                parcel=parcel,
                **about,
                **more,
            )
    except IntegrityError:  # the same key from somewhere else, a moment ago
        known = known_scan(scan)
        if known is None:
            raise
        return known


def judge_parcel(parcel: Parcel, shops: list[int], *, once: bool = True) -> tuple[str, str, Order | None]:
    """The verdict, its code and the order it is about; the gravest reason first. With `once` a parcel that the bench
    has passed is stopped when it comes again."""
    first = parcel.orders[0] if parcel.orders else None
    if not (parcel.waybills or parcel.labels):
        return Verdict.UNKNOWN, "not_found", None
    if parcel.labels and parcel.labels[-1].is_void:
        return Verdict.STOPPED, "label_void", first
    if first is None:
        return Verdict.UNKNOWN, "no_order", None
    code, about = stop_of(parcel.orders)
    if code:
        return Verdict.STOPPED, code, about
    passed = Verification.objects.filter(number=parcel.number, verdict=Verdict.PASSED, undone_by=None, shop__in=shops)
    if once and passed.exists():
        return Verdict.STOPPED, "already_verified", first
    standing = Finding.objects.standing().filter(shop__in=shops, code__in=Finding.STOPPING)
    orders = {order.pk: order for order in parcel.orders}
    found = standing.filter(order__in=orders).order_by("id").first()
    found = found or standing.filter(waybill__in=candidates(parcel.number)).order_by("id").first()
    if found:
        return Verdict.STOPPED, found.code, orders.get(found.order_id, first)
    code, about = doubt_of(parcel.orders, parcel.printed_for)
    if code:
        return Verdict.UNKNOWN, code, about
    return Verdict.PASSED, "ok", first


@transaction.atomic
def undo_verification(*, verification: Verification, actor: Actor, client_id: UUID, at: datetime) -> Verification:
    """Takes one's own pass or counted piece back, e.g. because the wrong one lay under the scanner; it stays on
    record."""
    first = Verification.objects.select_for_update(of=("self",)).get(pk=verification.pk)
    actor.require_self(first.employee_id)
    if first.verdict not in (Verdict.PASSED, Verdict.COUNTED):
        raise Refused(_("Only a pass can be undone."))
    known = Verification.objects.filter(undoes=first).first()
    if known:
        return known
    return Verification.objects.create(
        client_id=client_id,
        site_id=first.site_id,
        shop_id=first.shop_id,
        employee=actor.person,
        scanned=first.scanned,
        number=first.number,
        waybill_id=first.waybill_id,
        order_id=first.order_id,
        parcel_id=first.parcel_id,
        verdict=Verdict.UNDONE,
        code="undone",
        undoes=first,
        at=at,
    )


@transaction.atomic
def take_out(*, verification: Verification, actor: Actor, at: datetime) -> Verification:
    """A parcel that a phone let go while it was offline, and should not have, was found and taken out; said by whoever
    scanned it or a lead. Once."""
    row = Verification.objects.select_for_update(of=("self",)).get(pk=verification.pk)
    if not actor.is_person(row.employee_id):
        actor.require(Role.LEAD, site_id=row.site_id)
    if row.taken_out_at is None:
        row.taken_out_at = at
        row.save(update_fields=["taken_out_at"])
    return row
