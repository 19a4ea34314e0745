"""Reads of the training room: who is qualified, at any moment; what is owed; who stands where."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.prepared import Prepared
from kernel.presence import present
from people.models import Employee
from people.scope import Scope
from training.models import Assignment, Attempt, Lesson, LessonRead, Module, ModuleVersion, Qualification

if TYPE_CHECKING:  # the type of rows with annotations is there for mypy alone
    from typing import TypedDict

    from django_stubs_ext import WithAnnotations

    class Standings(TypedDict):
        standing: str


GRACE = timedelta(days=7)  # so long an earlier version still qualifies, unless the newer one is urgent


def _qualifies(held: Iterable[int], versions: list[ModuleVersion], at: datetime) -> bool:
    """Whether one of the held version numbers qualifies at a moment; `versions` are those published by then."""
    for number in held:
        newer = [v for v in versions if v.number > number]
        if all(not v.is_urgent and at - v.published_at < GRACE for v in newer):
            return True
    return False


def missing_modules(*, employee: Employee, module_ids: Iterable[int], at: datetime) -> list[Module]:
    """Those of the modules that the employee is not qualified for at that moment; one query where none is missing."""
    published: dict[int, list[ModuleVersion]] = defaultdict(list)
    for version in _published(tuple(module_ids))(employee=employee.pk, at=at):
        published[version.module_id].append(version)
    missing = [pk for pk, versions in published.items() if not _qualifies(_held(versions), versions, at)]
    return list(Module.objects.filter(pk__in=missing).order_by("pk")) if missing else []


@lru_cache(maxsize=256)
def _published(module_ids: tuple[int, ...]) -> Prepared:
    """Versions of these modules that were published at a moment, and whether an employee held them then."""

    def build(employee: Any, at: Any) -> QuerySet[ModuleVersion]:
        mine = Qualification.objects.filter(version=OuterRef("pk"), employee_id=employee, from_at__lte=at)
        rows = ModuleVersion.objects.filter(module__in=list(module_ids), published_at__lte=at)
        rows = rows.annotate(is_held=Exists(mine.exclude(until_at__lte=at))).order_by("number")
        return rows.only("module_id", "number", "published_at", "is_urgent")

    return Prepared(build, employee=models.BigAutoField(), at=models.DateTimeField())


def _held(versions: list[Any]) -> list[int]:
    return [version.number for version in versions if version.is_held]


def modules_missing(
    *, people: Collection[Employee], module_ids: Iterable[int], at: datetime
) -> dict[int, list[Module]]:
    """The same for several people, by their id, in as many queries."""
    employee_ids = [person.pk for person in people]
    theirs = Q(qualifications__employee__in=employee_ids, qualifications__from_at__lte=at)
    theirs &= Q(qualifications__until_at=None) | Q(qualifications__until_at__gt=at)
    rows = ModuleVersion.objects.filter(module__in=list(module_ids), published_at__lte=at)
    rows = rows.annotate(held=FilteredRelation("qualifications", condition=theirs)).order_by("number")
    published: dict[int, dict[int, ModuleVersion]] = defaultdict(dict)
    held: dict[tuple[int, int], list[int]] = defaultdict(list)
    columns = ("number", "published_at", "is_urgent", "module_id")
    for holder, *said in rows.values_list("held__employee", *columns):
        version = ModuleVersion(**dict(zip(columns, said, strict=True)))
        published[version.module_id][version.number] = version
        held[holder, version.module_id].append(version.number)
    lacking = {
        person: [pk for pk, known in published.items() if not _qualifies(held[person, pk], [*known.values()], at)]
        for person in employee_ids
    }
    wanted = {pk for missing in lacking.values() for pk in missing}
    modules = list(Module.objects.filter(pk__in=wanted).order_by("pk")) if wanted else []
    return {person: [m for m in modules if m.pk in missing] for person, missing in lacking.items()}


def courses_to_take(*, employee_ids: Collection[int], module_ids: Iterable[int]) -> dict[tuple[int, int], int]:
    """The assignment that each was given of each of the modules last, by (employee, module); one query."""
    rows = Assignment.objects.filter(employee__in=employee_ids, module__in=list(module_ids)).order_by("pk")
    return {(employee, module): pk for pk, employee, module in rows.values_list("pk", "employee", "module")}


@dataclass(frozen=True)
class Held:
    """One module and one person at a moment: on which version they were qualified, since when, by which attempt."""

    module: Module
    current: ModuleVersion
    qualification: Qualification | None
    is_qualified: bool


def qualifications_at(employee: Employee, at: datetime) -> list[Held]:
    """What the employee was qualified for at a moment, and for what no longer; modules published by then."""
    published: dict[int, list[ModuleVersion]] = defaultdict(list)
    for version in ModuleVersion.objects.filter(published_at__lte=at).select_related("module").order_by("number"):
        published[version.module_id].append(version)
    latest: dict[int, Qualification] = {}
    rows = Qualification.objects.filter(employee=employee, from_at__lte=at).exclude(until_at__lte=at)
    for row in rows.select_related("version", "attempt__assignment").order_by("version__number"):
        latest[row.module_id] = row
    return [
        Held(
            versions[0].module,
            versions[-1],
            held := latest.get(pk),
            held is not None and _qualifies([held.version.number], versions, at),
        )
        for pk, versions in sorted(published.items(), key=lambda item: (item[1][-1].order, item[0]))
    ]


# --- one's own training


@dataclass(frozen=True)
class Course:
    """An assignment with how far it is."""

    assignment: Assignment
    read: int
    lessons: int
    last: Attempt | None

    @property
    def is_done(self) -> bool:
        return bool(self.assignment.duty and self.assignment.duty.completed_at)


def courses_of(employee: Employee) -> list[Course]:
    """What somebody has to learn or has learned, in a fixed number of queries; owed first, soonest first."""
    assignments = list(
        Assignment.objects.filter(employee=employee)
        .select_related("module__current", "duty", "site")
        .annotate(
            read=Count("reads", filter=Q(reads__lesson__version=F("module__current")), distinct=True),
        )
        .order_by("duty__due_at", "module__current__order", "id")
    )
    versions = {a.module.current_id for a in assignments}
    lessons = dict(
        Lesson.objects.filter(version__in=versions).order_by().values_list("version").annotate(n=Count("id"))
    )
    last: dict[int, Attempt] = {}
    for attempt in Attempt.objects.filter(assignment__in=assignments).order_by("number"):
        last[attempt.assignment_id] = attempt
    rows = [Course(a, a.read, lessons.get(a.module.current_id, 0), last.get(a.pk)) for a in assignments]
    return sorted(rows, key=lambda c: c.is_done)


@dataclass(frozen=True)
class LessonLine:
    lesson: Lesson
    is_read: bool


@dataclass(frozen=True)
class Work:
    """An assignment as one works on it: its lessons, the first unread one, its attempts."""

    assignment: Assignment
    version: ModuleVersion
    lessons: list[LessonLine]
    attempts: list[Attempt]

    @property
    def next_lesson(self) -> Lesson | None:
        return next((line.lesson for line in self.lessons if not line.is_read), None)

    @property
    def read(self) -> int:
        return sum(line.is_read for line in self.lessons)

    @property
    def is_done(self) -> bool:
        return bool(self.assignment.duty and self.assignment.duty.completed_at)

    @property
    def passed(self) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.passed), None)

    def after(self, lesson: Lesson) -> Lesson | None:
        """The lesson after this one."""
        return next((line.lesson for line in self.lessons if line.lesson.position > lesson.position), None)


def work_of(assignment: Assignment) -> Work:
    """In three queries; needs `module__current` and `duty` loaded."""
    version = present(assignment.module.current)
    done = set(LessonRead.objects.filter(assignment=assignment).values_list("lesson_id", flat=True))
    lines = [LessonLine(lesson, lesson.pk in done) for lesson in version.lessons.order_by("position")]
    attempts = list(assignment.attempts.select_related("version").order_by("number"))
    return Work(assignment, version, lines, attempts)


def visible_assignments(scope: Scope) -> QuerySet[Assignment]:
    """One's own, and those of whom one leads, manages or audits."""
    people = Employee.objects.filter(scope.employees()).values("pk")
    return Assignment.objects.filter(Q(employee=scope.employee_id) | Q(employee__in=people)).select_related(
        "module__current", "duty", "employee", "site"
    )


# --- everybody's


def module_list(scope: Scope, text: str = "") -> QuerySet[Module, Any]:
    """The modules within reach, with how many people within reach are qualified on the current version, and owe it."""
    people = Employee.objects.filter(scope.employees(), is_active=True).values("pk")
    rows = Module.objects.usable().filter(scope.owned()).select_related("current", "site", "shop")
    if text:
        rows = rows.filter(Q(title__zh__icontains=text) | Q(title__en__icontains=text) | Q(slug__icontains=text))
    owed = open_assignments(module=OuterRef("module"), employee=OuterRef("employee"))
    held = Qualification.objects.filter(version=OuterRef("current"), employee__in=people).exclude(Exists(owed))
    return rows.annotate(
        qualified=_people_in(held), owing=_people_in(open_assignments(module=OuterRef("pk"), employee__in=people))
    ).order_by("current__order", "id")


def _people_in(rows: QuerySet[Any]) -> Coalesce:
    """How many people some rows of one module are of: each module counts by itself, for joined they multiply."""
    counted = rows.order_by().values("module").annotate(n=Count("employee", distinct=True)).values("n")
    return Coalesce(Subquery(counted), 0)


class Standing(models.TextChoices):
    """Where somebody stands with a module; each person is in one of them, the first that fits."""

    OVERDUE = "overdue", pgettext_lazy("duty", "overdue")
    OWING = "owing", pgettext_lazy("duty", "to do")
    EARLIER = "earlier", _("earlier version")
    QUALIFIED = "qualified", _("qualified")


STILL_OPEN = (Standing.OVERDUE, Standing.OWING)


@dataclass(frozen=True)
class Learner:
    """Somebody and where they stand with a module."""

    employee: Employee
    standing: Standing
    assignment: Assignment | None
    qualification: Qualification | None


def open_assignments(**where: Any) -> QuerySet[Assignment]:
    return Assignment.objects.filter(duty__completed_at=None, duty__waived_at=None, **where)


def learners(
    module: Module, scope: Scope, at: datetime, text: str = ""
) -> "QuerySet[WithAnnotations[Employee, Standings]]":
    """Who has to do with a module, within reach, each with their `standing`: those who owe it or have learned it; what
    needs something first."""
    mine = {"employee": OuterRef("pk"), "module": module}
    held = Qualification.objects.filter(**mine)
    rows = Employee.objects.filter(scope.employees(), is_active=True)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(number__icontains=text))
    fitting = {
        Standing.OVERDUE: Exists(open_assignments(**mine, duty__due_at__lt=at)),
        Standing.OWING: Exists(open_assignments(**mine)),
        Standing.QUALIFIED: Exists(held.filter(version=module.current_id)),
        Standing.EARLIER: Exists(held),
    }
    stands = Case(*(When(is_so, then=Value(str(standing))) for standing, is_so in fitting.items()))
    place = Case(*(When(standing=str(standing), then=n) for n, standing in enumerate(Standing)))
    return rows.annotate(standing=stands).exclude(standing=None).order_by(place, "name", "id")


def standings_of(people: "QuerySet[WithAnnotations[Employee, Standings]]") -> list[tuple[Standing, int]]:
    """How many of `learners` stand where, in one query."""
    found = dict(people.order_by().values_list("standing").annotate(n=Count("id")))
    return [(standing, found[standing]) for standing in Standing if found.get(standing)]


def learner_rows(module: Module, employees: Iterable[Any]) -> list[Learner]:
    """A page of learners, in two queries."""
    people = list(employees)
    assignments: dict[int, Assignment] = {}
    for row in (
        Assignment.objects.filter(module=module, employee__in=people).select_related("duty", "site").order_by("id")
    ):
        assignments[row.employee_id] = row
    held: dict[int, Qualification] = {}
    rows = Qualification.objects.filter(module=module, employee__in=people).select_related("version", "attempt")
    for held_row in rows.order_by("version__number"):
        held[held_row.employee_id] = held_row
    return [Learner(p, Standing(p.standing), assignments.get(p.pk), held.get(p.pk)) for p in people]
