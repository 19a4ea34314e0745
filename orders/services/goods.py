"""Goods at the bench: after the waybill, each piece or the picking slip is scanned until the parcel is whole."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kernel.errors import NotAllowed, Refused
from orders.models import Barcode, Product, Verification
from orders.selectors.parcels import Contents, contents_of, find_parcel
from orders.services.bench import HELD, Scan, as_told, fired_before, in_time, keep_scan, known_scan, require_scanner
from orders.words import candidates, code_in, number_in, product_key
from people.actor import Actor

Verdict = Verification.Verdict
AGAIN = timedelta(seconds=2)  # less than it takes to pick up the next piece and scan it


class ParcelEnded(Refused):
    """The parcel has passed already, or was begun anew."""

    sentence = _("This parcel is done already. Scan the next waybill.")


@transaction.atomic
def scan_goods(*, scan: Scan, parcel: UUID, actor: Actor, pieces: int = 1, is_meant: bool = False) -> Verification:
    """Judges what is scanned into a begun parcel, once per key: a product code with pieces, or its picking slip. A code
    that comes again at once is told and not counted, unless it is meant.

    `parcel` is the key of the scan that began it. Raises NotAllowed for somebody else's parcel, ParcelEnded.
    """
    begun = _begun(scan, parcel, actor)
    if known := known_scan(scan):
        return known
    scan = in_time(scan, since=begun.at)
    if first := fired_before(scan):
        return first
    _require_open(begun, scan)
    if begun.verdict != Verdict.STARTED:  # scanned offline into a parcel that was stopped when its waybill came in
        return keep_scan(scan, begun.number, begun.verdict, begun.code, parcel=begun)
    if begun.code == "asks_slip":
        verdict, code = as_told(scan, *_judge_slip(scan.text, begun))
        return keep_scan(scan, begun.number, verdict, code, parcel=begun)
    if pieces == 1 and not is_meant and scan.told not in HELD and (first := _counted_just_now(scan, begun)):
        return keep_scan(scan, begun.number, Verdict.COUNTED, "again", parcel=begun, product=first.product)
    contents = contents_of(begun)
    verdict, code, key, pieces = _judge_goods(scan.text, pieces, begun, contents)
    if scan.told in HELD and verdict not in HELD:
        pieces = 0
    verdict, code = as_told(scan, verdict, code)
    return keep_scan(scan, begun.number, verdict, code, parcel=begun, product=key, pieces=pieces)


@transaction.atomic
def end_parcel(*, scan: Scan, parcel: UUID, actor: Actor) -> Verification:
    """The parcel goes with what it holds, because the rest of its orders goes in another one. Once per key."""
    begun = _begun(scan, parcel, actor)
    if known := known_scan(scan):
        return known
    _require_open(begun, scan)
    contents = contents_of(begun)
    fits = contents.may_end_early and contents.counted
    verdict, code = (Verdict.PASSED, "ok") if fits else (Verdict.STOPPED, "goods_missing")
    return keep_scan(scan, begun.number, verdict, code, parcel=begun)


def _begun(scan: Scan, parcel: UUID, actor: Actor) -> Verification:
    """The scan that began the parcel, locked; it is this person's, who works for its shop."""
    rows = Verification.objects.select_for_update(of=("self",)).select_related("order")
    row = rows.filter(client_id=parcel).first()
    if row is None or row.employee_id != scan.employee.pk:
        raise NotAllowed
    require_scanner(scan, filter(None, [row.shop_id]), actor)
    return row


def _counted_just_now(scan: Scan, begun: Verification) -> Verification | None:
    """The piece that this person counted into the parcel a moment ago, where it has the same code."""
    around = (scan.at - AGAIN, scan.at + AGAIN)
    rows = begun.scans.filter(employee=scan.employee, at__range=around, code="counted", undone_by=None)
    last = rows.order_by("-id").first()
    return last if last and code_in(last.scanned) == code_in(scan.text) else None


def _require_open(begun: Verification, scan: Scan) -> None:
    """Nothing has ended the parcel. Raises ParcelEnded."""
    if begun.verdict != Verdict.STARTED and not (scan.told and begun.verdict in HELD):
        raise ParcelEnded
    later = Verification.objects.filter(number=begun.number, shop=begun.shop_id, undone_by=None, pk__gt=begun.pk)
    if later.filter(verdict__in=(Verdict.PASSED, Verdict.STARTED)).exists():
        raise ParcelEnded


def _judge_slip(text: str, begun: Verification) -> tuple[str, str]:
    seen = code_in(text)
    orders = find_parcel(begun.number, [begun.shop_id]).orders if begun.shop_id else []
    fits = any(code_in(order.number) in seen for order in orders)
    return (Verdict.PASSED, "ok") if fits else (Verdict.STOPPED, "wrong_slip")


def _judge_goods(text: str, pieces: int, begun: Verification, contents: Contents) -> tuple[str, str, str, int]:
    """(verdict, code, product's key, pieces counted); nothing is counted that does not belong."""
    key, in_pack = _product(text, begun, contents)
    if not key:
        is_next = _is_other_parcel(text, begun)
        return (Verdict.STOPPED, "goods_missing", "", 0) if is_next else (Verdict.UNKNOWN, "code_unknown", "", 0)
    line, pieces = contents.line(key), pieces * in_pack
    if line is None:
        return Verdict.STOPPED, "wrong_goods", key, 0
    if pieces > line.missing:
        return Verdict.STOPPED, "too_many", key, 0
    is_whole = contents.missing == pieces
    return (Verdict.PASSED, "ok", key, pieces) if is_whole else (Verdict.COUNTED, "counted", key, pieces)


def _product(text: str, begun: Verification, contents: Contents) -> tuple[str, int]:
    """(key of the product that a code stands for, pieces in its pack); ("", 1) when nobody knows the code."""
    code = code_in(text)[:64]
    known = Barcode.objects.select_related("product").filter(shop=begun.shop_id, code=code).first()
    if known:
        return known.product.key, known.pieces
    key = product_key(code, "")
    if contents.line(key) or Product.objects.filter(shop=begun.shop_id, key=key).exists():
        return key, 1
    return "", 1


def _is_other_parcel(text: str, begun: Verification) -> bool:
    number = number_in(text)
    if begun.shop_id is None or number in candidates(begun.number):
        return False
    found = find_parcel(number, [begun.shop_id])
    return bool(found.waybills or found.labels)
