"""Reads over duties and the ledger: who owes what, what became of it, which chains a viewer may read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Q, QuerySet

from duties.models import Duty
from kernel.text import Bilingual
from people.models import Employee, Membership, Role
from people.scope import Scope
from records.models import Chain

UNSETTLED = Q(completed_at=None, missed_at=None, waived_at=None)
STATES = ("on_time", "late", "missed", "overdue", "open", "waived")


@dataclass(frozen=True)
class Period:
    """Days from and to, both counted, in the viewer's zone."""

    start: date
    end: date
    zone: str

    def condition(self) -> Q:
        tz = ZoneInfo(self.zone)
        after = datetime.combine(self.end + timedelta(days=1), time(0), tz)
        return Q(due_at__gte=datetime.combine(self.start, time(0), tz), due_at__lt=after)


@dataclass(frozen=True)
class Filters:
    period: Period
    site_id: int | None = None
    team_id: int | None = None
    kind: str = ""
    text: str = ""
    owing: bool = False


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


@dataclass(frozen=True)
class Column:
    obligation: str
    title: Bilingual


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
    return rows.filter(kind=filters.kind) if filters.kind else rows


def chosen_employees(scope: Scope, filters: Filters, at: datetime) -> QuerySet[Employee]:
    """The active employees of the viewer that fit the filter, by name."""
    rows = Employee.objects.filter(scope.employees(), is_active=True)
    if filters.text:
        rows = rows.filter(Q(name__icontains=filters.text) | Q(number__icontains=filters.text))
    if filters.site_id or filters.team_id:
        members = Membership.objects.on(at.astimezone(ZoneInfo(filters.period.zone)).date())
        if filters.site_id:
            members = members.filter(Q(site=filters.site_id) | Q(shop__site=filters.site_id))
        if filters.team_id:
            members = members.filter(team=filters.team_id)
        rows = rows.filter(pk__in=members.values("employee_id"))
    if filters.owing:
        owed = chosen_duties(scope, filters).filter(UNSETTLED, due_at__lt=at, assignee__isnull=False)
        rows = rows.filter(pk__in=owed.values("assignee_id"))
    return rows.only("id", "number", "name").order_by("name", "id")


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
    columns = [Column(d.obligation, d.title) for d in titled.only("obligation", "title", "kind")]
    found = {(r["assignee_id"], r["obligation"]): Cell(*(r[s] for s in STATES)) for r in grouped}
    rows = []
    for person in people:
        cells = [found.get((person.pk, c.obligation), Cell()) for c in columns]
        rows.append(Row(person, sum(cells, Cell()), cells))
    return columns, rows


def owing(scope: Scope, filters: Filters, at: datetime) -> Owing:
    """What is overdue now and how many people owe it, over the index of unsettled duties."""
    rows = chosen_duties(scope, filters).filter(UNSETTLED, due_at__lt=at, assignee__isnull=False)
    if not scope.is_administrator or filters.text or filters.team_id:
        everyone = Filters(filters.period, filters.site_id, filters.team_id, filters.kind, filters.text)
        rows = rows.filter(assignee__in=chosen_employees(scope, everyone, at).order_by().values("pk"))
    found: dict[str, Any] = rows.aggregate(n=Count("id"), people=Count("assignee_id", distinct=True))
    return Owing(found["n"], found["people"])


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
                title = column.title.get("zh") or column.title.get("en", "")
                yield (row.employee.number, row.employee.name, title, *(getattr(cell, s) for s in STATES))


def chains_of(scope: Scope) -> QuerySet[Chain]:
    """The chains that a viewer may read: those of sites and shops led, managed or audited; the company's if granted."""
    rows = Chain.objects.order_by("name")
    if scope.is_administrator:
        return rows
    names = [f"site:{pk}" for pk in scope.site_ids(Role.LEAD)] + [f"shop:{pk}" for pk in scope.shop_ids(Role.LEAD)]
    return rows.filter(name__in=[*names, "company"] if scope.is_auditor else names)
