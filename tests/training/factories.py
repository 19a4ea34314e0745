"""A small module, and somebody who learns it."""

import uuid
from typing import Any

from people.actor import Actor
from people.models import Employee
from tests.cast import Cast
from training.drawing import draw
from training.models import Assignment, Attempt, ModuleVersion
from training.services import assign_module, publish_module, read_lesson, submit_attempt


def two(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def module_content(**changes: Any) -> dict[str, Any]:
    """Two lessons; four questions, of each kind at least one; three are asked."""
    right, wrong = {**two("对", "Right"), "correct": True}, two("错", "Wrong")
    return {
        "slug": "daily-order-check",
        "title": two("每日订单检查", "The daily order check"),
        "minutes": 10,
        "questions_asked": 3,
        "roles": ["employee"],
        "lessons": [
            {
                "slug": "sides",
                "title": two("三方", "Three sides"),
                "minutes": 3,
                "body": two("### 平台\n\n**说什么**", "### Platform"),
            },
            {
                "slug": "check",
                "title": two("检查", "The check"),
                "minutes": 3,
                "body": two("看数字", "Look at the figure"),
            },
        ],
        "questions": [
            {
                "slug": "one",
                "lesson": "sides",
                "kind": "single",
                "text": two("哪个？", "Which?"),
                "options": [wrong, right],
                "why": two("看平台", "See the platform"),
            },
            {
                "slug": "many",
                "lesson": "sides",
                "kind": "multiple",
                "text": two("哪些？", "Which ones?"),
                "options": [right, wrong, right],
                "why": two("两个", "Two"),
            },
            {
                "slug": "order",
                "lesson": "check",
                "kind": "order",
                "text": two("排序", "Order"),
                "options": [two("甲", "A"), two("乙", "B"), two("丙", "C")],
                "why": two("先甲", "A first"),
            },
            {
                "slug": "last",
                "lesson": "check",
                "kind": "single",
                "text": two("最后？", "Last?"),
                "options": [right, wrong],
                "why": two("是", "Yes"),
            },
        ],
        **changes,
    }


def make_module(**changes: Any) -> ModuleVersion:
    return publish_module(slug="daily-order-check", content=module_content(**changes), actor=Actor.system("command"))


def make_assignment(cast: Cast, employee: Employee | None = None, version: ModuleVersion | None = None) -> Assignment:
    version = version or make_module()
    return assign_module(
        module=version.module,
        employee=employee or cast.mei,
        site=cast.site,
        key=f"test:{uuid.uuid4()}",
        actor=Actor.of(cast.wang),
    )


def read_all(assignment: Assignment) -> None:
    for lesson in assignment.module.current.lessons.all():
        read_lesson(assignment=assignment, lesson=lesson, actor=Actor.of(assignment.employee))


def right_answers(assignment: Assignment) -> dict[str, list[int]]:
    drawn = draw(assignment.module.current, assignment, assignment.attempts.count() + 1)
    return {d.question.slug: d.question.right for d in drawn}


def wrong_answers(assignment: Assignment) -> dict[str, list[int]]:
    drawn = draw(assignment.module.current, assignment, assignment.attempts.count() + 1)
    return {d.question.slug: [i for i in d.order if i not in d.question.right][:1] or list(d.order) for d in drawn}


def take(assignment: Assignment, answers: dict[str, list[int]] | None = None, **options: Any) -> Attempt:
    read_all(assignment)
    given = {
        "version": assignment.module.current,
        "client_id": uuid.uuid4(),
        "actor": Actor.of(assignment.employee),
        **options,
    }
    return submit_attempt(assignment=assignment, answers=answers or right_answers(assignment), **given)
