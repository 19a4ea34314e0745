"""Reads of the checklists room."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import ngettext

from checklists.frozen import content_of
from checklists.models import (
    Answer,
    Checklist,
    ChecklistVersion,
    Correction,
    HandoverSignature,
    Item,
    Run,
    ShiftPass,
)
from duties.lateness import conditions
from duties.models import Duty, DutyEvent
from duties.selectors import Decision
from kernel.prepared import count_of
from people.models import Employee, Role, Shop
from people.scope import Scope
from people.selectors import working_at
from records.models import Evidence, LedgerEntry


def counting_answers(answers: Iterable[Answer]) -> dict[int, Answer]:
    """The answer that counts for each item: the latest that is not held, corrections after all others.

    `answers` come in the order of `answered_at`.
    """
    latest: dict[int, Answer] = {}
    for answer in sorted(answers, key=lambda a: (bool(a.corrects_because), a.answered_at, a.pk)):
        if answer.counts:
            latest[answer.item_id] = answer
    return latest


def did_it(run: Run) -> set[int]:
    """Whose work a run is: who submitted it, and whose answers count, signatures apart. They do not review it."""
    return who_did([run])[run.pk]


def who_did(runs: Iterable[Run]) -> dict[int, set[int]]:
    """Whose work each of the runs is, by its id; one query."""
    people = {run.pk: {run.submitted_by_id} if run.submitted_by_id else set() for run in runs}
    given: dict[int, list[Answer]] = {pk: [] for pk in people}
    for answer in Answer.objects.filter(run__in=people).select_related("item").order_by("answered_at", "id"):
        given[answer.run_id].append(answer)
    for pk, answers in given.items():
        counting = counting_answers(answers).values()
        people[pk] |= {a.employee_id for a in counting if a.item.kind != Item.Kind.SIGNATURE}
    return people


def crew_of(run: Run) -> QuerySet[Employee]:
    """Who may be given work of a run: a corrective action, a pass."""
    return working_at(run.site_id, run.shop_id)


def held_answers(scope: Scope) -> Decision | None:
    """Answers that came too late or from somebody not trained: a lead lets them count or declines; in one statement."""
    if not (n := count_of(_held, scope)):
        return None
    said = ngettext("%(n)d held answer in a check", "%(n)d held answers in checks", n) % {"n": n}
    run = _held(scope).order_by("run").values_list("run", flat=True)[:1]
    return Decision(said, reverse("checklists:run_detail", args=[run[0]]))


def _held(scope: Scope) -> QuerySet[Answer]:
    there = scope.at_sites("run__site", Role.LEAD, reading=False)
    return Answer.objects.filter(there, decided_at=None).exclude(held="").exclude(employee=scope.employee_id)


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
    """A run with its items and answers, in one query whatever their number."""

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
    def unchecked(self) -> list[Step]:
        return [step for step in self.steps if step.state == Answer.Value.UNCHECKED]

    @property
    def held(self) -> list[Answer]:
        return [answer for step in self.steps for answer in step.history if answer.is_waiting]

    def index_of(self, item_id: int | None) -> int | None:
        """Where an item stands; the first unanswered one where none is named; None at the end of a complete run."""
        for index, step in enumerate(self.steps):
            if step.item.pk == item_id if item_id else step.answer is None:
                return index
        return None

    def following(self, item_id: int) -> Step | None:
        """The next unanswered item after one; None where the rest is answered."""
        at = self.index_of(item_id)
        rest = self.steps[at + 1 :] if at is not None else []
        return next((step for step in rest if step.answer is None), None)


def progress_of(run: Run, *related: str, given: list[Answer] | None = None) -> Progress:
    """Items and answers of a run, `related` with them, or those `given` that are known; the run's version is loaded."""
    rows = Answer.objects.filter(run=run).order_by("answered_at", "id")
    answers = list(rows.select_related(*related) if related else rows) if given is None else given
    counting = counting_answers(answers)
    history: dict[int, list[Answer]] = {}
    for answer in answers:
        history.setdefault(answer.item_id, []).append(answer)
    items = content_of(run.version).items
    return Progress(run, [Step(item, counting.get(item.pk), history.get(item.pk, [])) for item in items])


# --- lists and records


def listed_runs(
    condition: Q,
    *,
    now: datetime,
    today: date,
    when: str = "",
    checklist: Checklist | None = None,
    state: str = "",
    day: date | None = None,
) -> QuerySet[Run]:
    """Runs as the list shows them, the newest first. Today's are those of the day, and what is still open."""
    runs = Run.objects.filter(condition).loaded()
    gone = conditions(now, "duty__")["missed"]
    if day:
        runs = runs.filter(day=day)
    elif when == "past":
        runs = runs.filter(day__lt=today)
    elif not (checklist or state):
        runs = runs.filter(Q(day=today) | Q(pk__in=_still_open(condition, now)))
    if checklist:
        runs = runs.filter(version__in=ChecklistVersion.objects.filter(checklist=checklist).values("id"))
    if state == "missed":
        runs = runs.filter(gone, state__in=[Run.State.OPEN, Run.State.RETURNED])
    elif state in (Run.State.OPEN, Run.State.RETURNED):
        runs = runs.filter(pk__in=_still_open(condition, now), state=state)
    elif state:
        runs = runs.filter(state=state)
    return runs.order_by("-day", "-id")


def _still_open(condition: Q, now: datetime) -> list[int]:
    """Runs that can still be done, by their duties: a database finds the few among millions by what is unsettled."""
    duties = Duty.objects.unsettled().filter(condition, kind=Duty.Kind.RUN).exclude(conditions(now)["missed"])
    return list(duties.order_by().values_list("subject_id", flat=True))


@dataclass(frozen=True)
class RecordLine:
    """An item on record: every answer with its photos and corrective action."""

    step: Step
    entries: list[tuple[Answer, list[Evidence], Correction | None]]
    is_new: bool = False  # answered anew since the run was sent back


@dataclass(frozen=True)
class Record:
    progress: Progress
    lines: list[RecordLine]
    proofs: list[LedgerEntry]
    passes: list[ShiftPass]
    signatures: list[HandoverSignature]
    returns: list[DutyEvent]  # each time it was sent back: by whom, and what was wanted

    @property
    def anew(self) -> int | None:
        """How many items were answered anew since the run was sent back; None where it never was."""
        return None if self.progress.run.answers_seen is None else sum(line.is_new for line in self.lines)


def record_of(run: Run) -> Record:
    """All that is known of a run, in a fixed number of queries."""
    progress = progress_of(run, "employee", "case", "decided_by")
    answers = [answer for step in progress.steps for answer in step.history]
    photos: dict[str, list[Evidence]] = {}
    for photo in Evidence.objects.filter(owner__in=[a.ref for a in answers], erased_at=None).order_by("id"):
        photos.setdefault(photo.owner, []).append(photo)
    todo = Correction.objects.filter(answer__run=run).select_related("duty__assignee")
    corrections = {correction.answer_id: correction for correction in todo}
    lines = [
        RecordLine(
            step,
            [(a, photos.get(a.ref, []), corrections.get(a.pk)) for a in step.history],
            run.answers_seen is not None and step.answer is not None and step.answer.pk > run.answers_seen,
        )
        for step in progress.steps
    ]
    passes = ShiftPass.objects.filter(
        checklist=run.version.checklist_id, site=run.site_id, shift=run.shift_id, day=run.day
    ).select_related("employee", "given_by")
    signatures = run.signatures.select_related("item", "duty__assignee", "duty__completed_by").order_by(
        "item__position"
    )
    proofs = LedgerEntry.objects.filter(subject=run.ref).order_by("at", "seq")
    returns = run.duty.events.filter(kind=DutyEvent.Kind.REOPENED).select_related("actor").order_by("at", "id")
    return Record(progress, lines, list(proofs), list(passes), list(signatures), list(returns))


def published_version(checklist: Checklist, number: int | None = None) -> ChecklistVersion | None:
    """A version of a checklist with its items; the latest where none is named or the number is unknown."""
    versions = checklist.versions.select_related("published_by").prefetch_related("items").order_by("-number")
    return (versions.filter(number=number).first() if number else None) or versions.first()


def checklists_asking(scope: Scope, module_id: int) -> QuerySet[Checklist]:
    """The active checklists within reach whose latest version asks for a module."""
    latest = ChecklistVersion.objects.filter(checklist=OuterRef("checklist")).order_by("-number").values("pk")[:1]
    asking = ChecklistVersion.objects.filter(pk=Subquery(latest), modules=module_id, checklist=OuterRef("pk"))
    return Checklist.objects.filter(scope.owned(), Exists(asking), is_active=True).order_by("slug")


def shops_of(run: Run) -> QuerySet[Shop]:
    """Active shops that the run's site serves."""
    return Shop.objects.filter(site=run.site_id, is_active=True)
