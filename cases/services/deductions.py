"""Deductions: proposed with evidence after hearing the person, decided by a second one, open to appeal.

Never automatic, never without the person's statement, never for what they reported themselves.
"""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from cases.models import Appeal, Case, Deduction, PointEntry, PointRule, RuleAcknowledgement, Statement
from cases.months import month_of, month_span
from cases.services.point_rules import rules_on, seal_points, shipped
from cases.services.points import SecondPerson, counter_entry, enter_points, reported_it
from kernel import clock
from kernel.errors import Conflict, Refused
from kernel.presence import present
from kernel.text import Bilingual
from notifications.services import send_notice
from people.actor import Actor
from people.models import Employee, Role
from people.selectors import managers_of

Kind = PointRule.Kind


class NotDeductible(Refused):
    """Says which condition of a deduction is not met."""


def deduction_rule(case: Case) -> PointRule | None:
    """The rule in force when the case was opened that its cause falls under."""
    day = clock.day_of(case.opened_at, case.shop.site.zone)
    return rules_on(day, case.shop_id).filter(kind=Kind.DEDUCTION, cause=case.cause).first() if case.cause else None


def check_deductible(case: Case) -> tuple[PointRule, Statement]:
    """The rule and the person's statement on which a deduction for this case would rest. Raises NotDeductible."""
    person = case.responsible
    if person is None:
        raise NotDeductible(_("Nobody is named responsible."))
    rule = deduction_rule(case)
    if rule is None:
        raise NotDeductible(_("No rule of deductions was in force for this cause when it happened."))
    known = RuleAcknowledgement.objects.filter(rule=rule, employee=person).first()
    if known is None or known.at > case.opened_at:
        raise NotDeductible(_("%(name)s had not acknowledged the rule when it happened.") % {"name": person.name})
    if reported_it(case, person) or case.opened_by_id == person.pk:
        raise NotDeductible(_("%(name)s reported it: that is never held against them.") % {"name": person.name})
    statement = Statement.objects.filter(case=case, employee=person).order_by("-at").first()
    if statement is None:
        raise NotDeductible(_("%(name)s has not been heard.") % {"name": person.name})
    if Deduction.objects.filter(case=case, employee=person).exclude(is_approved=False).exists():
        raise NotDeductible(_("A deduction is proposed or made already."))
    return rule, statement


@transaction.atomic
def propose_deduction(*, case: Case, evidence: str, actor: Actor, client_id: uuid.UUID) -> Deduction:
    """A lead proposes what the rule says for the person responsible; a second person decides. Once per client_id."""
    actor.require(Role.LEAD, shop_id=case.shop_id)
    row = Case.objects.select_for_update(of=("self",)).select_related("shop__site", "responsible").get(pk=case.pk)
    if known := Deduction.objects.filter(client_id=client_id).first():
        if (known.case_id, known.evidence) != (row.pk, evidence.strip()):
            raise Conflict
        return known
    rule, statement = check_deductible(row)
    if row.responsible_id == actor.person.pk:
        raise SecondPerson
    if not evidence.strip():
        raise Refused(_("Say what proves it."))
    made = Deduction.objects.create(
        case=row,
        employee=present(row.responsible),
        rule=rule,
        statement=statement,
        evidence=evidence.strip(),
        points=rule.points,
        proposed_by=actor.person,
        proposed_at=clock.now(),
        client_id=client_id,
    )
    seal_points(row.shop_id, "deduction.proposed", actor, _ref(made), {"case": row.number, "points": made.points})
    title = {"zh": f"扣分待复核 · {row.number}", "en": f"A deduction waits for approval · {row.number}"}
    _tell(
        f"{_ref(made)}:proposed",
        _deciders(row, made.proposed_by_id, made.employee_id),
        title,
        "/cases/points/decisions/",
    )
    return made


@transaction.atomic
def decide_deduction(*, deduction: Deduction, is_approved: bool, reason: str, actor: Actor) -> Deduction:
    """A second person approves or refuses. Approved, it counts, may be appealed against for seven days, and never
    takes more than the month allows. The same word again changes nothing."""
    actor.require(Role.MANAGER, shop_id=deduction.case.shop_id)
    row = _locked(deduction)
    if actor.person.pk in (row.proposed_by_id, row.employee_id):
        raise SecondPerson
    if row.is_approved is not None:
        if row.is_approved != is_approved:
            raise Conflict(_("Somebody else has decided this already."))
        return row
    now, reason = clock.now(), reason.strip()
    if not is_approved and not reason:
        raise Refused(_("Say why it is refused."))
    row.is_approved, row.decided_by, row.decided_at, row.reason = is_approved, actor.person, now, reason
    if is_approved:
        Employee.objects.select_for_update(of=("self",)).get(pk=row.employee_id)  # two at once must not pass the cap
        if row.case.responsible_id != row.employee_id:
            raise NotDeductible(_("%(name)s is not named responsible any more.") % {"name": row.employee.name})
        if reported_it(row.case, row.employee):
            raise NotDeductible(
                _("%(name)s reported it: that is never held against them.") % {"name": row.employee.name}
            )
        left = left_this_month(row, now)
        if row.points > left:
            raise Refused(_("The month allows %(n)d more points for this person.") % {"n": max(0, left)})
        row.appeal_until = now + timedelta(days=shipped()["appeal_days"])
        row.entry = enter_points(
            row.case, row.employee, _ref(row), kind=PointEntry.Kind.DEDUCTION, points=-row.points, actor=actor
        )
    row.save()
    word = "approved" if is_approved else "refused"
    seal_points(row.case.shop_id, f"deduction.{word}", actor, _ref(row), {"case": row.case.number})
    if is_approved:
        title = {
            "zh": f"积分 −{row.points} · {row.case.number} · 7 天内可申诉",
            "en": f"Points −{row.points} · {row.case.number} · appeal within 7 days",
        }
        _tell(f"{_ref(row)}:approved", [row.employee], title, "/cases/points/")
    return row


def left_this_month(deduction: Deduction, now: datetime) -> int:
    """Points that deductions may still take from the person in this month, by the rule's cap; countered ones count
    no more."""
    zone = deduction.case.shop.site.zone
    taken = PointEntry.objects.filter(
        employee=deduction.employee_id,
        kind=PointEntry.Kind.DEDUCTION,
        reversed_by=None,
        at__range=month_span(month_of(now, zone), zone),
    )
    return (deduction.rule.monthly_cap or 0) + (taken.aggregate(n=Sum("points"))["n"] or 0)


@transaction.atomic
def appeal_deduction(*, deduction: Deduction, text: str, actor: Actor, client_id: uuid.UUID) -> Appeal:
    """The person says why a deduction is not right, within its days. Once."""
    row = _locked(deduction)
    actor.require_self(row.employee_id)
    known = Appeal.objects.filter(deduction=row).first()
    if known:
        if known.client_id != client_id:
            raise Conflict(_("You have appealed already."))
        return known
    if row.appeal_until is None or clock.now() > row.appeal_until:
        raise Refused(_("The time to appeal is over."))
    if not text.strip():
        raise Refused(_("Say why it is not right."))
    appeal = Appeal.objects.create(deduction=row, text=text.strip(), at=clock.now(), client_id=client_id)
    seal_points(row.case.shop_id, "deduction.appealed", actor, _ref(row), {"case": row.case.number})
    title = {"zh": f"申诉待处理 · {row.case.number}", "en": f"An appeal waits · {row.case.number}"}
    involved = (row.proposed_by_id, row.decided_by_id, row.employee_id)
    _tell(f"{_ref(row)}:appealed", _deciders(row.case, *involved), title, "/cases/points/decisions/")
    return appeal


@transaction.atomic
def decide_appeal(*, appeal: Appeal, is_upheld: bool, reason: str, actor: Actor) -> Appeal:
    """Somebody who had no part in it decides; upheld, a counter-entry gives the points back."""
    deduction = _locked(appeal.deduction)
    actor.require(Role.MANAGER, shop_id=deduction.case.shop_id)
    row = Appeal.objects.select_for_update(of=("self",)).get(pk=appeal.pk)
    if actor.person.pk in (deduction.proposed_by_id, deduction.decided_by_id, deduction.employee_id):
        raise SecondPerson
    if row.is_upheld is not None:
        if row.is_upheld != is_upheld:
            raise Conflict(_("Somebody else has decided this already."))
        return row
    if not reason.strip():
        raise Refused(_("Say why."))
    row.is_upheld, row.decided_by, row.decided_at, row.reason = is_upheld, actor.person, clock.now(), reason.strip()
    row.save()
    word = "upheld" if is_upheld else "rejected"
    seal_points(deduction.case.shop_id, f"appeal.{word}", actor, _ref(deduction), {"case": deduction.case.number})
    if is_upheld and deduction.entry:
        counter_entry(deduction.entry, actor, row.reason)
    titles = {
        True: {
            "zh": f"申诉成立，积分已退回 · {deduction.case.number}",
            "en": f"Appeal upheld, points returned · {deduction.case.number}",
        },
        False: {"zh": f"申诉未成立 · {deduction.case.number}", "en": f"Appeal rejected · {deduction.case.number}"},
    }
    _tell(f"{_ref(deduction)}:{word}", [deduction.employee], titles[is_upheld], "/cases/points/")
    return row


def _locked(deduction: Deduction) -> Deduction:
    rows = Deduction.objects.select_for_update(of=("self",))
    return rows.select_related("case__shop__site", "employee", "rule", "entry__case").get(pk=deduction.pk)


def _deciders(case: Case, *involved: int | None) -> list[Employee]:
    """Managers who had no part in it; where there are none, administrators."""
    free = [person for person in managers_of(case.shop.site_id, clock.now()) if person.pk not in involved]
    return free or list(
        Employee.objects.filter(is_administrator=True, is_active=True).exclude(pk__in=[pk for pk in involved if pk])
    )


def _ref(deduction: Deduction) -> str:
    return f"deduction:{deduction.pk}"


def _tell(key: str, people: list[Employee], title: Bilingual, path: str) -> None:
    send_notice(key=key, recipients=people, title=title, path=path)
