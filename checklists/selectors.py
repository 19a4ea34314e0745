"""Reads of the checklists room."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from checklists.models import Answer, Item, Run


def counting_answers(answers: Iterable[Answer]) -> dict[int, Answer]:
    """The answer that counts for each item: the latest that is not held, corrections after all others.

    `answers` come in the order of `answered_at`.
    """
    latest: dict[int, Answer] = {}
    for answer in sorted(answers, key=lambda a: (bool(a.corrects_because), a.answered_at, a.pk)):
        if answer.counts:
            latest[answer.item_id] = answer
    return latest


@dataclass(frozen=True)
class Step:
    """One item of a run as the runner shows it."""

    item: Item
    answer: Answer | None = None  # the one that counts
    history: list[Answer] = field(default_factory=list)  # all, the oldest first

    @property
    def state(self) -> str:
        """pass, fail, na, unchecked; held (waits for the lead) or "" (not answered)."""
        if self.answer:
            return self.answer.value
        return "held" if any(a.is_waiting for a in self.history) else ""


@dataclass(frozen=True)
class Progress:
    """A run with its items and answers, in two queries whatever their number."""

    run: Run
    steps: list[Step]

    @property
    def total(self) -> int:
        return len(self.steps)

    @property
    def done(self) -> int:
        return sum(step.answer is not None for step in self.steps)

    @property
    def missing(self) -> list[Step]:
        return [step for step in self.steps if step.answer is None]

    @property
    def problems(self) -> list[Step]:
        return [step for step in self.steps if step.state == Answer.Value.FAIL]

    @property
    def held(self) -> list[Answer]:
        return [answer for step in self.steps for answer in step.history if answer.is_waiting]

    def index_of(self, item_id: int | None) -> int | None:
        """Where an item stands; the first unanswered one where none is named; None at the end of a complete run."""
        for index, step in enumerate(self.steps):
            if step.item.pk == item_id if item_id else step.answer is None:
                return index
        return None


def progress_of(run: Run) -> Progress:
    """Items and answers of a run; the run's version is loaded."""
    items = list(Item.objects.filter(version=run.version_id))
    answers = list(
        Answer.objects.filter(run=run).select_related("employee", "case", "decided_by").order_by("answered_at", "id")
    )
    counting = counting_answers(answers)
    history: dict[int, list[Answer]] = {}
    for answer in answers:
        history.setdefault(answer.item_id, []).append(answer)
    for item in items:
        item.version = run.version
    return Progress(run, [Step(item, counting.get(item.pk), history.get(item.pk, [])) for item in items])
