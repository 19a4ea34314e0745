"""Which buyers a case still needs."""

from collections.abc import Iterable
from datetime import datetime

from cases.models import Case, CaseOrder
from orders.services import forget_buyers


def forget_old_buyers(now: datetime) -> int:
    """A step of the tick: buyers of old orders are forgotten, but not while a case about them is open."""
    return forget_buyers(now, kept=_in_open_cases)


def _in_open_cases(numbers: Iterable[str]) -> set[str]:
    rows = CaseOrder.objects.filter(number__in=list(numbers)).exclude(case__status=Case.Status.CLOSED)
    return set(rows.values_list("number", flat=True))
