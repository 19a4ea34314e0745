"""Whether retraining helps: errors of the retrained in the 30 days before and after, per module."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from cases.models import Case, Retraining, RetrainingRule
from kernel.text import Bilingual
from people.models import Employee, Role
from people.scope import Scope

SPAN, LOOKED_BACK = timedelta(days=30), timedelta(days=365)


@dataclass(frozen=True)
class Retrained:
    """One person and what they were retrained for; `after` is None until their 30 days are over."""

    employee: Employee
    case: Case
    done_at: datetime | None
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class Repeat:
    """Of one module: how many were assigned and done, and the errors of the same cause per person in the 30 days before
    and after they were done. `after` counts only those whose 30 days are over; None where there are none yet."""

    module_id: int
    title: Bilingual
    people: list[Retrained]

    @property
    def assigned(self) -> int:
        return len(self.people)

    @property
    def done(self) -> int:
        return sum(one.done_at is not None for one in self.people)

    @property
    def over(self) -> int:
        return sum(one.after is not None for one in self.people)

    @property
    def before(self) -> float | None:
        return _mean(one.before for one in self.people)

    @property
    def after(self) -> float | None:
        return _mean(one.after for one in self.people)


def _mean(numbers: Iterable[int | None]) -> float | None:
    known = [n for n in numbers if n is not None]
    return sum(known) / len(known) if known else None


def repeats(scope: Scope, now: datetime) -> list[Repeat]:
    """Per module of the last year; two queries."""
    rows = (
        Retraining.objects.filter(scope.at_shops("case__shop", Role.LEAD), case__closed_at__gte=now - LOOKED_BACK)
        .select_related("rule", "case", "assignment__duty", "assignment__module", "assignment__employee")
        .order_by("id")
    )
    by_module: dict[int, list[Retraining]] = defaultdict(list)
    for row in rows:
        by_module[row.assignment.module_id].append(row)
    errors = _errors(row for found in by_module.values() for row in found)
    return [_repeat(found, errors, now) for found in by_module.values()]


def _errors(rows: Iterable[Retraining]) -> dict[tuple[int, str], list[datetime]]:
    """When cases were opened, by the person responsible and the cause."""
    people = {row.assignment.employee_id for row in rows}
    found: dict[tuple[int, str], list[datetime]] = defaultdict(list)
    cases = Case.objects.filter(responsible__in=people).values_list("responsible", "cause", "opened_at")
    for person, cause, at in cases:
        found[person, cause].append(at)
    return found


def _repeat(rows: list[Retraining], errors: dict[tuple[int, str], list[datetime]], now: datetime) -> Repeat:
    people = []
    for row in rows:
        done_at = row.assignment.duty.completed_at if row.assignment.duty else None
        before, after = None, None
        if done_at:
            moments = errors[row.assignment.employee_id, row.rule.cause]
            before = sum(done_at - SPAN <= at < done_at for at in moments)
            after = sum(done_at <= at < done_at + SPAN for at in moments) if done_at + SPAN <= now else None
        people.append(Retrained(row.assignment.employee, row.case, done_at, before, after))
    return Repeat(rows[0].assignment.module_id, rows[0].assignment.module.title, people)


def visible_rules(scope: Scope) -> QuerySet[RetrainingRule]:
    """Those of the viewer's shops and those for all."""
    return RetrainingRule.objects.filter(Q(scope.at_shops("shop", Role.LEAD)) | Q(shop=None))


def retraining_rules(scope: Scope) -> list[RetrainingRule]:
    """Those in force first."""
    rows = visible_rules(scope).select_related("module", "saved_by", "shop").order_by("-starts_on", "id")
    return sorted(rows, key=lambda rule: rule.ends_on is not None)
