"""Rules as their pages show them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel.text import labelled, listed
from orders.couriers import courier_name
from orders.models import DeadlineMove
from orders.pattern_words import pattern_words
from orders.ruling import CHOICES, UNITS, Said, Unit, everything_said
from orders.words import RULES
from people.models import Role
from people.scope import Scope


@dataclass(frozen=True)
class Line:
    """One value of a rule, in words."""

    said: Said
    words: str


@dataclass(frozen=True)
class RuleNow:
    key: str
    name: Promise
    common: Line
    own: list[Line]  # of shops that have one of their own
    coming: list[Line]


def current_rules(scope: Scope, day: date) -> list[RuleNow]:
    """Every rule: what counts today for all, for single shops, and what is said for later."""
    found = []
    for key, said in everything_said(scope.shop_ids(Role.MANAGER)).items():
        lines = [Line(each, in_words(key, each.value)) for each in said]
        begun = [line for line in lines if line.said.starts_on <= day]
        own: dict[int, Line] = {}
        for line in begun:
            if line.said.shop_id:
                own.setdefault(line.said.shop_id, line)
        found.append(
            RuleNow(
                key=key,
                name=RULES[key],
                common=next(line for line in begun if line.said.shop_id is None),
                own=list(own.values()),
                coming=[line for line in lines if line.said.starts_on > day],
            )
        )
    return found


def history_of(scope: Scope, key: str) -> list[Line]:
    said = everything_said(scope.shop_ids(Role.MANAGER))[key]
    return [Line(each, in_words(key, each.value)) for each in said]


def in_words(key: str, value: Any) -> str:
    unit = UNITS[key]
    if unit == Unit.CHOICE:
        return str(CHOICES[key][value])
    if unit == Unit.PATTERNS:
        return _("; ").join(labelled(courier_name(code), pattern_words(pattern)) for code, pattern in value.items())
    if unit == Unit.HOURS:
        return ngettext("%(n)d hour", "%(n)d hours", value) % {"n": value}
    if unit == Unit.LOSS:
        numbers = {"percent": value["percent"], "least": value["least"] / 100, "most": value["most"] / 100}
        return _("%(percent)d %% of the order, ¥%(least)g to ¥%(most)g") % numbers
    return _("; ").join(listed(group) for group in value) if unit == Unit.GROUPS else listed(value)


def visible_moves(scope: Scope) -> QuerySet[DeadlineMove]:
    """Moved deadlines, the latest first."""
    seen = Q(scope.at_shops("shop", Role.MANAGER)) | Q(shop=None)
    return DeadlineMove.objects.filter(seen).select_related("shop", "saved_by").order_by("-saved_at")[:50]
