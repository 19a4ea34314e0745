"""Whether retraining helps: errors of the retrained in the 30 days before and after, per module."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from cases.models import Case, Retraining, RetrainingRule
from kernel.text import Bilingual
from people.models import Role
from people.scope import Scope

SPAN, LOOKED_BACK = timedelta(days=30), timedelta(days=365)


@dataclass(frozen=True)
class Repeat:
    """Of one module: how many were assigned and done, and the errors of the same cause per person in the 30 days before
    and after they were done. `after` counts only those whose 30 days are over; None where there are none yet."""

    title: Bilingual
    assigned: int
    done: int
    over: int
    before: float | None
    after: float | None


def repeats(scope: Scope, now: datetime) -> list[Repeat]:
    """Per module of the last year; two queries."""
    rows = (
        Retraining.objects.filter(scope.at_shops("case__shop", Role.LEAD), case__closed_at__gte=now - LOOKED_BACK)
        .select_related("rule", "case", "assignment__duty", "assignment__module")
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
    before, after = [], []
    for row in rows:
        done_at = row.assignment.duty.completed_at if row.assignment.duty else None
        if done_at is None:
            continue
        moments = errors[row.assignment.employee_id, row.rule.cause]
        before.append(sum(done_at - SPAN <= at < done_at for at in moments))
        if done_at + SPAN <= now:
            after.append(sum(done_at <= at < done_at + SPAN for at in moments))
    return Repeat(
        title=rows[0].assignment.module.title,
        assigned=len(rows),
        done=len(before),
        over=len(after),
        before=sum(before) / len(before) if before else None,
        after=sum(after) / len(after) if after else None,
    )


def visible_rules(scope: Scope) -> QuerySet[RetrainingRule]:
    """Those of the viewer's shops and those for all."""
    return RetrainingRule.objects.filter(Q(scope.at_shops("shop", Role.LEAD)) | Q(shop=None))


def retraining_rules(scope: Scope) -> list[RetrainingRule]:
    """Those in force first."""
    rows = visible_rules(scope).select_related("module", "saved_by", "shop").order_by("-starts_on", "id")
    return sorted(rows, key=lambda rule: rule.ends_on is not None)
