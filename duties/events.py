"""What an event of a duty keeps: the values before and after."""

from datetime import UTC, datetime
from typing import Any

from duties.models import Duty, DutyEvent
from people.models import Employee


def changed(
    row: Duty, kind: str, *, at: datetime, actor: Employee | None = None, note: str = "", **values: Any
) -> DutyEvent:
    """Sets values on a row and returns the event that tells of it, neither saved: for writing many at once."""
    changes = {}
    for name, new in values.items():
        old = getattr(row, name)
        if old != new:
            changes[name] = [_spelled(old), _spelled(new)]
        setattr(row, name, new)
    return DutyEvent(
        duty=row, kind=kind, at=at, actor=actor, assignee_id=row.assignee_id, note=note[:300], changes=changes
    )


def _spelled(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.pk if isinstance(value, Employee) else value
