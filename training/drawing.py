"""Which questions an attempt asks, in which order, and what was right: the same for the same attempt, always."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.models import Assignment, ModuleVersion, Question


@dataclass(frozen=True)
class Drawn:
    """A question as it is asked: its options shuffled; `order` are indexes into the question's options."""

    question: Question
    order: tuple[int, ...]


def draw(version: ModuleVersion, assignment: Assignment, number: int) -> list[Drawn]:
    """The questions of an assignment's attempt: each lesson is asked about, the next attempt asks others."""
    chance = random.Random(f"{assignment.pk}:{version.pk}:{number}")
    by_lesson: dict[int, list[Question]] = defaultdict(list)
    for question in sorted(version.questions.all(), key=lambda q: q.position):
        by_lesson[question.lesson_id].append(question)
    heaps = [chance.sample(questions, len(questions)) for questions in by_lesson.values()]
    chosen: list[Question] = []
    while len(chosen) < version.questions_asked and any(heaps):
        for heap in heaps:
            if heap and len(chosen) < version.questions_asked:
                chosen.append(heap.pop())
    chance.shuffle(chosen)
    return [Drawn(question, _shuffled(question, chance)) for question in chosen]


def _shuffled(question: Question, chance: random.Random) -> tuple[int, ...]:
    straight = tuple(range(len(question.options)))
    order = straight
    while order == straight and len(straight) > 1:
        order = tuple(chance.sample(straight, len(straight)))
    return order


def is_right(question: Question, answer: Sequence[int]) -> bool:
    """All of the right options and no other; where order counts, in the right order."""
    given = list(answer) if question.kind == Question.Kind.ORDER else sorted(set(answer))
    return given == question.right


def count_right(drawn: Sequence[Drawn], answers: Mapping[str, Sequence[int]]) -> int:
    return sum(is_right(d.question, answers.get(d.question.slug, ())) for d in drawn)
