"""Learning: lessons read, quizzes handed in, and what passing one means."""

import uuid
from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction

from duties.services import complete_duty
from kernel import clock
from kernel.errors import Conflict
from people.actor import Actor
from records.canonical import canonical_text, sha256
from records.services import append_entry, chain_name, record_fact
from training.drawing import count_right, draw
from training.errors import AnswersMissing, LessonsLeft, OldQuiz
from training.models import Assignment, Attempt, Lesson, LessonRead, ModuleVersion, Qualification

Answers = Mapping[str, Sequence[int]]


@transaction.atomic
def read_lesson(*, assignment: Assignment, lesson: Lesson, actor: Actor) -> None:
    """Notes that a lesson was read; again changes nothing."""
    actor.require_self(assignment.employee_id)
    LessonRead.objects.bulk_create(
        [LessonRead(assignment=assignment, lesson=lesson, at=clock.now())], ignore_conflicts=True
    )


def submit_attempt(
    *, assignment: Assignment, version: ModuleVersion, answers: Answers, actor: Actor, client_id: uuid.UUID
) -> Attempt:
    """Hands in a quiz, once per client_id; a pass qualifies, settles the duty and is sealed.

    Raises AnswersMissing, LessonsLeft, OldQuiz, Conflict (the same key with other answers, or another attempt in the
    meantime).
    """
    actor.require_self(assignment.employee_id)
    try:
        return _submit(assignment, version, answers, actor, client_id)
    except IntegrityError:  # the same quiz, sent twice at once
        known = _known(client_id, assignment, answers)
        if known is None:
            raise Conflict from None
        return known


@transaction.atomic
def _submit(
    assignment: Assignment, version: ModuleVersion, answers: Answers, actor: Actor, client_id: uuid.UUID
) -> Attempt:
    row = Assignment.objects.select_for_update(of=("self",)).select_related("module", "duty").get(pk=assignment.pk)
    known = _known(client_id, row, answers)
    if known:
        return known
    if row.module.current_id != version.pk:
        raise OldQuiz
    lessons = set(version.lessons.values_list("id", flat=True))
    if lessons - set(row.reads.values_list("lesson_id", flat=True)):
        raise LessonsLeft
    number = row.attempts.count() + 1
    drawn = draw(version, row, number)
    missing = [d.question.slug for d in drawn if not answers.get(d.question.slug)]
    if missing:
        raise AnswersMissing(missing)
    right = count_right(drawn, answers)
    attempt = Attempt.objects.create(
        assignment=row,
        version=version,
        number=number,
        client_id=client_id,
        answers={d.question.slug: list(answers[d.question.slug]) for d in drawn},
        asked=len(drawn),
        right=right,
        passed=100 * right >= version.pass_percent * len(drawn),
        at=clock.now(),
    )
    if attempt.passed:
        _qualify(row, version, attempt, actor)
    return attempt


def _known(client_id: uuid.UUID, assignment: Assignment, answers: Answers) -> Attempt | None:
    known = Attempt.objects.filter(client_id=client_id).select_related("version").first()
    if known is None:
        return None
    given = {slug: list(answers.get(slug, ())) for slug in known.answers}
    if known.assignment_id != assignment.pk or known.answers != given:
        raise Conflict
    return known


def _qualify(assignment: Assignment, version: ModuleVersion, attempt: Attempt, actor: Actor) -> None:
    Qualification.objects.bulk_create(
        [
            Qualification(
                employee=actor.person, module=assignment.module, version=version, attempt=attempt, from_at=attempt.at
            )
        ],
        ignore_conflicts=True,
    )
    if assignment.duty:
        complete_duty(duty=assignment.duty, actor=actor, at=attempt.at, outcome="passed")
    record_fact(
        kind="module.completed",
        key=f"module.completed:{attempt.pk}",
        subject=f"assignment:{assignment.pk}",
        site_id=assignment.site_id,
    )
    append_entry(
        chain=chain_name(site_id=assignment.site_id),
        kind="module.completed",
        actor=actor.ref,
        subject=f"assignment:{assignment.pk}",
        payload=completion_payload(version, attempt),
    )


def completion_payload(version: ModuleVersion, attempt: Attempt) -> dict[str, int | str]:
    """What the ledger keeps of a pass: the version's content, and a digest of what was answered."""
    return {
        "module": version.module_id,
        "version": version.number,
        "content": version.digest,
        "attempt": attempt.number,
        "answers": sha256(canonical_text(attempt.answers)),
        "right": attempt.right,
        "asked": attempt.asked,
    }
