"""Feedback points: rewards from facts, entries that nobody changes, counter-entries, the month's statement."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Case, PointEntry, PointRule, Responsibility, Statement
from cases.months import month_of, month_span
from cases.services.point_rules import rules_on, shipped
from kernel import clock
from kernel.errors import Refused
from notifications.services import send_notice
from people.actor import Actor
from people.models import Employee, Role
from records.models import Fact
from records.services import append_entry, chain_name

Kind, Occasion = PointRule.Kind, PointRule.Occasion


class SecondPerson(Refused):
    sentence = _("Somebody else decides this: not the person, not whoever proposed or approved it.")


def reward_points(fact: Fact) -> None:
    """The reaction to a closed case: points for whoever caught a mismatch while the parcel was in their hands, and for
    whoever reported their own error. Once per case, occasion and person, however often it is closed."""
    case = Case.objects.select_related("shop__site", "opened_by", "responsible").get(pk=fact.subject_id)
    for person, occasion in earned(case):
        _reward(case, person, occasion)


def earned(case: Case) -> list[tuple[Employee, str]]:
    """Who has earned what by a case, as it stands."""
    if case.closed_at is None or case.resolution == Case.Resolution.NO_FAULT:
        return []
    found: list[tuple[Employee, str]] = []
    in_hand = case.source == Case.Source.BENCH and case.kind in (Case.Kind.MISMATCH, Case.Kind.WRONG_GOODS)
    if in_hand and case.opened_by_id != case.responsible_id:
        found.append((case.opened_by, Occasion.CAUGHT))
    if case.responsible and reported_it(case, case.responsible):
        found.append((case.responsible, Occasion.OWN_REPORT))
    return found


def reported_it(case: Case, employee: Employee) -> bool:
    """Whether the person themselves made the error known, before anybody named them."""
    own = Statement.objects.filter(case=case, employee=employee, is_own_report=True)
    named = Responsibility.objects.filter(case=case, employee=employee).order_by("at").first()
    return (own.filter(at__lte=named.at) if named else own).exists()


@transaction.atomic
def _reward(case: Case, employee: Employee, occasion: str) -> None:
    day = clock.day_of(case.closed_at or clock.now(), case.shop.site.zone)
    rule = rules_on(day, case.shop_id).filter(kind=Kind.REWARD, occasion=occasion).first()
    points = rule.points if rule else shipped()["rewards"][occasion]
    key = f"case:{case.pk}:{occasion}:{employee.pk}"
    if not points or PointEntry.objects.filter(key=key).exists():
        return
    given = {"kind": PointEntry.Kind.REWARD, "points": points, "occasion": occasion}
    enter_points(case, employee, key, actor=Actor.system("rule"), **given)
    title = {"zh": f"积分 +{points} · {case.number}", "en": f"Points +{points} · {case.number}"}
    send_notice(key=f"points:{key}", recipients=[employee], title=title, path="/cases/points/")


@transaction.atomic
def counter_points(*, entry: PointEntry, reason: str, actor: Actor) -> PointEntry:
    """Takes a reward or deduction back by an entry against it; what was stays readable. Once."""
    actor.require(Role.MANAGER, shop_id=entry.shop_id)
    if entry.employee_id == actor.person.pk:
        raise SecondPerson
    if entry.kind == PointEntry.Kind.COUNTER:
        raise Refused(_("A counter-entry is not countered."))
    if not reason.strip():
        raise Refused(_("Say why."))
    if entry.kind == PointEntry.Kind.REWARD and (entry.employee, entry.occasion) in earned(entry.case):
        raise Refused(_("The case still earns it: taking it away would be a deduction."))
    return counter_entry(entry, actor, reason.strip())


def counter_entry(entry: PointEntry, actor: Actor, note: str) -> PointEntry:
    if known := PointEntry.objects.filter(reverses=entry).first():
        return known
    more = {"kind": PointEntry.Kind.COUNTER, "points": -entry.points, "note": note, "reverses": entry}
    return enter_points(entry.case, entry.employee, f"counter:{entry.pk}", actor=actor, **more)


def enter_points(case: Case, employee: Employee, key: str, *, actor: Actor, **more: Any) -> PointEntry:
    entry = PointEntry.objects.create(
        key=key, employee=employee, shop_id=case.shop_id, case=case, by=actor.employee, at=clock.now(), **more
    )
    payload = {"points": entry.points, "kind": entry.kind, "case": case.number}
    append_entry(
        chain=chain_name(shop_id=case.shop_id),
        kind="points.entered",
        actor=actor.ref,
        subject=employee.ref,
        payload=payload,
    )
    return entry


def send_statements(now: datetime) -> int:
    """A step of the tick: in the first three days of a month everybody with entries in the last one is told that their
    statement is there. Once each."""
    zone = clock.company_zone()
    today = clock.day_of(now, zone)
    if today.day > 3:
        return 0
    last = month_of(now - timedelta(days=today.day + 1), zone)
    moved = PointEntry.objects.filter(at__range=month_span(last, zone)).values("employee")
    people = Employee.objects.filter(pk__in=moved, is_active=True)
    title = {"zh": f"{last:%Y-%m} 积分月报", "en": f"Points in {last:%Y-%m}"}
    return send_notice(
        key=f"points:{last:%Y-%m}", recipients=people, title=title, path=f"/cases/points/?month={last:%Y-%m}"
    )
