"""The three-way match: what does not agree about one order, and when time alone could change that.

Pure functions over `sides.World`. One trouble gives one finding, the most specific; troubles of different nature (a
refund requested, and the deadline missed) give one each. Absence of tracking counts only inside coverage.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from orders.couriers import are_different
from orders.matching.shapes import Shapes
from orders.matching.sides import Event, OrderSides, Print, Receiver, World
from orders.models import Finding, Order
from orders.places import is_elsewhere, same_place, short
from orders.ruling import Rules
from orders.unchecked import Gap, Side, spell_gaps

Code, Cause = Finding.Code, Finding.Cause
TO_SHIP = (Order.Status.TO_SHIP, Order.Status.PART_SHIPPED)
SHIPPED = (Order.Status.SHIPPED, Order.Status.DONE, Order.Status.PART_SHIPPED)
ARRIVED = ("OUT_FOR_DELIVERY", "AT_LOCKER", "SIGNED")
ASKED_FOR = timedelta(days=10)  # from shipping: then Taobao and Tmall take a parcel for received by themselves
ENDED = ("AT_LOCKER", "SIGNED", "RETURNED", "CANCELLED")


@dataclass(frozen=True)
class Trouble:
    """What is wrong with one order: `waybill` is the platform's number, or the label's where the platform has none."""

    code: str
    cause: str
    waybill: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None
    loss_cents: int = 0


@dataclass
class Later:
    """What may change a verdict though no side of the order changes: time, or tracking that speaks for longer."""

    moments: list[datetime] = field(default_factory=list)
    awaits_tracking: bool = False
    gaps: set[Gap] = field(default_factory=set)

    def lack(self, question: str, side: str, courier: str = "") -> None:
        """A question that the verdict cannot answer, because this side does not speak for it."""
        self.gaps.add(Gap(question, Side(side, courier)))


@dataclass(frozen=True)
class Verdict:
    """All troubles of an order, the next moment at which time alone could change them, whether the verdict waits for
    tracking to speak for its courier and period, and what could not be compared (see orders.unchecked)."""

    troubles: list[Trouble]
    recheck_at: datetime | None
    awaits_tracking: bool = False
    unchecked: str = ""


@dataclass(frozen=True)
class Matcher:
    """Judges the orders of a world at a moment, by the rules of that day."""

    world: World
    rules: Rules
    at: datetime
    provinces: dict[str, str]  # city → province, learnt from the orders' own addresses
    shapes: Shapes

    def verdict(self, order: OrderSides) -> Verdict:
        if order.status == Order.Status.CLOSED:
            return Verdict([], None)
        later = Later()
        troubles = [*self._unshipped(order, later), *self._shipped(order, later)]
        self._forget_old_gaps(order, later)
        recheck_at = min((m for m in later.moments if m > self.at), default=None)
        return Verdict(troubles, recheck_at, later.awaits_tracking, spell_gaps(later.gaps))

    def _forget_old_gaps(self, order: OrderSides, later: Later) -> None:
        """An order is asked about for ten days from its shipping; then the platform takes it for received."""
        since = order.shipped_at or order.paid_at
        if later.gaps and since:
            later.moments.append(since + ASKED_FOR)
            if self.at >= since + ASKED_FOR:
                later.gaps.clear()

    def _speaks(self, side: str, courier: str, moment: datetime | None) -> bool:
        return moment is not None and self.world.covered_until(side, courier, moment) is not None

    # --- the platform still waits

    def _unshipped(self, order: OrderSides, later: Later) -> Iterator[Trouble]:
        if order.status not in TO_SHIP:
            return
        if order.refund in (Order.Refund.REQUESTED, Order.Refund.REFUNDED):
            yield Trouble(Code.REFUND_HOLD, Cause.HOLD, evidence=self._evidence(order))
        for label in order.good_labels:
            if label.number not in order.waybills and self._recorded(label.number):
                yield Trouble(
                    Code.SYNC_DELAY_UNSHIPPED,
                    Cause.SYNC_DELAY,
                    label.number,
                    self._evidence(order, label=label, number=label.number),
                    order.ship_by,
                    self.rules.loss("loss_late", order.amount_cents),
                )
                return
        self._ask_of_sync(order, later)
        if order.ship_by is None:
            return
        soon = order.ship_by - timedelta(hours=self.rules["due_soon_hours"])
        later.moments += [soon, order.ship_by]
        if self.at > order.ship_by:
            code, cause = Code.LATE_UNSHIPPED, Cause.LATE
        elif self.at >= soon:
            code, cause = Code.DUE_WITHIN_12H, Cause.DUE
        else:
            return
        loss = self.rules.loss("loss_late", order.amount_cents)
        yield Trouble(code, cause, "", self._evidence(order), order.ship_by, loss)

    def _ask_of_sync(self, order: OrderSides, later: Later) -> None:
        """Whether a courier has the parcel though the platform waits is told by its label and that courier's tracking.
        A label is looked for once the order waits for as long as a pickup may take."""
        for label in order.good_labels:
            if label.number not in order.waybills and not self._speaks("tracking", label.courier, label.printed_at):
                later.lack("sync", "tracking", label.courier)
        if order.labels or order.paid_at is None:
            return
        wanted = order.paid_at + timedelta(hours=self.rules["no_pickup_hours"])
        later.moments.append(wanted)
        spoken = any(c.side == "labels" and c.ends_at >= order.paid_at for c in self.world.coverage)
        if self.at >= wanted and not spoken:
            later.lack("sync", "labels")

    # --- the platform has numbers

    def _shipped(self, order: OrderSides, later: Later) -> Iterator[Trouble]:
        if order.status not in SHIPPED or not order.waybills:
            return
        printed = {label.number: label for label in order.good_labels}
        unmatched = {n: label for n, label in printed.items() if n not in order.waybills}
        for number, courier in order.waybills.items():
            if number in printed:
                yield from self._matched(order, number, courier, printed[number], later)
            elif trouble := self._mismatch(order, number, unmatched):
                yield trouble
            elif not printed:
                yield from self._without_label(order, number, courier, later)
        if unmatched and all(number in printed for number in order.waybills):
            for label in unmatched.values():
                yield Trouble(
                    Code.SPLIT_ONE_MISSING,
                    Cause.MANUAL_ENTRY,
                    label.number,
                    self._evidence(order, label=label, number=label.number),
                )

    def _mismatch(self, order: OrderSides, number: str, unmatched: dict[str, Print]) -> Trouble | None:
        """Why the platform's number is none of the order's labels; None when no label says otherwise."""
        if not unmatched:
            return None
        other, code = self._other_holder(order, number, unmatched)
        label = next(iter(unmatched.values()))
        if number in order.replaced_numbers:
            other, code = "", Code.REPRINT_NOT_WRITTEN_BACK
        if code is None:
            found = next(((m, c) for m in unmatched.values() if (c := slip(number, m.number))), None)
            label, code = found or (label, Code.REPRINT_NOT_WRITTEN_BACK)
        evidence = self._evidence(order, label=label, number=number)
        if other:
            evidence["other_order"] = other
        loss = self.rules.loss("loss_false", order.amount_cents)
        return Trouble(code, Cause.MANUAL_ENTRY, number, evidence, None, loss)

    def _other_holder(self, order: OrderSides, number: str, unmatched: dict[str, Print]) -> tuple[str, str | None]:
        """The order whose parcel the number really is: swapped if it has one of ours, else a duplicate."""
        owners = {name for p in self.world.prints.get(number, ()) if not p.is_void for name in p.orders}
        for mine in unmatched:
            for _pk, name, _receiver in self.world.holders.get(mine, ()):
                if name != order.number and name in owners:
                    return name, Code.SWAPPED_LABELS
        for _pk, name, _receiver in self.world.holders.get(number, ()):
            if name != order.number and name in owners:
                return name, Code.DUPLICATE_WAYBILL
        return "", None

    def _without_label(self, order: OrderSides, number: str, courier: str, later: Later) -> Iterator[Trouble]:
        """No label of this order is known: the platform's number is compared with the other orders and the courier. Of
        two orders with one number either may be wrong, and both are told, until the parcel arrives where one of them
        wants it."""
        is_over = order.status == Order.Status.DONE or any(e.status in ENDED for e in self._recorded(number))
        if not is_over and not self._speaks("labels", courier, order.shipped_at or order.paid_at):
            later.lack("match", "labels")
        arrived = self._arrived(number)
        for _pk, name, receiver in self.world.holders.get(number, ()):
            if name != order.number and same_receiver(receiver, order.receiver) is False:
                if arrived and same_place(arrived, order.city) and not same_place(arrived, receiver[2]):
                    break
                evidence = {**self._evidence(order, number=number), "other_order": name}
                loss = self.rules.loss("loss_false", order.amount_cents)
                yield Trouble(Code.DUPLICATE_WAYBILL, Cause.MANUAL_ENTRY, number, evidence, None, loss)
                return
        fault = None if self.world.events.get(number) else self.shapes.fault(number, courier)
        if fault:
            evidence = {**self._evidence(order, number=number), "pattern": self.shapes.patterns.get(courier, "")}
            loss = self.rules.loss("loss_false", order.amount_cents)
            yield Trouble(fault, Cause.MANUAL_ENTRY, number, evidence, None, loss)
            return
        yield from self._tracking(order, number, courier, order.shipped_at, None, later)

    def _matched(self, order: OrderSides, number: str, courier: str, label: Print, later: Later) -> Iterator[Trouble]:
        if are_different(courier, label.courier):
            evidence = self._evidence(order, label=label, number=number)
            yield Trouble(Code.WRONG_COURIER, Cause.MANUAL_ENTRY, number, evidence)
            return
        yield from self._tracking(order, number, courier, order.shipped_at or label.printed_at, label, later)

    # --- the courier's side

    def _tracking(
        self,
        order: OrderSides,
        number: str,
        courier: str,
        uploaded_at: datetime | None,
        label: Print | None,
        later: Later,
    ) -> Iterator[Trouble]:
        events = self._recorded(number)
        evidence = self._evidence(order, label=label, number=number)
        told = [event for event in self.world.events.get(number, ()) if event.status == "UNKNOWN"]
        if not events:
            if order.status == Order.Status.DONE:
                return
            if told:  # a state that nobody has explained may be the pickup
                later.lack("pickup", "tracking", courier)
                return
            if uploaded_at is None:  # neither the report nor a label says since when
                later.lack("pickup", "orders")
                return
            limit = uploaded_at + timedelta(hours=self.rules["no_pickup_hours"])
            if self._is_silent("pickup", courier, uploaded_at, limit, later):
                loss = self.rules.loss("loss_false", order.amount_cents)
                yield Trouble(Code.NO_PICKUP_24H, Cause.COURIER, number, evidence, limit, loss)
            return
        first, last = events[0], max([*events, *told], key=lambda event: event.at)
        abnormal = self.rules.loss("loss_abnormal", order.amount_cents)
        if order.paid_at and first.at < order.paid_at and not first.is_latest_only:
            yield Trouble(Code.PICKUP_BEFORE_PAYMENT, Cause.COURIER, number, evidence, None, abnormal)
            return
        arrived = self._arrived(number)
        if is_elsewhere(arrived, order.city):
            yield Trouble(Code.COURIER_WRONG_CITY, Cause.COURIER, number, evidence, None, abnormal)
            return
        if last.status in ENDED or order.status == Order.Status.DONE:
            return
        limit = last.at + timedelta(hours=self._gap_hours(order, first, last))
        if self._is_silent("moving", courier, last.at, limit, later):
            loss = self.rules.loss("loss_stalled", order.amount_cents)
            yield Trouble(Code.TRACKING_STALLED, Cause.COURIER, number, evidence, limit, loss)

    def _is_silent(self, question: str, courier: str, since: datetime, limit: datetime, later: Later) -> bool:
        """Whether tracking that speaks for all the time between two moments has nothing of it."""
        later.moments.append(limit)
        until = self.world.covered_until("tracking", courier, since)
        if self.at >= limit and (until is None or until < limit):
            later.awaits_tracking = True
            later.lack(question, "tracking", courier)
        return until is not None and min(until, self.at) >= limit

    def _recorded(self, number: str) -> list[Event]:
        """The events that prove the courier has the parcel; “waiting for pickup” proves nothing, nor does a state that
        nobody has explained."""
        return [e for e in self.world.events.get(number, ()) if e.status not in ("ORDERED", "UNKNOWN")]

    def _arrived(self, number: str) -> str:
        """The city in which the courier delivers the parcel, as far as is known."""
        events = reversed(self.world.events.get(number, ()))
        return next((event.city for event in events if event.status in ARRIVED and event.city), "")

    def _gap_hours(self, order: OrderSides, first: Event, last: Event) -> int:
        """The longest silence that the rule allows after the last event."""
        if last.status == "PICKED_UP":
            return self.rules["stall_hours_after_pickup"]
        goal = short(order.province)
        if goal in self.rules["remote_provinces"]:
            return self.rules["stall_hours_remote"]
        origin = short(self.provinces.get(first.city, ""))
        groups = [[goal], *self.rules["near_groups"]]
        near = bool(goal) and not first.is_latest_only and any(origin in g and goal in g for g in groups)
        return self.rules["stall_hours_near" if near else "stall_hours_far"]

    def _evidence(self, order: OrderSides, *, label: Print | None = None, number: str = "") -> dict[str, Any]:
        """What each side says, in plain values that change only when a side does."""
        said: dict[str, Any] = {
            "platform": {
                "status": order.status,
                "refund": order.refund,
                "waybill": number if number in order.waybills else ", ".join(order.waybills),
                "courier": order.waybills.get(number, ""),
                "city": order.city,
                "paid_at": _spell(order.paid_at),
                "ship_by": _spell(order.ship_by),
            }
        }
        if label:
            said["warehouse"] = {
                "waybill": label.number,
                "courier": label.courier,
                "printed_by": label.printed_by,
                "printed_at": _spell(label.printed_at),
            }
        if events := self.world.events.get(number):
            said["courier"] = {
                "first_at": _spell(events[0].at),
                "last_at": _spell(events[-1].at),
                "status": events[-1].status,
                "city": next((e.city for e in reversed(events) if e.city), ""),
            }
        return said


def same_receiver(one: Receiver, other: Receiver) -> bool | None:
    """Whether two orders go to one receiver, by what is left of surname, telephone and city; None where so much is
    masked that it cannot be told."""
    (name, tail, city), (other_name, other_tail, other_city) = one, other
    if (name and other_name and name != other_name) or (tail and other_tail and tail != other_tail):
        return False
    if city and other_city and not same_place(city, other_city):
        return False
    return True if (name and name == other_name) or (tail and tail == other_tail) else None


def slip(typed: str, printed: str) -> str | None:
    """How a typed number differs from the printed one, when it is one slip of the hand; None when it is more."""
    if typed.replace("O", "0").replace("o", "0") == printed.replace("O", "0").replace("o", "0") and typed != printed:
        return Code.LETTER_O_FOR_ZERO
    if len(typed) == len(printed):
        places = [i for i, (a, b) in enumerate(zip(typed, printed, strict=True)) if a != b]
        if len(places) == 1:
            return Code.WRONG_DIGIT
        if len(places) == 2 and places[1] == places[0] + 1:
            first, second = places
            if typed[first] == printed[second] and typed[second] == printed[first]:
                return Code.TRANSPOSED_DIGITS
    if len(printed) == len(typed) + 1 and any(printed[:i] + printed[i + 1 :] == typed for i in range(len(printed))):
        return Code.MISSING_CHARACTER
    return None


def _spell(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
