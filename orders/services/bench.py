"""The bench: a scanned parcel gets its verdict before it leaves, and one's own pass can be undone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, NotAllowed, Refused
from orders.models import Finding, Label, LabelOrder, Order, Verification, Waybill
from orders.words import candidates, number_in
from people.models import Employee

Verdict = Verification.Verdict
STOPPING = (  # the platform's number is not the parcel's
    Finding.Code.TRANSPOSED_DIGITS,
    Finding.Code.WRONG_DIGIT,
    Finding.Code.MISSING_CHARACTER,
    Finding.Code.LETTER_O_FOR_ZERO,
    Finding.Code.SWAPPED_LABELS,
    Finding.Code.DUPLICATE_WAYBILL,
    Finding.Code.WRONG_COURIER,
    Finding.Code.REPRINT_NOT_WRITTEN_BACK,
    Finding.Code.SPLIT_ONE_MISSING,
)


@dataclass
class Parcel:
    """What is known about a scanned number."""

    number: str
    waybills: list[Waybill] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)


@transaction.atomic
def verify_parcel(
    *, scanned: str, employee: Employee, shop_ids: Iterable[int], site_id: int, client_id: UUID, at: datetime
) -> Verification:
    """Judges one scanned parcel among these shops, once per key, in at most ten statements."""
    scanned = scanned.strip()[:200]
    known = _known(client_id, scanned, employee)
    if known:
        return known
    shops = sorted(shop_ids)
    parcel = _parcel(number_in(scanned), shops)
    verdict, code, order = _judge(parcel, shops)
    waybill = next((w for w in parcel.waybills if order and w.order_id == order.pk), None)
    try:
        with transaction.atomic():
            return Verification.objects.create(
                client_id=client_id,
                site_id=site_id,
                shop_id=order.shop_id if order else next((label.shop_id for label in parcel.labels), None),
                employee=employee,
                scanned=scanned,
                number=parcel.number,
                waybill=waybill,
                order=order,
                verdict=verdict,
                code=code,
                at=at,
            )
    except IntegrityError:  # the same key from somewhere else, a moment ago
        known = _known(client_id, scanned, employee)
        if known is None:
            raise
        return known


def _known(client_id: UUID, scanned: str, employee: Employee) -> Verification | None:
    known = Verification.objects.select_related("order", "shop").filter(client_id=client_id).first()
    if known and (known.scanned != scanned or known.employee_id != employee.pk):
        raise Conflict
    return known


def _parcel(number: str, shops: list[int]) -> Parcel:
    """The number's rows, locked: whoever scans the same parcel at the same moment waits for the verdict."""
    parcel, names = Parcel(number), candidates(number)
    waybills = Waybill.objects.select_for_update(of=("self",)).select_related("order")
    found = waybills.filter(number__in=names, withdrawn_at=None).order_by("id")[:20]
    parcel.waybills = [
        w for w in found if w.order.shop_id in shops
    ]  # asked by shop, SQLite would search all its orders
    labels = Label.objects.select_for_update(of=("self",)).filter(number__in=names, shop__in=shops)
    parcel.labels = list(labels.order_by("printed_at", "id")[:20])
    good = [label.pk for label in parcel.labels if not label.is_void]
    orders = {w.order_id: w.order for w in parcel.waybills}
    if good:
        named = LabelOrder.objects.filter(label__in=good).values_list("order_number", flat=True)
        printed_for = Order.objects.filter(shop__in={label.shop_id for label in parcel.labels}, number__in=list(named))
        mine = {order.pk: order for order in printed_for}
        orders = {**mine, **orders}  # the parcel's own order first: what the label says is in it
    parcel.orders = list(orders.values())
    return parcel


def _judge(parcel: Parcel, shops: list[int]) -> tuple[str, str, Order | None]:
    """The verdict, its code and the order it is about; the gravest reason first."""
    first = parcel.orders[0] if parcel.orders else None
    if not (parcel.waybills or parcel.labels):
        return Verdict.UNKNOWN, "not_found", None
    if parcel.labels and parcel.labels[-1].is_void:
        return Verdict.STOPPED, "label_void", first
    if first is None:
        return Verdict.UNKNOWN, "no_order", None
    for order in parcel.orders:
        if order.refund:
            return Verdict.STOPPED, "refunded" if order.refund == "refunded" else "refund_requested", order
        if order.status == Order.Status.CLOSED:
            return Verdict.STOPPED, "order_closed", order
    passed = Verification.objects.filter(number=parcel.number, verdict=Verdict.PASSED, undone_by=None, shop__in=shops)
    if passed.exists():
        return Verdict.STOPPED, "already_verified", first
    standing = Finding.objects.standing().filter(shop__in=shops, code__in=STOPPING)
    orders = {order.pk: order for order in parcel.orders}
    found = standing.filter(order__in=orders).order_by("id").first()
    found = found or standing.filter(waybill__in=candidates(parcel.number)).order_by("id").first()
    if found:
        return Verdict.STOPPED, found.code, orders.get(found.order_id, first)
    return Verdict.PASSED, "ok", first


@transaction.atomic
def undo_verification(*, verification: Verification, employee: Employee, client_id: UUID, at: datetime) -> Verification:
    """Takes one's own pass back, e.g. because the wrong parcel lay under the scanner; the pass stays on record."""
    first = Verification.objects.select_for_update(of=("self",)).get(pk=verification.pk)
    if first.employee_id != employee.pk:
        raise NotAllowed
    if first.verdict != Verdict.PASSED:
        raise Refused(_("Only a pass can be undone."))
    known = Verification.objects.filter(undoes=first).first()
    if known:
        return known
    return Verification.objects.create(
        client_id=client_id,
        site_id=first.site_id,
        shop_id=first.shop_id,
        employee=employee,
        scanned=first.scanned,
        number=first.number,
        waybill_id=first.waybill_id,
        order_id=first.order_id,
        verdict=Verdict.UNDONE,
        code="undone",
        undoes=first,
        at=at,
    )
