"""Reads of the cases room, each in a fixed number of queries."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from cases.kinds import kind_of
from cases.models import Case, CaseEvent, CaseOrder, CaseWaybill, ContactLog, Deduction, Retraining, Statement
from cases.models.case import CaseQuerySet
from duties.selectors import Decision
from kernel import clock
from kernel.ids import read_id
from kernel.prepared import count_of
from orders.models import Finding
from people.models import Employee, Role
from people.scope import Scope
from people.selectors import working_at, working_for

ORDERINGS = {
    "due": ("due_at", "id"),
    "newest": ("-opened_at", "-id"),
    "number": ("id",),
}


def visible_cases(scope: Scope) -> CaseQuerySet:
    return Case.objects.filter(scope.at_shops())


def case_list(scope: Scope, wish: Mapping[str, Any]) -> QuerySet[Case]:
    """The cases of a viewer that a filter wishes for (see CaseFilter), with what a row shows."""
    rows = visible_cases(scope)
    status = wish.get("status") or "active"
    if status == "active":
        rows = rows.active()
    elif status == "unclosed":
        rows = rows.unclosed()
    elif status != "all":
        rows = rows.filter(status=status)
    for name in ("cause", "shop"):
        if wish.get(name):
            rows = rows.filter(**{name: wish[name]})
    if wish.get("refund"):
        rows = rows.filter(refund_condition=wish["refund"])
    owner = wish.get("owner")
    if owner:
        rows = rows.filter(duty__assignee={"me": scope.employee_id, "nobody": None}.get(owner, owner))
    if wish.get("overdue"):
        rows = rows.overdue(clock.now())
    if wish.get("q"):
        rows = rows.filter(_matches(wish["q"].strip()))
    numbers = [Prefetch(name) for name in ("orders", "waybills")]
    rows = rows.select_related("shop__site", "duty__assignee").prefetch_related(*numbers)
    return rows.order_by(*ORDERINGS[wish.get("sort") or "due"])


def _matches(text: str) -> Q:
    """By case number, order, waybill (any part of them) or a word of what happened."""
    here = OuterRef("pk")
    return (
        Q(number__icontains=text)
        | Q(note__icontains=text)
        | Exists(CaseOrder.objects.filter(case=here, number__icontains=text))
        | Exists(CaseWaybill.objects.filter(case=here, number__icontains=text))
    )


def owners_of(scope: Scope) -> QuerySet[Employee]:
    """Who owns a case that the viewer sees and that is not closed."""
    unclosed = visible_cases(scope).unclosed()
    return Employee.objects.filter(pk__in=unclosed.values("duty__assignee")).order_by("name")


def colleagues_of(case: Case) -> QuerySet[Employee]:
    """Who may be given a case: those who work for its shop, or at the site that serves it, today."""
    return working_at(case.shop.site_id, case.shop_id).order_by("name")


def colleagues_for(scope: Scope, case_ids: Iterable[int]) -> QuerySet[Employee]:
    """Who may be given at least one of these cases, as far as the viewer sees them."""
    rows = visible_cases(scope).filter(pk__in=list(case_ids)).values_list("shop__site", "shop")
    sites, shops = zip(*rows, strict=True) if rows else ((), ())
    return working_for(sites, shops)


def cases_of_numbers(scope: Scope, *, orders: Iterable[str] = (), waybills: Iterable[str] = ()) -> QuerySet[Case]:
    """The cases about some orders or waybills, newest first: what the look-up shows."""
    here = OuterRef("pk")
    return (
        visible_cases(scope)
        .filter(
            Exists(CaseOrder.objects.filter(case=here, number__in=list(orders)))
            | Exists(CaseWaybill.objects.filter(case=here, number__in=list(waybills)))
        )
        .select_related("shop", "duty__assignee")
        .order_by("-opened_at")
    )


def finding_words(scope: Scope, pk: Any) -> dict[str, Any]:
    """What a finding says already of the case that is opened for it; empty outside the viewer's scope."""
    rows = Finding.objects.filter(scope.at_shops()).select_related("order")
    finding = rows.filter(pk=read_id(pk) or 0).first()
    if finding is None:
        return {}
    return {
        "finding": finding.pk,
        "shop": finding.shop_id,
        "kind": kind_of(finding),
        "cause": finding.cause,
        "orders": finding.order.number,
        "waybills": finding.waybill,
        "note": finding.get_code_display().capitalize(),
    }


# --- what waits for a decision


def cases_to_close(scope: Scope) -> Decision | None:
    """Resolved cases, which a lead closes."""
    if not (n := count_of(_resolved, scope)):
        return None
    said = ngettext("%(n)d case is resolved: close it", "%(n)d cases are resolved: close them", n) % {"n": n}
    return Decision(said, f"{reverse('cases:case_list')}?status={Case.Status.RESOLVED}")


def _resolved(scope: Scope) -> QuerySet[Case]:
    return case_list(scope, {"status": Case.Status.RESOLVED})


def points_to_decide(scope: Scope) -> Decision | None:
    """Deductions and appeals that wait for a second person, whom the viewer is; in one statement."""
    if not (n := count_of(_points_waiting, scope)):
        return None
    said = ngettext("%(n)d deduction or appeal", "%(n)d deductions or appeals", n) % {"n": n}
    return Decision(said, reverse("cases:points_decisions"))


def _points_waiting(scope: Scope) -> QuerySet[Deduction]:
    me = scope.employee_id
    proposed, appealed = Q(is_approved=None), Q(appeal__isnull=False, appeal__is_upheld=None) & ~Q(decided_by=me)
    there = scope.at_shops("case__shop", Role.MANAGER, reading=False)
    return Deduction.objects.filter(there, proposed | appealed).exclude(proposed_by=me).exclude(employee=me)


# --- one case


@dataclass(frozen=True)
class Moment:
    """One line of a case's timeline: an event, or a contact."""

    at: datetime
    event: CaseEvent | None = None
    contact: ContactLog | None = None
    client_id: uuid.UUID = field(default_factory=uuid.uuid4)  # of the form that answers a promise


def timeline(case: Case) -> list[Moment]:
    """Events and contacts of a case, newest first; two queries."""
    events = case.events.select_related("by", "to")
    contacts = case.contacts.select_related("by", "duty__completed_by")
    moments = [Moment(e.at, event=e) for e in events] + [Moment(c.at, contact=c) for c in contacts]
    return sorted(moments, key=lambda m: m.at, reverse=True)


@dataclass(frozen=True)
class Hearing:
    """What was said about who is responsible, as far as the viewer may read it."""

    statements: list[Statement]
    hidden: int  # statements that are not the viewer's to read
    has_own: bool


def may_read_statement(statement: Statement, viewer: Employee, scope: Scope) -> bool:
    return statement.employee_id == viewer.pk or scope.acts(Role.LEAD, shop_id=statement.case.shop_id)


def hearing(case: Case, viewer: Employee, scope: Scope) -> Hearing:
    """One query. A statement is read by whoever made it and by leads of the shop."""
    rows = list(case.statements.select_related("employee", "written_by", "case").order_by("at"))
    shown = [row for row in rows if may_read_statement(row, viewer, scope)]
    return Hearing(shown, len(rows) - len(shown), any(row.employee_id == viewer.pk for row in rows))


def retrainings_of(case: Case, at: datetime) -> list[tuple[Retraining, str]]:
    """What the case gave its responsible person to learn, each with the state of its duty; one query."""
    rows = case.retrainings.select_related("assignment__employee", "assignment__duty").order_by("id")
    return [(row, row.assignment.duty.status(at)) for row in rows if row.assignment.duty]


def heard_in(case: Case) -> QuerySet[Employee]:
    """Who may be named responsible: those whose statement is recorded."""
    return Employee.objects.filter(pk__in=case.statements.values("employee")).order_by("name")
