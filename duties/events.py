"""What an event of a duty keeps: the values before and after; what changed who owes it by when is sealed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from duties.models import Duty, DutyEvent
from people.models import Employee
from records.canonical import sha256
from records.services import append_entry, chain_name

SEALED_BY_ITSELF = (Duty.Kind.MODULE, Duty.Kind.RUN, Duty.Kind.REVIEW, Duty.Kind.CASE)  # its room seals what was done


def changed(
    row: Duty, kind: str, *, at: datetime, actor: Employee | None = None, note: str = "", **values: Any
) -> DutyEvent:
    """Sets values on a row, seals what they change, and returns the event that tells of it; row and event are not
    saved: for writing many at once."""
    changes = {}
    for name, new in values.items():
        old = getattr(row, name)
        if old != new:
            changes[name] = [as_spelled(old), as_spelled(new)]
        setattr(row, name, new)
    if kind != DutyEvent.Kind.COMPLETED or row.kind not in SEALED_BY_ITSELF:
        _seal(row, kind, at, actor, note[:300], changes)
    return DutyEvent(
        duty=row, kind=kind, at=at, actor=actor, assignee_id=row.assignee_id, note=note[:300], changes=changes
    )


ENDS = (  # how a duty ended: the kind of its event, what it sets, and who did it
    (DutyEvent.Kind.COMPLETED, ("completed_at", "completed_by", "outcome"), "completed_by"),
    (DutyEvent.Kind.WAIVED, ("waived_at", "waived_by", "waived_reason"), "waived_by"),
    (DutyEvent.Kind.MISSED, ("missed_at",), ""),
)
BLANK = Duty()  # how each field begins


def past_events(row: Duty, *, opened_by: Employee | None = None) -> Iterator[DutyEvent]:
    """The events of a duty that is brought in as it ended: told and sealed as if each had been written when it was."""
    opened = DutyEvent.Kind.OPENED
    yield DutyEvent(duty=row, kind=opened, at=row.opens_at, actor=opened_by, assignee_id=row.assignee_id)
    for kind, names, doer in ENDS:
        values = {name: getattr(row, name) for name in names}
        if at := values[names[0]]:
            for name in names:
                setattr(row, name, getattr(BLANK, name))
            actor = values[doer] if doer else None
            yield changed(row, kind, at=at, actor=actor, note=values.get("waived_reason", ""), **values)


def as_spelled(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.pk if isinstance(value, Employee) else value


def _seal(row: Duty, kind: str, at: datetime, actor: Employee | None, note: str, changes: dict[str, Any]) -> None:
    """Reasons may name people: the entry holds their digest."""
    append_entry(
        chain=chain_name(site_id=row.site_id),
        kind=f"duty.{kind}",
        actor=actor.ref if actor else "system",
        subject=f"duty:{row.pk}",
        payload={
            "kind": row.kind,
            "about": row.subject_id,
            "assignee": f"employee:{row.assignee_id}" if row.assignee_id else "",
            "note": sha256(note) if note else "",
            "changes": {name: pair for name, pair in changes.items() if name != "waived_reason"},
        },
        at=at,
    )
