"""Photos of labels at the bench: read, compared with their order, cropped, thrown away after a month."""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django_tasks import task

from kernel import clock
from kernel.errors import Conflict, Refused
from kernel.pictures import content_of
from orders.couriers import courier_name
from orders.labels.fields import Fields
from orders.labels.reading import cropped, first_look, read_label
from orders.models import Label, LabelOrder, LabelPhoto, Order, Waybill
from orders.places import same_place
from orders.selectors.codes import known_codes
from orders.services.bench import Scan, verify_parcel
from orders.words import candidates
from people.actor import Actor
from people.models import Role
from records.evidence import erase_evidence, store_evidence, write_file
from records.models import Evidence

LONGEST_SIDE = 2400  # pixels: a label fills a photo, its digits stay readable
KEPT = timedelta(days=30)
LEGIBLE = 0.95  # the OCR is so sure of a line that it may speak against a barcode


def photo_path(client_id: uuid.UUID) -> Path:
    """Where a photo waits for the worker."""
    return Path(settings.DATA_DIR) / "labels" / f"{client_id}.jpg"


def take_label_photo(
    *, photo: IO[bytes], actor: Actor, site_id: int, shop_ids: Iterable[int], client_id: uuid.UUID
) -> LabelPhoto:
    """Takes a photo of a label, once per client_id. A number that its barcodes leave no doubt of is verified at once;
    the worker reads the rest. Raises UnreadablePicture, PictureTooLarge, PictureTooHeavy."""
    shops, now = sorted(shop_ids), clock.now()
    for shop_id in shops:
        actor.require(Role.EMPLOYEE, shop_id=shop_id)
    if known := LabelPhoto.objects.filter(client_id=client_id).first():
        if known.employee_id != actor.person.pk:
            raise Conflict
        return known
    number, written = first_look(content_of(photo), LONGEST_SIDE, partial(known_codes, shop_ids=shops))
    path = photo_path(client_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written)
    try:
        with transaction.atomic():
            row = LabelPhoto.objects.create(
                client_id=client_id,
                site_id=site_id,
                shop_ids=shops,
                employee=actor.person,
                number=number,
                method="barcode" if number else "",
                at=now,
            )
            if number:
                _verify(row, now, actor)
            read_photo_task.enqueue(row.pk)
            return row
    except IntegrityError:  # the same photo, sent twice at once
        return LabelPhoto.objects.get(client_id=client_id)


def _verify(row: LabelPhoto, at: datetime, actor: Actor) -> None:
    scan = Scan(row.number, row.employee, row.site_id, uuid.uuid5(row.client_id, "verification"), at)
    row.verification = verify_parcel(scan=scan, shop_ids=row.shop_ids, asks_goods=True, actor=actor)
    row.order = row.verification.order
    row.save(update_fields=["verification", "order"])


def confirm_photo(*, photo: LabelPhoto, actor: Actor, at: datetime, number: str = "") -> LabelPhoto:
    """A person says which of the numbers on the label is its waybill, by default the likeliest: the parcel is verified
    by it. Once. Raises NotAllowed for somebody else's photo, Conflict for a number that was not read."""
    with transaction.atomic():
        row = LabelPhoto.objects.select_for_update(of=("self",)).get(pk=photo.pk)
        actor.require_self(row.employee_id)
        if number and number not in (row.number, *(one["number"] for one in row.candidates)):
            raise Conflict
        if row.verification_id is None and row.number:
            row.number = number or row.number
            row.save(update_fields=["number"])
            _verify(row, at, actor)
        return row


@task
def read_photo_task(photo_id: int) -> str:
    row = LabelPhoto.objects.select_related("employee").get(pk=photo_id)
    path = photo_path(row.client_id)
    if row.state != LabelPhoto.State.WAITING:
        return row.state
    try:
        content = path.read_bytes()
        reading = read_label(content, partial(known_codes, shop_ids=row.shop_ids))
        part = cropped(content, reading, LONGEST_SIDE)
    except Exception as error:
        LabelPhoto.objects.filter(pk=row.pk).update(state=LabelPhoto.State.FAILED)
        path.unlink(missing_ok=True)
        if isinstance(error, Refused | FileNotFoundError):
            return LabelPhoto.State.FAILED
        raise
    number, doubts = row.number or reading.fields.waybill, _doubts(reading.fields)
    order = row.order or _order_of(number, row.shop_ids)
    if part:
        write_file(part)
    with transaction.atomic():
        locked = LabelPhoto.objects.select_for_update(of=("self",)).select_related("employee").get(pk=row.pk)
        locked.state = LabelPhoto.State.READ if number else LabelPhoto.State.FAILED
        locked.number, locked.method = number, row.method or reading.method
        locked.order, locked.compared = order, compared(reading.fields, order) if order else []
        if locked.verification_id:  # by its barcode, at first look; what else is printed there is told
            locked.compared += _differing(reading.fields, number)
        else:
            locked.candidates = doubts
        locked.save(update_fields=["state", "number", "method", "order", "candidates", "compared"])
        is_plain = len(reading.fields.candidates) == 1 and order is not None and _is_open(number, order)
        if locked.verification_id is None and number and (is_plain or not doubts):
            # what equals an open waybill exactly, beside no other, needs nobody's word
            _verify(locked, clock.now(), Actor.system("rule"))
        if part:
            store_evidence(
                owner=row.ref,
                by=row.employee.ref,
                content=part,
                media_type="image/jpeg",
                client_id=uuid.uuid5(row.client_id, "crop"),
            )
    path.unlink(missing_ok=True)
    return locked.state


def _doubts(fields: Fields) -> list[dict[str, str]]:
    """What the waybill can be, where that is a person's to say."""
    if fields.sure == 1:
        return []
    return [{"number": one.number, "courier": one.courier, "source": one.source} for one in fields.candidates]


def _differing(fields: Fields, number: str) -> list[dict[str, Any]]:
    """Other numbers that the label legibly shows where this one is its barcode's."""
    others = [one.number for one in fields.candidates if one.number != number and one.score >= LEGIBLE]
    return [{"field": "waybill", "label": other, "order": number, "agrees": False} for other in others]


def _order_of(number: str, shop_ids: list[int]) -> Order | None:
    names = candidates(number) if number else []
    waybills = Waybill.objects.filter(number__in=names, withdrawn_at=None).select_related("order").order_by("id")
    mine = [waybill.order for waybill in waybills if waybill.order.shop_id in shop_ids]
    if mine:
        return mine[0]
    labels = list(Label.objects.filter(number__in=names, shop__in=shop_ids, is_void=False).values_list("id", flat=True))
    named = LabelOrder.objects.filter(label__in=labels).values_list("order_number", flat=True)
    return Order.objects.filter(shop__in=shop_ids, number__in=list(named)).order_by("id").first()


def _is_open(number: str, order: Order) -> bool:
    return (
        order.status not in (Order.Status.DONE, Order.Status.CLOSED)
        and order.waybills.filter(number__in=candidates(number), withdrawn_at=None).exists()
    )


def compared(fields: Fields, order: Order) -> list[dict[str, Any]]:
    """Field by field what the label and the order say: agrees is None where one of them says nothing. Of the receiver
    only whether it agrees is told; masked and virtual numbers are a hint."""
    courier = order.waybills.filter(withdrawn_at=None).values_list("courier", flat=True).first() or ""
    pairs = {
        "courier": (fields.courier, courier),
        "receiver": (fields.receiver_surname, order.receiver_surname),
        "phone": (fields.phone_tail, order.phone_tail),
        "receiver_city": (fields.city, order.city),
        "order_number": (fields.order, order.number),
    }
    told: dict[str, Callable[[str], str]] = {"courier": courier_name, "receiver_city": str, "order_number": str}
    rows = []
    for field, (label, ours) in pairs.items():
        agrees = (same_place(label, ours) if field == "receiver_city" else label == ours) if label and ours else None
        say = told.get(field, _nothing)
        rows.append({"field": field, "label": say(label), "order": say(ours), "agrees": agrees})
    return rows


def _nothing(_value: str) -> str:
    return ""


def close_numbers(number: str, shop_ids: Iterable[int], most: int = 5) -> list[str]:
    """Known numbers that are one slip of the hand from this one: a wrong, missing or doubled character, two swapped."""
    if not 9 <= len(number) <= 20:
        return []
    shops = set(shop_ids)
    near = sorted(_slips(number))
    held = Waybill.objects.filter(number__in=near, withdrawn_at=None).values_list("number", "order__shop_id")
    printed = Label.objects.filter(number__in=near, is_void=False).values_list("number", "shop_id")
    found = {text for text, shop_id in (*held[:50], *printed[:50]) if shop_id in shops}
    return sorted(found)[:most]


def _slips(number: str) -> set[str]:
    digits = "0123456789"
    found = {number.replace("O", "0"), number.replace("0", "O")}
    for i in range(len(number) + 1):
        head, tail = number[:i], number[i:]
        found.update(head + d + tail for d in digits)
        if tail:
            found.add(head + tail[1:])
            found.update(head + d + tail[1:] for d in digits)
        if len(tail) > 1:
            found.add(head + tail[1] + tail[0] + tail[2:])
    return found - {number}


def discard_label_photos(now: datetime) -> int:
    """A step of the tick: photos of labels and what was read of them go after 30 days. Returns how many went."""
    old = list(LabelPhoto.objects.filter(at__lt=now - KEPT).order_by("id")[:500])
    for row in old:
        for evidence in Evidence.objects.filter(owner=row.ref, erased_at=None):
            erase_evidence(evidence=evidence)
        photo_path(row.client_id).unlink(missing_ok=True)
    LabelPhoto.objects.filter(pk__in=[row.pk for row in old]).delete()
    return len(old)
