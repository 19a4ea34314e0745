"""The runner's page: one item at a time, with what it needs, in a number of queries that no length of list changes."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from checklists.errors import OutOfRange
from checklists.forms import AnswerForm
from checklists.gate import lacking_modules, why_not_sign
from checklists.live import SampleState, figure_of, is_broken, is_told, sample_of
from checklists.models import Answer, Item, Run
from checklists.selectors import Progress, Step, progress_of, shops_of
from kernel.errors import Refused
from people.models import Employee, Role, Shop
from people.scope import Scope
from people.selectors import close_colleagues
from records.models import Evidence


@dataclass(frozen=True)
class Runner:
    """What the runner shows. `step` is None at the end."""

    run: Run
    progress: Progress
    may_answer: bool
    may_close: bool = False
    lacking: list[Any] = field(default_factory=list)
    is_late: bool = False
    index: int | None = None
    step: Step | None = None
    form: AnswerForm | None = None  # what was sent and could not be saved
    figure: Any = None
    sample: SampleState | None = None
    photos: list[Evidence] = field(default_factory=list)
    crew: list[Employee] | None = None  # who may be given a corrective action, the likely ones
    shops: QuerySet[Shop] | None = None  # for which a case may be opened
    refusal: str = ""
    why_not_sign: str = ""
    is_unfolded: bool = False
    key: uuid.UUID = field(default_factory=uuid.uuid4)  # by which a repeat is recognized

    @property
    def position(self) -> int:
        return (self.index or 0) + 1

    @property
    def before(self) -> Step | None:
        return self.progress.steps[self.index - 1] if self.index else None

    @property
    def after(self) -> Step | None:
        return self.progress.steps[self.position] if self.step and self.position < self.progress.total else None

    @property
    def passes(self) -> bool:
        """Whether the live evidence carries a pass; what has none is judged by looking, a signature by whose it is."""
        if self.why_not_sign:
            return False
        if self.figure is not None:
            return self.figure.carries and self.step is not None and self.step.item.is_within(self.figure.value)
        return self.sample.is_done if self.sample is not None else True

    @property
    def is_unchecked_offered(self) -> bool:
        if self.figure is not None:
            return self.step is not None and not is_told(self.step.item, self.figure)
        return self.sample is not None and not self.sample.is_stopped

    @property
    def is_na_offered(self) -> bool:
        """Not where the live evidence shows a problem."""
        if self.step is None or not self.step.item.allows_na:
            return False
        if self.figure is not None:
            return not is_broken(self.step.item, self.figure)
        return self.sample is None or not self.sample.is_stopped


def run_page(
    *,
    run: Run,
    employee: Employee,
    scope: Scope,
    at: datetime,
    item_id: int | None = None,
    is_end: bool = False,
    given: list[Answer] | None = None,
    form: AnswerForm | None = None,
    refusal: Refused | None = None,
) -> Runner:
    """The page at an item; at the first unanswered one where none is named, at the end where none is open; with the
    answers `given`, of which the item's has just been taken, at the one that follows."""
    progress = progress_of(run, given=given)
    if given and item_id:
        following = progress.following(item_id)
        item_id, is_end = following.item.pk if following else None, following is None
    index = None if is_end else progress.index_of(item_id)
    acts = scope.acts(Role.EMPLOYEE, site_id=run.site_id, shop_id=run.shop_id)
    is_late = run.is_closed_at(at)
    is_known = not acts or is_late or given  # who has just answered was let through the gate
    lacking = [] if is_known else lacking_modules(run=run, employee=employee, at=at)
    shared: dict[str, Any] = {"run": run, "progress": progress, "lacking": lacking, "is_late": is_late}
    shared |= {"may_answer": acts and not is_late and not lacking, "refusal": str(refusal) if refusal else ""}
    shared["may_close"] = is_late and scope.acts(Role.LEAD, site_id=run.site_id)
    if index is None:
        return Runner(**shared)
    step = progress.steps[index]
    given = [other.answer for other in progress.steps if other.answer]
    unsigned = why_not_sign(run=run, item=step.item, employee=employee, scope=scope, answers=given)
    return Runner(
        why_not_sign=str(unsigned),
        index=index,
        step=step,
        form=form,
        figure=figure_of(run=run, item=step.item, at=at) if step.item.kind == Item.Kind.FIGURE else None,
        sample=sample_of(run=run, item=step.item) if step.item.kind == Item.Kind.SAMPLE else None,
        crew=close_colleagues(employee.pk, site_id=run.site_id, on=run.day) if step.item.needs_correction else None,
        shops=shops_of(run) if step.item.case_kind and not run.shop_id else None,
        photos=list(photos_of(step.history)) if step.history else [],
        is_unfolded=_is_unfolded(form, refusal),
        **shared,
    )


def _is_unfolded(form: AnswerForm | None, refusal: Refused | None) -> bool:
    """Whether the part for problems stands open: one was sent, or the number that was sent is one."""
    return isinstance(refusal, OutOfRange) or (
        form is not None and form.data.get("value") in (Answer.Value.FAIL, Answer.Value.UNCHECKED, Answer.Value.NA)
    )


def photos_of(answers: list[Answer]) -> QuerySet[Evidence]:
    """Photos of answers, each with `answer_id` in its owner."""
    return Evidence.objects.filter(owner__in=[a.ref for a in answers], erased_at=None).order_by("id")
