"""Past learning, set-based: for the demo company and for histories brought along from elsewhere."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects

from duties.events import past_events
from duties.models import Duty, DutyEvent
from kernel.presence import present
from people.actor import Actor
from people.models import Employee, Site
from records.services import append_entries, append_entry, chain_name
from training.drawing import draw
from training.models import Assignment, Attempt, Lesson, LessonRead, ModuleVersion, Qualification
from training.services.assigning import assigned_payload, assignment_duty
from training.services.learning import completion_payload

BATCH = 2000


@dataclass(frozen=True, kw_only=True)
class PastLearning:
    """One module learned (`passed_at`) or still owed; `failed` attempts came first. `version` has its module loaded."""

    version: ModuleVersion
    employee: Employee
    site: Site
    assigned_at: datetime
    due_at: datetime | None = None
    passed_at: datetime | None = None
    failed: int = 0

    @property
    def key(self) -> str:
        return f"path:{self.version.module_id}:{self.version.number}:{self.employee.pk}"


@transaction.atomic
def qualify_many(rows: list[PastLearning]) -> list[Assignment]:
    """Creates past assignments with duties, attempts, qualifications and ledger entries; a known key is left out."""
    known = set(Assignment.objects.filter(key__startswith="path:").values_list("key", flat=True))
    rows = sorted((r for r in rows if r.key not in known), key=lambda r: r.assigned_at)
    if not rows:
        return []
    assignments = Assignment.objects.bulk_create(
        [
            Assignment(module=r.version.module, employee=r.employee, site=r.site, key=r.key, at=r.assigned_at)
            for r in rows
        ],
        batch_size=BATCH,
    )
    pairs = list(zip(rows, assignments, strict=True))
    duties = Duty.objects.bulk_create([_duty(row, a) for row, a in pairs], batch_size=BATCH)
    for assignment, duty in zip(assignments, duties, strict=True):
        assignment.duty = duty
    Assignment.objects.bulk_update(assignments, ["duty"], batch_size=500)
    DutyEvent.objects.bulk_create([event for duty in duties for event in past_events(duty)], batch_size=BATCH)
    _seal_assigned(pairs)
    passed = [(row, a) for row, a in pairs if row.passed_at]
    _record_reads(passed)
    _record_attempts(passed)
    return assignments


def _duty(row: PastLearning, assignment: Assignment) -> Duty:
    draft = assignment_duty(assignment, row.version, row.due_at)
    done = row.passed_at
    return Duty(
        **vars(draft),
        completed_at=done,
        completed_by=row.employee if done else None,
        outcome="passed" if done else "",
        reminded_at=draft.due_at if done else None,
        escalated_at=draft.due_at if done else None,
    )


def _seal_assigned(pairs: list[tuple[PastLearning, Assignment]]) -> None:
    for row, assignment in pairs:
        append_entry(
            chain=chain_name(site_id=row.site.pk),
            kind="module.assigned",
            actor=Actor.system("rule").ref,
            subject=f"assignment:{assignment.pk}",
            payload=assigned_payload(assignment),
            at=row.assigned_at,
        )


def _record_reads(pairs: list[tuple[PastLearning, Assignment]]) -> None:
    lessons: dict[int, list[Lesson]] = defaultdict(list)
    for lesson in Lesson.objects.filter(version__in={row.version.pk for row, _ in pairs}).order_by("position"):
        lessons[lesson.version_id].append(lesson)
    LessonRead.objects.bulk_create(
        [
            LessonRead(
                assignment=assignment,
                lesson=lesson,
                at=present(row.passed_at) - timedelta(minutes=4 * (len(lessons[row.version.pk]) - n) + 5),
            )
            for row, assignment in pairs
            for n, lesson in enumerate(lessons[row.version.pk])
        ],
        batch_size=BATCH,
    )


def _record_attempts(pairs: list[tuple[PastLearning, Assignment]]) -> None:
    prefetch_related_objects(list({row.version.pk: row.version for row, _ in pairs}.values()), "questions")
    attempts = Attempt.objects.bulk_create(
        [a for row, assignment in pairs for a in _attempts(row, assignment)], batch_size=BATCH
    )
    passes = {attempt.assignment_id: attempt for attempt in attempts if attempt.passed}
    Qualification.objects.bulk_create(
        [
            Qualification(
                employee=row.employee,
                module=row.version.module,
                version=row.version,
                attempt=passes[assignment.pk],
                from_at=present(row.passed_at),
            )
            for row, assignment in pairs
        ],
        batch_size=BATCH,
    )
    entries: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row, assignment in pairs:
        entries[chain_name(site_id=row.site.pk)].append(
            {
                "kind": "module.completed",
                "actor": row.employee.ref,
                "subject": f"assignment:{assignment.pk}",
                "payload": completion_payload(row.version, passes[assignment.pk]),
                "at": row.passed_at,
            }
        )
    for chain, its in sorted(entries.items()):
        append_entries(chain=chain, entries=sorted(its, key=lambda e: e["at"]))


def _attempts(row: PastLearning, assignment: Assignment) -> list[Attempt]:
    """The failed ones, each an hour before the next, then the one that passed."""
    made = []
    for number in range(1, row.failed + 2):
        passed = number == row.failed + 1
        drawn = draw(row.version, assignment, number)
        right = len(drawn) if passed else len(drawn) // 2
        answers = {
            d.question.slug: d.question.right
            if n < right
            else [i for i in d.order if i not in d.question.right][:1] or list(d.order)
            for n, d in enumerate(drawn)
        }
        made.append(
            Attempt(
                assignment=assignment,
                version=row.version,
                number=number,
                client_id=uuid.uuid5(uuid.NAMESPACE_URL, f"{row.key}:{number}"),
                answers=answers,
                asked=len(drawn),
                right=right,
                passed=passed,
                at=present(row.passed_at) - timedelta(hours=row.failed + 1 - number),
            )
        )
    return made
