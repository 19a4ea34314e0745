"""Reads over duties and the ledger: who owes what, what became of it, which chains a viewer may read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from duties.models import Duty
from kernel import clock
from kernel.text import Bilingual, localized
from people.models import Employee, Membership, Role
from people.scope import Scope

UNSETTLED = Q(completed_at=None, missed_at=None, waived_at=None)
STATES = ("on_time", "late", "missed", "overdue", "open", "waived")


@dataclass(frozen=True)
class Period:
    """Days from and to, both counted, in the viewer's zone."""

    start: date
    end: date
    zone: str

    def condition(self) -> Q:
        """Due in the period; one that reaches to today holds what is not due yet as well."""
        tz = ZoneInfo(self.zone)
        since = Q(due_at__gte=datetime.combine(self.start, time(0), tz))
        if self.end >= clock.today(self.zone):
            return since
        return since & Q(due_at__lt=datetime.combine(self.end + timedelta(days=1), time(0), tz))


@dataclass(frozen=True)
class Filters:
    period: Period
    site_id: int | None = None
    team_id: int | None = None
    kind: str = ""
    text: str = ""
    owing: bool = False
    obligation: str = ""
    order: str = ""


@dataclass(frozen=True)
class Cell:
    """What became of one obligation of one person in the period, as counts."""

    on_time: int = 0
    late: int = 0
    missed: int = 0
    overdue: int = 0
    open: int = 0
    waived: int = 0

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(*(getattr(self, s) + getattr(other, s) for s in STATES))

    @property
    def parts(self) -> list[tuple[str, int]]:
        """The states that occur, the worst first, by the names that the component for states knows."""
        order = ("overdue", "missed", "late", "on_time", "open", "waived")
        return [("due" if s == "open" else s, getattr(self, s)) for s in order if getattr(self, s)]

    @property
    def worst(self) -> str:
        """The one state that stands for the cell; "" where nothing was owed."""
        return self.parts[0][0] if self.parts else ""


@dataclass(frozen=True)
class Column:
    """What is owed: a module, a checklist; or, where each is a thing of its own (cases), its kind."""

    obligation: str
    title: Bilingual
    kind: str

    @property
    def label(self) -> str:
        """In the viewer's language."""
        return localized(self.title) if ":" in self.obligation else str(Duty.Kind(self.kind).label)


@dataclass(frozen=True)
class Item:
    """One obligation over everybody chosen: its counts, and how many people still owe it past its time."""

    column: Column
    total: Cell
    people: int


@dataclass(frozen=True)
class Row:
    employee: Employee
    total: Cell
    cells: list[Cell] = field(default_factory=list)


@dataclass(frozen=True)
class Owing:
    duties: int
    people: int


def duties_in(scope: Scope) -> Q:
    """Condition on Duty: those of sites and shops that the viewer leads, manages or audits."""
    return scope.at_sites("site", Role.LEAD) | scope.at_shops("shop", Role.LEAD)


def chosen_duties(scope: Scope, filters: Filters) -> QuerySet[Duty]:
    rows = Duty.objects.filter(duties_in(scope))
    if filters.site_id:
        rows = rows.filter(site=filters.site_id)
    if filters.obligation:
        rows = rows.filter(obligation=filters.obligation)
    return rows.filter(kind=filters.kind) if filters.kind else rows


def chosen_employees(scope: Scope, filters: Filters, at: datetime) -> QuerySet[Employee]:
    """The active employees of the viewer that fit the filter, by name."""
    rows = Employee.objects.filter(scope.employees(), is_active=True)
    if filters.text:
        rows = rows.filter(Q(name__icontains=filters.text) | Q(number__icontains=filters.text))
    if filters.site_id or filters.team_id:
        members = Membership.objects.at(at)
        if filters.site_id:
            members = members.filter(Q(site=filters.site_id) | Q(shop__site=filters.site_id))
        if filters.team_id:
            members = members.filter(team=filters.team_id)
        rows = rows.filter(pk__in=members.values("employee_id"))
    if filters.owing:
        owed = chosen_duties(scope, filters).filter(UNSETTLED, due_at__lt=at, assignee__isnull=False)
        rows = rows.filter(pk__in=owed.values("assignee_id"))
    if filters.order in ("late", "owing"):
        rows = rows.annotate(worst=_count_of(scope, filters, at)).order_by("-worst", "name", "id")
    else:
        rows = rows.order_by("name", "id")
    return rows.only("id", "number", "name")


def _count_of(scope: Scope, filters: Filters, at: datetime) -> Coalesce:
    """Of each person: what was late or missed in the period, or what is overdue now."""
    rows = chosen_duties(scope, filters).filter(assignee=OuterRef("pk")).order_by()
    if filters.order == "owing":
        rows = rows.filter(UNSETTLED, due_at__lt=at)
    else:
        settled = Q(completed_at__gt=F("due_at")) | Q(missed_at__isnull=False)
        rows = rows.filter(filters.period.condition(), settled, waived_at=None)
    return Coalesce(Subquery(rows.values("assignee").annotate(n=Count("id")).values("n")), 0)


def counts(at: datetime) -> dict[str, Count]:
    """The one rule of lateness (Duty.status) as counts that a database groups."""
    done = Q(completed_at__isnull=False, waived_at=None)
    return {
        "on_time": Count("id", filter=done & Q(completed_at__lte=F("due_at"))),
        "late": Count("id", filter=done & Q(completed_at__gt=F("due_at"))),
        "missed": Count("id", filter=Q(missed_at__isnull=False, completed_at=None, waived_at=None)),
        "overdue": Count("id", filter=UNSETTLED & Q(due_at__lt=at)),
        "open": Count("id", filter=UNSETTLED & Q(due_at__gte=at)),
        "waived": Count("id", filter=Q(waived_at__isnull=False)),
    }


def matrix(
    *, scope: Scope, filters: Filters, employees: Iterable[Employee], at: datetime
) -> tuple[list[Column], list[Row]]:
    """The grid of these employees, in two queries whatever their number."""
    people = list(employees)
    grouped: list[dict[str, Any]] = list(
        chosen_duties(scope, filters)
        .filter(filters.period.condition(), assignee__in=[e.pk for e in people])
        .order_by()
        .values("assignee_id", "obligation")
        .annotate(newest=Max("id"), **counts(at))
    )
    newest: dict[str, int] = {}
    for row in grouped:
        newest[row["obligation"]] = max(row["newest"], newest.get(row["obligation"], 0))
    titled = Duty.objects.filter(pk__in=newest.values()).order_by("kind", "obligation")
    columns = [Column(d.obligation, d.title, d.kind) for d in titled.only("obligation", "title", "kind")]
    found: dict[int, dict[str, Cell]] = {person.pk: {} for person in people}
    for row in grouped:
        found[row["assignee_id"]][row["obligation"]] = Cell(*(row[state] for state in STATES))
    empty = Cell()
    rows = []
    for person in people:
        cells = found[person.pk]
        rows.append(Row(person, sum(cells.values(), empty), [cells.get(c.obligation, empty) for c in columns]))
    return columns, rows


def owing(scope: Scope, filters: Filters, at: datetime) -> Owing:
    """What is overdue now and how many people owe it, over the index of unsettled duties."""
    rows = chosen_duties(scope, filters).filter(UNSETTLED, due_at__lt=at, assignee__isnull=False)
    if not scope.is_administrator or filters.text or filters.team_id:
        everyone = Filters(filters.period, filters.site_id, filters.team_id, filters.kind, filters.text)
        rows = rows.filter(assignee__in=chosen_employees(scope, everyone, at).order_by().values("pk"))
    found: dict[str, Any] = rows.aggregate(n=Count("id"), people=Count("assignee_id", distinct=True))
    return Owing(found["n"], found["people"])


def by_item(*, scope: Scope, filters: Filters, at: datetime) -> list[Item]:
    """Every obligation of the people chosen, the most owed first; two queries."""
    rows = chosen_duties(scope, filters).filter(filters.period.condition(), assignee__isnull=False)
    if filters.text or filters.team_id or filters.owing:
        rows = rows.filter(assignee__in=chosen_employees(scope, filters, at).order_by().values("pk"))
    overdue = UNSETTLED & Q(due_at__lt=at)
    people = Count("assignee_id", filter=overdue, distinct=True)
    grouped: list[dict[str, Any]] = list(
        rows.order_by().values("obligation").annotate(newest=Max("id"), people=people, **counts(at))
    )
    titles = Duty.objects.in_bulk([row["newest"] for row in grouped])
    items = [
        Item(
            Column(row["obligation"], titles[row["newest"]].title, titles[row["newest"]].kind),
            Cell(*(row[state] for state in STATES)),
            row["people"],
        )
        for row in grouped
    ]
    return sorted(items, key=lambda i: (-i.total.overdue, -i.total.missed, -i.total.late, i.column.obligation))


def owed_now(scope: Scope, filters: Filters, at: datetime, people: Iterable[Employee] | None = None) -> QuerySet[Duty]:
    """What is past its time and not done: of these people, or of everybody whom the filter chooses."""
    rows = chosen_duties(scope, filters).filter(UNSETTLED, due_at__lt=at, assignee__isnull=False)
    if people is not None:
        return rows.filter(assignee__in=[person.pk for person in people])
    return rows.filter(assignee__in=chosen_employees(scope, filters, at).order_by().values("pk"))


def export_rows(*, scope: Scope, filters: Filters, at: datetime) -> Iterator[tuple[Any, ...]]:
    """The rows of the matrix: one for each person, obligation and period; 500 people at a time."""
    people = chosen_employees(scope, filters, at)
    batch: list[Employee] = []
    for person in people.iterator(chunk_size=500):
        batch.append(person)
        if len(batch) == 500:
            yield from _export(scope, filters, batch, at)
            batch = []
    yield from _export(scope, filters, batch, at)


def _export(scope: Scope, filters: Filters, people: list[Employee], at: datetime) -> Iterator[tuple[Any, ...]]:
    columns, rows = matrix(scope=scope, filters=filters, employees=people, at=at)
    for row in rows:
        for column, cell in zip(columns, row.cells, strict=True):
            if cell.parts:
                yield (row.employee.number, row.employee.name, column.label, *(getattr(cell, s) for s in STATES))
