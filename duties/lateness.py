"""Lateness: the one rule of what has become of a duty, read by Today, matrix, reminders, exports, lists of checks.

It is judged by `due_at`, the deadline first told; leave that was recorded before it has moved it. `extended_to` says by
when the work is wanted after somebody sent it back; it excuses nothing.
"""

from datetime import datetime

from django.db.models import F, Q

STATES = ("waived", "on_time", "late", "missed", "overdue", "due", "not_due")


def conditions(at: datetime, prefix: str = "") -> dict[str, Q]:
    """The state of a duty at a moment as one condition each; every duty fits exactly one.

    `prefix` leads to the duty from another model, e.g. "duty__".
    """

    def q(**fields: object) -> Q:
        return Q(**{prefix + name: value for name, value in fields.items()})

    done = q(completed_at__isnull=False, waived_at=None)
    unsettled = q(completed_at=None, missed_at=None, waived_at=None)
    owed = unsettled & (q(closes_at=None) | q(closes_at__gte=at))
    due = F(f"{prefix}due_at")
    return {
        "waived": q(waived_at__isnull=False),
        "on_time": done & q(completed_at__lte=due),
        "late": done & q(completed_at__gt=due),
        "missed": q(missed_at__isnull=False) | unsettled & q(closes_at__lt=at),
        "overdue": owed & q(due_at__lt=at),
        "due": owed & q(due_at__gte=at, opens_at__lte=at),
        "not_due": owed & q(due_at__gte=at, opens_at__gt=at),
    }


def state_of(
    *,
    due_at: datetime,
    at: datetime,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    completed_at: datetime | None = None,
    missed_at: datetime | None = None,
    waived_at: datetime | None = None,
) -> str:
    """The same of a row at hand; what is left out is known to be None, or long past (`opens_at`)."""
    if waived_at:
        return "waived"
    if completed_at:
        return "on_time" if completed_at <= due_at else "late"
    if missed_at or (closes_at and closes_at < at):
        return "missed"
    if at > due_at:
        return "overdue"
    return "not_due" if opens_at and at < opens_at else "due"
