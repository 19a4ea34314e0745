"""One order seen from its three sides, what happened to it in order of time, and finding it by any of its numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kernel.text import labelled
from orders.couriers import courier_name
from orders.deadlines import Deadline, deadline_of_order
from orders.models import (
    Finding,
    Label,
    LabelOrder,
    LabelPhoto,
    Operator,
    Order,
    OrderChange,
    TrackingEvent,
    Verification,
    Waybill,
)
from orders.words import candidates, number_in
from people.models import Role
from people.scope import Scope
from records.models import Evidence

SHORTEST = 4  # the fewest characters that are looked for
MOST = 50
SHOWN_PHOTOS = 3


@dataclass(frozen=True)
class Moment:
    """A line of the timeline."""

    at: datetime
    title: str
    text: str = ""
    state: str = ""


@dataclass(frozen=True)
class Sides:
    """What the platform, the warehouse and the courier say of one order."""

    order: Order
    waybills: list[Waybill]
    labels: list[Label]
    events: list[TrackingEvent]
    findings: list[Finding]
    moments: list[Moment]

    @property
    def deadline(self) -> Deadline | None:
        return deadline_of_order(self.order)

    @property
    def last_event(self) -> TrackingEvent | None:
        return self.events[-1] if self.events else None

    @property
    def numbers(self) -> list[str]:
        """Of waybills and labels, each once."""
        return list(dict.fromkeys([w.number for w in self.waybills] + [label.number for label in self.labels]))


def visible_orders(scope: Scope) -> QuerySet[Order]:
    return Order.objects.filter(scope.at_shops()).select_related("shop__site")


def sides_of(order: Order) -> Sides:
    """In a fixed number of queries, however much happened."""
    waybills = list(order.waybills.order_by("id"))
    named = LabelOrder.objects.filter(shop=order.shop_id, order_number=order.number).values("label_id")
    numbers = [w.number for w in waybills]
    own = Label.objects.filter(Q(pk__in=named) | Q(number__in=numbers), shop=order.shop_id)
    labels = list(own.order_by("printed_at", "id"))
    operators = Operator.objects.filter(shop=order.shop_id, text__in={label.printed_by for label in labels})
    people = {row.text: row.employee for row in operators.select_related("employee")}
    for label in labels:
        label.operator = people.get(label.printed_by)
    numbers += [label.number for label in labels]
    recorded = TrackingEvent.objects.filter(shop=order.shop_id, number__in=numbers).order_by("at", "id")
    events = list(recorded)
    findings = list(order.findings.select_related("settled_by").order_by("first_seen_at", "id"))
    changes = list(order.changes.order_by("at", "id"))
    verified = list(order.verifications.select_related("employee").order_by("at", "id"))
    moments = [
        *_platform(order),
        *map(_printed, labels),
        *map(_recorded, events),
        *(m for f in findings for m in _noticed(f)),
        *map(_changed, changes),
        *map(_scanned, verified),
    ]
    return Sides(order, waybills, labels, events, findings, sorted(moments, key=lambda m: m.at))


def _platform(order: Order) -> list[Moment]:
    said = [
        (order.created_at, _("Ordered"), order.title),
        (order.paid_at, _("Paid"), ""),
        (order.ship_by, _("To be shipped by"), _whose(order)),
        (order.shipped_at, _("Marked as shipped on the platform"), ""),
    ]
    return [Moment(at, title, text) for at, title, text in said if at]


def _whose(order: Order) -> str:
    deadline = deadline_of_order(order)
    return " · ".join(str(part) for part in (deadline.name, deadline.how) if part) if deadline else ""


def _printed(label: Label) -> Moment:
    title = _("Label %(number)s, void") if label.is_void else _("Label %(number)s printed")
    return Moment(
        label.printed_at, title % {"number": label.number}, _words(label.printed_by, label.printer, label.note)
    )


def _recorded(event: TrackingEvent) -> Moment:
    state = {"SIGNED": "ok", "EXCEPTION": "bad", "RETURNED": "bad"}.get(event.status, "")
    name = courier_name(event.courier) or _("courier")
    return Moment(event.at, f"{name} · {event.get_status_display()}", _words(event.city, event.text), state)


def _noticed(finding: Finding) -> list[Moment]:
    said = [Moment(finding.first_seen_at, _("Noticed: %(what)s") % {"what": finding.get_code_display()}, "", "bad")]
    if finding.settled_at:
        dismissed = finding.state == Finding.State.DISMISSED
        text = _words(finding.settled_by.name if finding.settled_by else "", finding.reason if dismissed else "")
        said.append(
            Moment(
                finding.settled_at,
                labelled(capfirst(finding.get_code_display()), finding.get_state_display()),
                text,
                "ok",
            )
        )
    return said


FIELD_WORDS = {
    "status": lambda value: dict(Order.Status.choices).get(value, value),
    "refund": lambda value: dict(Order.Refund.choices).get(value, value),
}


def _changed(change: OrderChange) -> Moment:
    say: Any = FIELD_WORDS.get(change.field, lambda value: value)
    names = {
        "status": _("Status"),
        "refund": _("Refund"),
        "waybill": _("Waybill"),
        "waybills": _("Waybill"),
        "ship_by": _("Deadline"),
        "deadline": _("Deadline"),
        "title": _("Goods"),
    }
    name = names.get(change.field, change.field)
    return Moment(change.at, _("Changed: %(what)s") % {"what": name}, f"{say(change.before)} → {say(change.after)}")


def _scanned(row: Verification) -> Moment:
    state = {"passed": "ok", "stopped": "bad", "unknown": "late"}.get(row.verdict, "")
    title = _("Bench: %(verdict)s") % {"verdict": row.get_verdict_display()}
    text = _words(row.number, row.employee.name, "" if row.verdict in ("passed", "undone") else row.sentence)
    return Moment(row.at, title, text, state)


def _words(*words: str | None) -> str:
    return " · ".join(word for word in words if word)


# --- photos of labels


def visible_photos(scope: Scope) -> QuerySet[LabelPhoto]:
    """One's own; leads of the site see those of others."""
    return LabelPhoto.objects.filter(Q(employee=scope.employee_id) | Q(scope.at_sites("site", Role.LEAD)))


def photos_of(scope: Scope, *, order_ids: Iterable[int], numbers: Iterable[str]) -> list[LabelPhoto]:
    """The newest photos of the labels of some orders or numbers whose picture is kept; two queries."""
    about = Q(order__in=list(order_ids)) | Q(number__in=[number for number in numbers if number])
    rows = list(visible_photos(scope).filter(about).select_related("employee").order_by("-at")[:MOST])
    kept = Evidence.objects.filter(owner__in=[row.ref for row in rows], erased_at=None).values_list("owner", flat=True)
    refs = set(kept)
    return [row for row in rows if row.ref in refs][:SHOWN_PHOTOS]


# --- look-up


@dataclass(frozen=True)
class Looked:
    """What was looked for, the orders found, and numbers that differ by one slip when there are none."""

    number: str
    orders: list[Order]
    near: list[str]

    @property
    def is_short(self) -> bool:
        return len(self.number) < SHORTEST


def look_up(scope: Scope, wanted: str) -> Looked:
    """By waybill, label or order number, or by the end of an order number or waybill where it is short."""
    number = number_in(wanted)
    if len(number) < SHORTEST:
        return Looked(number, [], [])
    names = candidates(number)
    found = _with_numbers(scope, names)
    if not found and len(number) < 8:
        ending = Waybill.objects.filter(scope.at_shops("order__shop"), number__endswith=number).values("order_id")[
            :MOST
        ]
        ends = Q(number__endswith=number) | Q(pk__in=[row["order_id"] for row in ending])
        found = list(visible_orders(scope).filter(ends).order_by("-id")[:MOST])
    near = [] if found or len(number) < 8 else _near(scope, number)
    return Looked(number, found, near)


def _with_numbers(scope: Scope, names: list[str]) -> list[Order]:
    labels = LabelOrder.objects.filter(scope.at_shops(), label__number__in=names).values_list("shop", "order_number")
    by_label = Q(pk__in=[])
    for shop_id, order_number in labels[:MOST]:
        by_label |= Q(shop=shop_id, number=order_number)
    on_platform = Waybill.objects.filter(number__in=names).values("order_id")
    return list(
        visible_orders(scope).filter(Q(number__in=names) | Q(pk__in=on_platform) | by_label).order_by("-id")[:MOST]
    )


def _near(scope: Scope, number: str) -> list[str]:
    """Known waybills and labels one slip of the hand away: the slips are made up and asked for by index."""
    if len(number) > 24:
        return []
    slips = {number[:i] + number[i + 1] + number[i] + number[i + 2 :] for i in range(len(number) - 1)}
    slips |= {number[:i] + d + number[i + 1 :] for i, c in enumerate(number) for d in "0123456789" if c.isdigit()}
    slips |= {number[:i] + number[i + 1 :] for i in range(len(number))}
    slips |= {
        number.replace("O", "0"),
        *(number[:i] + d + number[i:] for i in range(len(number) + 1) for d in "0123456789"),
    }
    slips.discard(number)
    held = dict(Waybill.objects.filter(number__in=slips).values_list("order_id", "number")[:50])
    known = [held[pk] for pk in visible_orders(scope).filter(pk__in=held).values_list("pk", flat=True)]
    printed = Label.objects.filter(scope.at_shops(), number__in=slips).values_list("number", flat=True)
    return sorted({*known, *printed[:5]})[:5]
