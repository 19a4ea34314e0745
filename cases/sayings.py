"""What to say to courier, platform and buyer about a case, and whom to call."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml
from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.models import Case, ContactLog, CourierStation, SayingText
from orders.couriers import courier_name
from orders.models import Finding, Waybill
from people.models import Role
from people.scope import Scope

FILE = Path(__file__).parent / "sayings.yaml"
Whom = ContactLog.Whom
PLACEHOLDERS = {  # as the words are kept → as whoever reads and writes them in Chinese has it
    "waybills": "单号",
    "orders": "订单",
    "n": "个数",
    "courier": "快递",
    "shop": "店铺",
    "city": "城市",
    "case": "异常单",
}


@dataclass(frozen=True, order=True)
class Slot:
    """What some words are for: a side, a kind of case ("" fits every kind), a cause ("" fits every cause)."""

    whom: str
    kind: str
    cause: str

    @property
    def label(self) -> str:
        kind = str(Case.Kind(self.kind).label) if self.kind else _("every kind")
        return f"{kind} · {Case.Cause(self.cause).label}" if self.cause else kind

    @property
    def precision(self) -> tuple[bool, bool]:
        return bool(self.kind), bool(self.cause)


@cache
def shipped_words() -> dict[Slot, str]:
    rows = yaml.safe_load(FILE.read_text("utf-8"))
    return {Slot(row["whom"], row["kind"], row.get("cause", "")): row["text"] for row in rows}


@dataclass(frozen=True)
class Words:
    """The words in force for a slot, and the row that says them; None: they ship with the product."""

    slot: Slot
    text: str
    row: SayingText | None = None

    @property
    def shown(self) -> str:
        """With the placeholders named in the active language."""
        in_chinese = (get_language() or "").startswith("zh")
        return _renamed(self.text, PLACEHOLDERS) if in_chinese else self.text


def words_of(shop_id: int | None) -> dict[Slot, Words]:
    """The words in force for a shop: its own, else those for all, else the shipped ones. One query."""
    found = {slot: Words(slot, text) for slot, text in shipped_words().items()}
    rows = SayingText.objects.filter(Q(shop=shop_id) | Q(shop=None)).select_related("saved_by", "shop")
    latest: dict[tuple[Slot, bool], SayingText] = {}
    for row in rows.order_by("id"):
        latest[Slot(row.whom, row.kind, row.cause), row.shop_id is not None] = row
    for is_own in (False, True):
        for (slot, own), row in latest.items():
            if own == is_own and row.text:
                found[slot] = Words(slot, row.text, row)
    return found


def meant(text: str) -> str:
    """The words as they are kept, whichever language the placeholders were typed in."""
    return _renamed(text, {chinese: name for name, chinese in PLACEHOLDERS.items()})


def _renamed(text: str, names: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: f"{{{names.get(found[1], found[1])}}}", text)


def unknown_placeholders(text: str) -> list[str]:
    """Names in braces that stand for nothing; a brace that is never closed counts as one."""
    try:
        parts = [(name, spec, way) for _text, name, spec, way in Formatter().parse(text) if name is not None]
    except ValueError:
        return ["{"]
    return [name for name, spec, conversion in parts if name not in PLACEHOLDERS or spec or conversion]


@dataclass(frozen=True)
class Saying:
    """Words to one side, filled with the case's facts."""

    whom: str
    label: str
    text: str


@dataclass(frozen=True)
class ToSay:
    stations: list[CourierStation]
    sayings: list[Saying]
    courier: str  # "" where nobody knows it


def to_say(case: Case) -> ToSay:
    """Whom to call about a case and what to say, in Chinese: those who are spoken to speak it. Three queries."""
    courier, facts = _facts(case)
    stations = CourierStation.objects.filter(site=case.shop.site_id, courier=courier, is_active=True).order_by("name")
    words = words_of(case.shop_id).values()
    found = [(whom, filled(_fitting(words, whom, case), facts)) for whom in (Whom.COURIER, Whom.BUYER, Whom.PLATFORM)]
    return ToSay(
        stations=list(stations) if courier else [],
        sayings=[Saying(whom, str(whom.label), text) for whom, text in found if text],
        courier=courier_name(courier) if courier else "",
    )


def _facts(case: Case) -> tuple[str, dict[str, str]]:
    """(courier's code, what each of the PLACEHOLDERS stands for)."""
    ids = case.findings.values_list("finding_id", flat=True)
    findings = list(Finding.objects.filter(pk__in=list(ids), shop=case.shop_id).select_related("order"))
    waybills = [w.number for w in case.waybills.all()]
    courier = _courier_of(case, findings, waybills)
    facts = {
        "waybills": "\n".join(waybills),
        "orders": "、".join(o.number for o in case.orders.all()),
        "n": str(len(waybills)),
        "courier": courier_name(courier),
        "shop": case.shop.name,
        "city": next((f.order.city for f in findings if f.order.city), ""),
        "case": case.number,
    }
    return courier, facts


def example_of(scope: Scope, kind: str, text: str) -> str:
    """How the words would read in the newest case of the kind that the viewer sees; "" where there is none."""
    rows = Case.objects.filter(scope.at_shops(), **({"kind": kind} if kind else {})).select_related("shop__site")
    case = rows.order_by("-opened_at").first()
    text = meant(text)
    return filled(text, _facts(case)[1]) if case and not unknown_placeholders(text) else ""


def _courier_of(case: Case, findings: list[Finding], waybills: list[str]) -> str:
    named = Counter(finding.courier for finding in findings if finding.courier)
    if not named:
        rows = Waybill.objects.filter(number__in=waybills, order__shop=case.shop_id)
        named = Counter(courier for courier in rows.values_list("courier", flat=True) if courier)
    return named.most_common(1)[0][0] if named else ""


def _fitting(words: Iterable[Words], whom: str, case: Case) -> str:
    """The most precise words for this side, kind and cause."""
    fitting = [
        each
        for each in words
        if each.slot.whom == whom and each.slot.kind in (case.kind, "") and each.slot.cause in (case.cause, "")
    ]
    return max(fitting, key=lambda each: each.slot.precision).text if fitting else ""


def filled(text: str, facts: dict[str, str]) -> str:
    """The words with the case's facts; a line whose fact is not known is left out."""
    lacking = [f"{{{name}}}" for name, value in facts.items() if not value]
    kept = [line for line in text.split("\n") if not any(name in line for name in lacking)]
    return "\n".join(line.format(**facts) for line in kept)


def stations_of(scope: Scope, **wish: Any) -> QuerySet[CourierStation]:
    """The address book of the viewer's sites, those in use first."""
    rows = CourierStation.objects.filter(scope.at_sites("site", Role.EMPLOYEE), **wish)
    return rows.select_related("site", "saved_by").order_by("-is_active", "site__name", "courier", "name")
