"""The rules in force on a day: rows of orders.Rule first, then the file that ships with the product."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.clock import day_of
from kernel.errors import Refused
from orders.couriers import couriers
from orders.models import DeadlineMove, Rule
from orders.words import BENCH_ASKS
from people.selectors import shop_zones

FILE = Path(__file__).parent / "rules" / "platform.yaml"


class Unit(StrEnum):
    """How a rule's value is written: hours; {percent, least, most} with amounts in cents; provinces; groups of them;
    one of a few words; {courier: what its numbers look like}."""

    HOURS = "hours"
    LOSS = "loss"
    PLACES = "places"
    GROUPS = "groups"
    CHOICE = "choice"
    PATTERNS = "patterns"


UNITS: dict[str, Unit] = {
    "ship_by_hours": Unit.HOURS,
    "due_soon_hours": Unit.HOURS,
    "no_pickup_hours": Unit.HOURS,
    "stall_hours_after_pickup": Unit.HOURS,
    "stall_hours_near": Unit.HOURS,
    "stall_hours_far": Unit.HOURS,
    "stall_hours_remote": Unit.HOURS,
    "near_groups": Unit.GROUPS,
    "remote_provinces": Unit.PLACES,
    "loss_late": Unit.LOSS,
    "loss_false": Unit.LOSS,
    "loss_stalled": Unit.LOSS,
    "loss_abnormal": Unit.LOSS,
    "bench_asks": Unit.CHOICE,
    "courier_patterns": Unit.PATTERNS,
}
CHOICES: dict[str, dict[str, Promise]] = {"bench_asks": BENCH_ASKS}
MOST_HOURS, MOST_CENTS = 24 * 60, 10_000_000


class BadRule(Refused):
    sentence = _("This value does not fit the rule.")


def checked_value(key: str, value: Any) -> Any:
    """The value, if it fits its rule. Raises BadRule."""
    unit = UNITS.get(key)
    fits = {
        Unit.HOURS: lambda: type(value) is int and 1 <= value <= MOST_HOURS,
        Unit.LOSS: lambda: 0 <= value["percent"] <= 100 and 0 <= value["least"] <= value["most"] <= MOST_CENTS,
        Unit.PLACES: lambda: _are_places(value),
        Unit.GROUPS: lambda: isinstance(value, list) and all(map(_are_places, value)),
        Unit.CHOICE: lambda: value in CHOICES[key],
        Unit.PATTERNS: lambda: bool(value) and all(code in couriers() and is_pattern(p) for code, p in value.items()),
    }
    try:
        if unit is not None and fits[unit]():
            return value
    except (KeyError, TypeError, AttributeError):
        pass
    raise BadRule


def is_pattern(text: Any) -> bool:
    """A pattern of plain parts: no part of it can make matching take long."""
    if not isinstance(text, str) or not 0 < len(text) <= 200 or re.search(r"[*+]|\)[{?]|\\[^d]", text):
        return False
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _are_places(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) and 0 < len(name) <= 20 for name in value)


@cache
def _shipped_rules() -> tuple[tuple[str, date, Any], ...]:
    rows = yaml.safe_load(FILE.read_text("utf-8"))
    patterns = {code: courier.pattern for code, courier in couriers().items()}
    shipped = [(r["key"], r["starts_on"], r["value"]) for r in rows]
    return tuple(sorted([*shipped, ("courier_patterns", date(2020, 1, 1), patterns)], key=lambda r: r[1]))


@dataclass(frozen=True)
class Said:
    """One value of a rule: since when, for one shop or for all, and who says so."""

    value: Any
    starts_on: date
    source: str
    shop_id: int | None = None
    row: Rule | None = None


def everything_said(shop_ids: Iterable[int]) -> dict[str, list[Said]]:
    """Of each rule all that was ever said, for all shops or these, the latest first; what ships with the product last.
    One query."""
    found: dict[str, list[Said]] = {key: [] for key in UNITS}
    rows = Rule.objects.filter(Q(shop__in=list(shop_ids)) | Q(shop=None), key__in=UNITS)
    for row in rows.select_related("shop", "saved_by").order_by("-starts_on", "shop", "-id"):
        found[row.key].append(Said(row.value, row.starts_on, row.source, row.shop_id, row))
    for key, starts_on, value in reversed(_shipped_rules()):
        found[key].append(Said(value, starts_on, ""))
    return found


@dataclass(frozen=True)
class Rules:
    """Every rule of one shop on one day."""

    values: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def loss(self, key: str, amount_cents: int) -> int:
        """The estimated cost of a breach in cents: a share of the order between a least and a most."""
        rule = self.values[key]
        return int(min(max(amount_cents * rule["percent"] // 100, rule["least"]), rule["most"]))


def rules_of(shop_id: int, day: date) -> Rules:
    """The rules of a shop on a day: the shop's own before the common ones, the latest start before earlier ones."""
    values = {key: value for key, start, value in _shipped_rules() if start <= day}
    rows = Rule.objects.filter(Q(shop=shop_id) | Q(shop=None), starts_on__lte=day)
    ordered = sorted(rows, key=lambda r: (r.shop_id is not None, r.starts_on))
    values.update({rule.key: rule.value for rule in ordered})
    return Rules(values)


@dataclass
class Deadlines:
    """When the orders of a shop have to be shipped: what the platform says, else payment plus the promise of the day of
    payment; later where the platform moved it for the time in which they were paid."""

    shop_id: int

    def __post_init__(self) -> None:
        self._hours: dict[date, int] = {}

    @cached_property
    def zone(self) -> str:
        return shop_zones([self.shop_id])[self.shop_id]

    @cached_property
    def moves(self) -> list[DeadlineMove]:
        rows = DeadlineMove.objects.filter(Q(shop=self.shop_id) | Q(shop=None), withdrawn_at=None)
        return list(rows.order_by("ship_by"))

    def of(self, said: datetime | None, paid_at: datetime | None) -> tuple[datetime | None, str]:
        """(deadline, whence): platform, rule, moved, or "" where none is known."""
        deadline, source = said, "platform" if said else ""
        if deadline is None and paid_at:
            deadline, source = paid_at + timedelta(hours=self._promise(paid_at)), "rule"
        for move in self.moves:
            if paid_at and deadline and move.paid_from <= paid_at <= move.paid_until and deadline < move.ship_by:
                deadline, source = move.ship_by, "moved"
        return deadline, source

    def _promise(self, paid_at: datetime) -> int:
        day = day_of(paid_at, self.zone)
        if day not in self._hours:
            self._hours[day] = rules_of(self.shop_id, day)["ship_by_hours"]
        return self._hours[day]
