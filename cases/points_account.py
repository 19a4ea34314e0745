"""Points as their pages show them: one's account, the month's statement, what is to be decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import ngettext

from cases.models import Appeal, Deduction, PointEntry, PointRule, RuleAcknowledgement
from cases.months import month_span
from duties.selectors import Decision
from kernel import clock
from kernel.prepared import count_of
from people.models import Employee, Role
from people.scope import Scope

if TYPE_CHECKING:  # the type of rows with annotations is there for mypy alone
    from typing import TypedDict

    from django_stubs_ext import WithAnnotations

    class Known(TypedDict):
        is_known: bool
        known_by: int


MOST = 300


@dataclass(frozen=True)
class MonthStatement:
    """One person's month: what stood before it, each entry, what stands after it."""

    month: date
    before: int
    entries: list[PointEntry]

    @property
    def after(self) -> int:
        return self.before + sum(entry.points for entry in self.entries)


def month_statement(employee: Employee, month: date, zone: str) -> MonthStatement:
    """Two queries."""
    start, end = month_span(month, zone)
    mine = PointEntry.objects.filter(employee=employee)
    before = mine.filter(at__lt=start).aggregate(n=Sum("points"))["n"] or 0
    rows = (
        mine.filter(at__range=(start, end)).select_related("case__shop__site", "by", "reversed_by").order_by("at", "id")
    )
    return MonthStatement(month, before, list(rows))


def balance_of(employee: Employee) -> int:
    return PointEntry.objects.filter(employee=employee).aggregate(n=Sum("points"))["n"] or 0


def deductions_of(employee: Employee) -> list[Deduction]:
    """Proposed, approved, refused; the newest first."""
    rows = Deduction.objects.filter(employee=employee).select_related(
        "case__shop__site", "rule", "appeal", "decided_by", "proposed_by"
    )
    return list(rows.order_by("-proposed_at")[:MOST])


def seen_rules(scope: Scope) -> "QuerySet[WithAnnotations[PointRule, Known]]":
    """Those of the viewer's shops and those for all, those in force first."""
    rows = PointRule.objects.filter(Q(scope.at_shops("shop")) | Q(shop=None)).select_related("shop", "saved_by")
    known = RuleAcknowledgement.objects.filter(rule=OuterRef("pk"), employee=scope.employee_id)
    return rows.annotate(is_known=Exists(known), known_by=Count("acknowledgements")).order_by("-starts_on", "-id")


def to_acknowledge(scope: Scope, day: date) -> QuerySet[PointRule]:
    """Deductions' rules, in force or coming, that the viewer has not acknowledged."""
    mine = Q(shop=None) | scope.at_shops(reading=False)
    rows = seen_rules(scope).filter(mine, kind=PointRule.Kind.DEDUCTION, is_known=False)
    return rows.filter(Q(ends_on=None) | Q(ends_on__gt=day))


def rules_to_acknowledge(scope: Scope) -> Decision | None:
    """They count for nobody who has not acknowledged them; in one statement."""
    if not (n := count_of(to_acknowledge, scope, clock.today(scope.zone))):
        return None
    said = ngettext("%(n)d rule on points to read and acknowledge", "%(n)d rules on points to read and acknowledge", n)
    return Decision(said % {"n": n}, reverse("cases:points_mine"))


def waiting_deductions(scope: Scope) -> QuerySet[Deduction]:
    """For a second person to decide, the oldest first."""
    rows = Deduction.objects.filter(scope.at_shops("case__shop", Role.MANAGER), is_approved=None)
    related = ("case__shop__site", "employee", "rule", "statement", "proposed_by")
    return rows.exclude(employee=scope.employee_id).select_related(*related).order_by("proposed_at")


def waiting_appeals(scope: Scope) -> QuerySet[Appeal]:
    rows = Appeal.objects.filter(scope.at_shops("deduction__case__shop__site", Role.MANAGER), is_upheld=None)
    related = (
        "deduction__case__shop__site",
        "deduction__employee",
        "deduction__rule",
        "deduction__decided_by",
        "deduction__proposed_by",
        "deduction__statement",
    )
    return rows.exclude(deduction__employee=scope.employee_id).select_related(*related).order_by("at")


@dataclass(frozen=True)
class Account:
    employee: Employee
    balance: int
    this_month: int


def accounts(people: Iterable[Employee], month: date, zone: str) -> list[Account]:
    """In the order given, which is by name: ranked for nobody. One query."""
    everyone = list(people)
    this = Sum("points", filter=Q(at__range=month_span(month, zone)))
    rows = PointEntry.objects.filter(employee__in=everyone).values_list("employee").annotate(n=Sum("points"), m=this)
    found = {pk: (n, m or 0) for pk, n, m in rows.order_by()}
    return [Account(person, *found.get(person.pk, (0, 0))) for person in everyone]
