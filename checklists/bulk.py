"""Past runs, set-based: for the demo company and for histories brought along from elsewhere."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery

from checklists.details import Details
from checklists.models import Answer, ChecklistVersion, Item, Run, Schedule
from checklists.services.closing import digest_lines, review_payload, submission_payload
from duties.events import past_events
from duties.models import Duty, DutyEvent
from people.models import Employee, Shift, Shop, Site
from records.services import append_entries, chain_name

BATCH = 2000


@dataclass(frozen=True, kw_only=True)
class PastRun:
    """One run of the past. `answers` are (item, value, note), the last of each item counting; `submitted_at` None
    means that it was missed. `schedule` has `shift__site` loaded; without one, `moments` say when it opened, was due
    and closed."""

    version: ChecklistVersion
    schedule: Schedule | None
    site: Site
    shop: Shop | None
    shift: Shift | None
    day: date
    assignee: Employee
    answers: list[tuple[Item, str, str]] = field(default_factory=list)
    submitted_at: datetime | None = None
    reviewed_by: Employee | None = None
    moments: tuple[datetime, datetime, datetime] | None = None

    def span(self) -> tuple[datetime, datetime, datetime]:
        if self.moments:
            return self.moments
        if self.schedule is None:
            raise ValueError("A past run without a schedule says when it opened, was due and closed.")
        return self.schedule.moments(self.day)


@transaction.atomic
def record_runs(rows: list[PastRun]) -> int:
    """Creates past runs with their duties, answers and ledger entries; a schedule's day that has a run is left out.

    `version.checklist` is loaded. Makes no reviews owed: a run is accepted by `reviewed_by`, or stays submitted.
    Returns how many were created.
    """
    known = set(
        Run.objects.filter(schedule__in={r.schedule.pk for r in rows if r.schedule}).values_list("schedule_id", "day")
    )
    rows = [r for r in rows if r.schedule is None or (r.schedule.pk, r.day) not in known]
    if not rows:
        return 0
    duties = Duty.objects.bulk_create([_duty(row) for row in rows], batch_size=BATCH)
    runs = Run.objects.bulk_create([_run(row, duty) for row, duty in zip(rows, duties, strict=True)], batch_size=BATCH)
    first, last = duties[0].pk, duties[-1].pk
    Duty.objects.filter(pk__range=(first, last), subject_id=0, kind=Duty.Kind.RUN).update(
        subject_id=Subquery(Run.objects.filter(duty=OuterRef("pk")).values("pk")[:1])
    )
    answers = Answer.objects.bulk_create(
        [answer for row, run in zip(rows, runs, strict=True) for answer in _answers(row, run)], batch_size=BATCH
    )
    _seal(rows, runs, answers)
    return len(runs)


def _duty(row: PastRun) -> Duty:
    opens, due, closes = row.span()
    done = row.submitted_at
    key = f"{row.schedule.pk}:{row.day:%Y%m%d}" if row.schedule else f"past:{uuid.uuid4()}"
    problems = any(value == Answer.Value.FAIL for _item, value, _note in row.answers)
    return Duty(
        key=f"run:{key}",
        obligation=row.version.checklist.obligation,
        kind=Duty.Kind.RUN,
        subject_id=0,
        title=row.version.title,
        site=row.site,
        shop=row.shop,
        shift=row.shift,
        shift_date=row.day,
        assignee=row.assignee,
        is_claimable=True,
        opens_at=opens,
        due_at=due,
        closes_at=closes,
        completed_at=done,
        completed_by=row.assignee if done else None,
        outcome="" if done is None else "problems" if problems else "ok",
        missed_at=None if done else closes,
        reminded_at=due,
        escalated_at=due,
    )


def _run(row: PastRun, duty: Duty) -> Run:
    state = Run.State.OPEN
    if row.submitted_at:
        state = Run.State.ACCEPTED if row.reviewed_by else Run.State.SUBMITTED
    return Run(
        version=row.version,
        schedule=row.schedule,
        site=row.site,
        shop=row.shop,
        shift=row.shift,
        day=row.day,
        duty=duty,
        state=state,
        opened_at=duty.opens_at,
        submitted_at=row.submitted_at,
        submitted_by=row.assignee if row.submitted_at else None,
        reviewed_by=row.reviewed_by if row.submitted_at else None,
        reviewed_at=row.submitted_at + timedelta(hours=1) if row.submitted_at and row.reviewed_by else None,
    )


def _answers(row: PastRun, run: Run) -> list[Answer]:
    """The answers of a run, evenly spread between its opening and its submission."""
    start, end = run.duty.opens_at, row.submitted_at or run.duty.due_at
    pace = (end - start) / (len(row.answers) + 1)
    return [
        Answer(
            run=run,
            item=item,
            employee=row.assignee,
            value=value,
            note=note,
            content=Details(note=note).content(run, item, row.assignee, value),
            client_id=uuid.uuid4(),
            answered_at=start + pace * number,
            received_at=start + pace * number,
        )
        for number, (item, value, note) in enumerate(row.answers, start=1)
    ]


def _seal(rows: list[PastRun], runs: list[Run], answers: list[Answer]) -> None:
    """Digests of what was submitted, the duties' events, and the entries in the order of the submissions."""
    given: dict[int, dict[int, Answer]] = defaultdict(dict)
    for answer in answers:
        given[answer.run_id][answer.item_id] = answer
    entries: dict[str, list[dict[str, Any]]] = defaultdict(list)
    events: list[DutyEvent] = []
    for row, run in zip(rows, runs, strict=True):
        events.extend(past_events(run.duty))
        if row.submitted_at is None:
            continue
        counting = sorted(given[run.pk].values(), key=lambda answer: answer.item.position)
        run.digest = digest_lines([(answer.item.slug, answer) for answer in counting], {})
        problems = sum(answer.value == Answer.Value.FAIL for answer in counting)
        entries[chain_name(site_id=run.site_id)].append(
            {
                "kind": "run.submitted",
                "actor": row.assignee.ref,
                "subject": run.ref,
                "payload": submission_payload(
                    run, version=row.version.number, answers=len(counting), problems=problems
                ),
                "at": row.submitted_at,
            }
        )
        if run.reviewed_by:
            entries[chain_name(site_id=run.site_id)].append(
                {
                    "kind": "run.accepted",
                    "actor": run.reviewed_by.ref,
                    "subject": run.ref,
                    "payload": review_payload(run),
                    "at": run.reviewed_at,
                }
            )
    DutyEvent.objects.bulk_create(events, batch_size=BATCH)
    Run.objects.bulk_update(runs, ["digest"], batch_size=500)
    for chain in sorted(entries):
        append_entries(chain=chain, entries=sorted(entries[chain], key=lambda entry: entry["at"]))
