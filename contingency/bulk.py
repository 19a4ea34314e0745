"""Past activations and drills, set-based: for the demo company and for histories brought along from elsewhere."""

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from contingency.models import Activation, Drill, PlanStep, PlanVersion, StepTick
from contingency.services.activations import step_payload
from contingency.services.drills import drill_duty, planned_payload
from duties.events import past_events
from duties.models import Duty, DutyEvent
from kernel.presence import present
from people.models import Employee, Site
from records.services import append_entries, append_entry, chain_name

BATCH = 2000


@dataclass(frozen=True, kw_only=True)
class PastTick:
    """A step (by its position) done at a moment; with a note and no moment, left out and why."""

    position: int
    by: Employee
    at: datetime | None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class PastActivation:
    """One activation of the past; `version` has its plan loaded. A drill was planned for `drill_due_at`."""

    key: uuid.UUID
    version: PlanVersion
    site: Site
    started_by: Employee
    started_at: datetime
    closed_by: Employee | None = None
    closed_at: datetime | None = None
    is_drill: bool = False
    reason: str = ""
    review: str = ""
    ticks: tuple[PastTick, ...] = ()
    drill_due_at: datetime | None = None


@transaction.atomic
def record_activations(rows: list[PastActivation]) -> list[Activation]:
    """Creates past activations with ticks, drills, their duties and ledger entries; a known key is left out."""
    known = set(Activation.objects.filter(client_id__in=[r.key for r in rows]).values_list("client_id", flat=True))
    rows = sorted((r for r in rows if r.key not in known), key=lambda r: r.started_at)
    activations = Activation.objects.bulk_create([_activation(row) for row in rows], batch_size=BATCH)
    pairs = list(zip(rows, activations, strict=True))
    steps = {(s.version_id, s.position): s for s in PlanStep.objects.filter(version__in={r.version.pk for r in rows})}
    StepTick.objects.bulk_create(
        [
            StepTick(
                activation=activation,
                step=steps[row.version.pk, tick.position],
                kind=StepTick.Kind.DONE if tick.at else StepTick.Kind.LEFT_OUT,
                at=tick.at or row.closed_at or row.started_at,
                by=tick.by,
                note=tick.note,
            )
            for row, activation in pairs
            for tick in row.ticks
        ],
        batch_size=BATCH,
    )
    _record_drills([(row, activation) for row, activation in pairs if row.is_drill and row.drill_due_at])
    _seal(pairs, steps)
    return activations


def _activation(row: PastActivation) -> Activation:
    return Activation(
        plan=row.version.plan,
        version=row.version,
        site=row.site,
        is_drill=row.is_drill,
        reason=row.reason,
        started_at=row.started_at,
        started_by=row.started_by,
        closed_at=row.closed_at,
        closed_by=row.closed_by if row.closed_at else None,
        review=row.review,
        client_id=row.key,
    )


def _record_drills(pairs: list[tuple[PastActivation, Activation]]) -> None:
    """The planned drills that these were, each with the duty of whoever led it; planned a week ahead."""
    drills = Drill.objects.bulk_create(
        [
            Drill(
                plan=row.version.plan,
                site=row.site,
                lead=row.started_by,
                due_at=present(row.drill_due_at),
                planned_at=min(row.started_at, present(row.drill_due_at)) - timedelta(days=7),
                planned_by=row.started_by,
                activation=activation,
                client_id=uuid.uuid5(row.key, "drill"),
            )
            for row, activation in pairs
        ],
        batch_size=BATCH,
    )
    duties = Duty.objects.bulk_create([_drill_duty(drill) for drill in drills], batch_size=BATCH)
    for drill, duty in zip(drills, duties, strict=True):
        drill.duty = duty
    Drill.objects.bulk_update(drills, ["duty"], batch_size=500)
    events = [event for drill, duty in zip(drills, duties, strict=True) for event in _events(drill, duty)]
    DutyEvent.objects.bulk_create(events, batch_size=BATCH)


def _events(drill: Drill, duty: Duty) -> Iterator[DutyEvent]:
    append_entry(
        chain=chain_name(site_id=drill.site_id),
        kind="drill.planned",
        actor=drill.planned_by.ref,
        subject=f"drill:{drill.pk}",
        payload=planned_payload(drill),
        at=drill.planned_at,
    )
    return past_events(duty, opened_by=drill.planned_by)


def _drill_duty(drill: Drill) -> Duty:
    activation = present(drill.activation)
    closed = activation.closed_at
    return Duty(
        **vars(drill_duty(drill)),
        completed_at=closed,
        completed_by=activation.closed_by,
        outcome="done" if closed else "",
        reminded_at=drill.due_at if closed else None,
        escalated_at=drill.due_at if closed else None,
    )


def _seal(pairs: list[tuple[PastActivation, Activation]], steps: dict[tuple[int, int], PlanStep]) -> None:
    entries: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row, activation in pairs:
        about = {"plan": row.version.plan_id, "version": row.version.pk, "is_drill": row.is_drill}
        moments: list[tuple[str, datetime, Employee, dict[str, int]]] = [
            ("plan.activated", row.started_at, row.started_by, {})
        ]
        if row.closed_at:
            left = sum(tick.at is None for tick in row.ticks)
            moments.append(("plan.closed", row.closed_at, row.closed_by or row.started_by, {"left_out": left}))
        for kind, at, by, more in moments:
            entries[chain_name(site_id=row.site.pk)].append(
                {
                    "kind": kind,
                    "actor": by.ref,
                    "subject": f"activation:{activation.pk}",
                    "payload": {**about, **more},
                    "at": at,
                }
            )
        for tick in row.ticks:
            if tick.at:
                entries[chain_name(site_id=row.site.pk)].append(
                    {
                        "kind": "plan.step_done",
                        "actor": tick.by.ref,
                        "subject": f"activation:{activation.pk}",
                        "payload": step_payload(steps[row.version.pk, tick.position], tick.note),
                        "at": tick.at,
                    }
                )
    for chain, its in sorted(entries.items()):
        append_entries(chain=chain, entries=sorted(its, key=lambda e: e["at"]))
