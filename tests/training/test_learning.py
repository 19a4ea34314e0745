"""Learning: lessons first, a quiz handed in once, a pass that qualifies and is sealed."""

import uuid

import pytest

from duties.models import Duty
from kernel.errors import Conflict, NotAllowed
from people.actor import Actor
from records.models import Fact, LedgerEntry
from tests.cast import Cast
from tests.training.factories import (
    make_assignment,
    make_module,
    module_content,
    read_all,
    right_answers,
    take,
    wrong_answers,
)
from training.drawing import draw
from training.errors import AnswersMissing, BadModule, LessonsLeft, OldQuiz
from training.models import Attempt, LessonRead, ModuleVersion, Qualification
from training.services import publish_module, submit_attempt


def test_same_content_makes_no_second_version_and_a_changed_one_does(cast: Cast) -> None:
    first = make_module()
    assert make_module() == first
    second = make_module(minutes=12)
    assert (second.number, ModuleVersion.objects.count()) == (2, 2)
    assert first.lessons.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"lessons": []},
        {"title": "每日"},
        {"roles": ["boss"]},
        {"colour": "red"},
        {"minutes": 0},
        {"questions": [{**module_content()["questions"][0], "lesson": "nowhere"}]},
        {"questions": [{**module_content()["questions"][0], "kind": "multiple"}]},
        {"questions": [module_content()["questions"][0]] * 2},
    ],
)
def test_module_that_lacks_something_is_refused_by_name(cast: Cast, changes: dict[str, object]) -> None:
    with pytest.raises(BadModule, match="daily-order-check"):
        publish_module(slug="daily-order-check", content=module_content(**changes), actor=Actor.system("command"))


def test_assignment_opens_a_duty_at_the_end_of_the_last_day(cast: Cast) -> None:
    assignment = make_assignment(cast)
    duty = assignment.duty
    assert duty is not None and (duty.kind, duty.assignee, duty.subject_id) == ("module", cast.mei, assignment.pk)
    assert duty.due_at.astimezone(cast.site.tz).hour == 18 and (duty.due_at - assignment.at).days in (6, 7)


def test_quiz_opens_after_the_lessons(cast: Cast) -> None:
    assignment = make_assignment(cast)
    with pytest.raises(LessonsLeft):
        submit_attempt(
            assignment=assignment,
            version=assignment.module.current,
            answers=right_answers(assignment),
            actor=Actor.of(cast.mei),
            client_id=uuid.uuid4(),
        )
    read_all(assignment)
    read_all(assignment)
    assert LessonRead.objects.count() == 2 and take(assignment).passed


def test_every_lesson_is_asked_about_and_the_next_attempt_asks_otherwise(cast: Cast) -> None:
    assignment = make_assignment(cast)
    version = assignment.module.current
    first = draw(version, assignment, 1)
    assert {d.question.lesson.slug for d in first} == {"sides", "check"} and len(first) == 3
    assert draw(version, assignment, 1) == first
    assert any(draw(version, assignment, n) != first for n in range(2, 6))


def test_failed_attempt_is_kept_and_leaves_the_duty_open(cast: Cast) -> None:
    assignment = make_assignment(cast)
    attempt = take(assignment, wrong_answers(assignment))
    assert (attempt.passed, attempt.right) == (False, 0)
    assert Duty.objects.get().completed_at is None and not Qualification.objects.exists()


def test_pass_qualifies_settles_the_duty_and_is_sealed(cast: Cast) -> None:
    assignment = make_assignment(cast)
    take(assignment, wrong_answers(assignment))
    attempt = take(assignment)
    assert (attempt.number, attempt.percent, attempt.passed) == (2, 100, True)
    assert Qualification.objects.get().attempt == attempt
    assert Duty.objects.get().outcome == "passed"
    assert LedgerEntry.objects.filter(kind="module.completed", subject=f"assignment:{assignment.pk}").count() == 1
    assert Fact.objects.filter(kind="module.completed").count() == 1


def test_quiz_sent_twice_counts_once_and_other_answers_under_its_key_conflict(cast: Cast) -> None:
    assignment, key = make_assignment(cast), uuid.uuid4()
    answers = wrong_answers(assignment)
    first = take(assignment, answers, client_id=key)
    assert take(assignment, answers, client_id=key) == first and Attempt.objects.count() == 1
    slug = next(slug for slug in answers if slug != "order")
    with pytest.raises(Conflict):
        take(assignment, {**answers, slug: [9]}, client_id=key)


def test_unanswered_question_is_named(cast: Cast) -> None:
    assignment = make_assignment(cast)
    answers = right_answers(assignment)
    slug, _given = answers.popitem()
    with pytest.raises(AnswersMissing) as refusal:
        take(assignment, answers)
    assert refusal.value.slugs == [slug]


def test_quiz_of_an_old_version_is_not_taken(cast: Cast) -> None:
    assignment = make_assignment(cast)
    old, answers = assignment.module.current, right_answers(assignment)
    read_all(assignment)
    make_module(minutes=12)
    with pytest.raises(OldQuiz):
        submit_attempt(
            assignment=assignment, version=old, answers=answers, actor=Actor.of(cast.mei), client_id=uuid.uuid4()
        )


def test_nobody_takes_anothers_quiz(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        take(make_assignment(cast), actor=Actor.of(cast.wang))
