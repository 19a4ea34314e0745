"""What was sealed of duties against their events, and what the events say against the duties of today."""

from collections import defaultdict

from duties.events import as_spelled
from duties.models import Duty, DutyEvent
from records.canonical import sha256
from records.selectors import Differences, Sealed

SETTLED = ("completed_at", "missed_at", "waived_at")


def check_changes(entries: list[Sealed]) -> Differences:
    """Each sealed change is an event still, with the values and the reason that it had; and what settled a duty last
    is what the duty says."""
    duties = Duty.objects.in_bulk({entry.subject_id for entry in entries})
    events: dict[int, list[DutyEvent]] = defaultdict(list)
    for event in DutyEvent.objects.filter(duty__in=duties).order_by("at", "id"):
        events[event.duty_id].append(event)
    for entry in entries:
        its = events[entry.subject_id]
        if entry.subject_id not in duties:
            yield entry, "the duty is gone"
        elif not any(_is_same(entry, event) for event in its):
            yield entry, "the event is gone, or says something else"
        elif not _is_settled_so(duties[entry.subject_id], its):
            yield entry, "the duty is not what its events say"


def _is_same(entry: Sealed, event: DutyEvent) -> bool:
    changes = {name: pair for name, pair in event.changes.items() if name != "waived_reason"}
    note = sha256(event.note) if event.note else ""
    said = (f"duty.{event.kind}", event.at, changes, note)
    return said == (entry.kind, entry.at, entry.payload["changes"], entry.payload["note"])


def _is_settled_so(duty: Duty, events: list[DutyEvent]) -> bool:
    last = {name: pair[1] for event in events for name, pair in event.changes.items() if name in SETTLED}
    return all(as_spelled(getattr(duty, name)) == value for name, value in last.items())
