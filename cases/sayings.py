"""What to say to courier, platform and buyer about a case, and whom to call."""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db.models import QuerySet

from cases.models import Case, ContactLog, CourierStation
from orders.couriers import courier_name
from orders.models import Finding, Waybill
from people.models import Role
from people.scope import Scope

FILE = Path(__file__).parent / "sayings.yaml"
Whom = ContactLog.Whom


@cache
def _sayings() -> tuple[dict[str, str], ...]:
    return tuple(yaml.safe_load(FILE.read_text("utf-8")))


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


def to_say(case: Case) -> ToSay:
    """Whom to call about a case and what to say, in Chinese: those who are spoken to speak it. Three queries."""
    ids = case.findings.values_list("finding_id", flat=True)
    findings = list(Finding.objects.filter(pk__in=list(ids), shop=case.shop_id).select_related("order"))
    waybills = [w.number for w in case.waybills.all()]
    courier = _courier_of(case, findings, waybills)
    stations = CourierStation.objects.filter(site=case.shop.site_id, courier=courier, is_active=True).order_by("name")
    facts = {
        "waybills": "\n".join(waybills),
        "orders": "、".join(o.number for o in case.orders.all()),
        "n": str(len(waybills)),
        "courier": courier_name(courier),
        "shop": case.shop.name,
        "city": next((f.order.city for f in findings if f.order.city), ""),
        "case": case.number,
    }
    found = [(whom, _text(whom, case, facts)) for whom in (Whom.COURIER, Whom.BUYER, Whom.PLATFORM)]
    return ToSay(
        stations=list(stations) if courier else [],
        sayings=[Saying(whom, str(whom.label), text) for whom, text in found if text],
    )


def _courier_of(case: Case, findings: list[Finding], waybills: list[str]) -> str:
    named = Counter(finding.courier for finding in findings if finding.courier)
    if not named:
        rows = Waybill.objects.filter(number__in=waybills, order__shop=case.shop_id)
        named = Counter(courier for courier in rows.values_list("courier", flat=True) if courier)
    return named.most_common(1)[0][0] if named else ""


def _text(whom: str, case: Case, facts: dict[str, str]) -> str:
    fitting = [
        row["text"]
        for row in _sayings()
        if row["whom"] == whom and row["kind"] in (case.kind, "") and row.get("cause", case.cause) == case.cause
    ]
    lines = fitting[0].split("\n") if fitting else []
    lacking = [f"{{{name}}}" for name, value in facts.items() if not value]
    kept = [line for line in lines if not any(name in line for name in lacking)]
    return "\n".join(line.format(**facts) for line in kept)


def stations_of(scope: Scope, **wish: Any) -> QuerySet[CourierStation]:
    """The address book of the viewer's sites, those in use first."""
    rows = CourierStation.objects.filter(scope.at_sites("site", Role.EMPLOYEE), **wish)
    return rows.select_related("site", "saved_by").order_by("-is_active", "site__name", "courier", "name")
