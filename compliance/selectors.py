"""Reads over duties and the ledger: who owes what, what became of it, which chains a viewer may read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, Max, Q, QuerySet, When
from django.db.models.functions import Coalesce

from duties.lateness import conditions
from duties.models import Duty
from duties.selectors import led
from kernel import clock
from kernel.text import Bilingual, localized
from people.models import Employee, Membership
from people.scope import Scope

ANYTHING = "any"
STATES = ("on_time", "late", "missed", "overdue", "open", "waived")


@dataclass(frozen=True)
class Period:
    """Days from and to, both counted, in the zone of the chosen site, else of the viewer's."""

    start: date
    end: date
    zone: str

    def span(self) -> Q:
        """Due in the period; one that reaches to today holds what is not due yet as well."""
        tz = ZoneInfo(self.zone)
        since = Q(due_at__gte=datetime.combine(self.start, time(0), tz))
        if self.reaches_today:
            return since
        return since & Q(due_at__lt=datetime.combine(self.end + timedelta(days=1), time(0), tz))

    def condition(self, at: datetime) -> Q:
        """The same, and up to today also what is still owed from before: what is overdue never falls out of sight."""
        return self.span() | conditions(at)["overdue"] if self.reaches_today else self.span()

    @property
    def reaches_today(self) -> bool:
        return self.end >= clock.today(self.zone)


@dataclass(frozen=True)
class Filters:
    period: Period | None = None
    site_id: int | None = None
    team_id: int | None = None
    kind: str = ""
    text: str = ""
    owing: str = ""  # only who owes what is chosen; ANYTHING: who owes whatever it is, whichever item is looked at
    obligation: str = ""
    order: str = ""
    state: str = ""

    @property
    def whoever_owes(self) -> str:
        """`owing` for an address that looks at one item of the same people."""
        return ANYTHING if self.owing and not self.obligation else self.owing


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
        return Cell(
            self.on_time + other.on_time,
            self.late + other.late,
            self.missed + other.missed,
            self.overdue + other.overdue,
            self.open + other.open,
            self.waived + other.waived,
        )

    @cached_property
    def parts(self) -> list[tuple[str, int]]:
        """The states that occur, the worst first, by the names that the component for states knows."""
        order = ("overdue", "missed", "late", "on_time", "open", "waived")
        return [("due" if s == "open" else s, getattr(self, s)) for s in order if getattr(self, s)]

    @property
    def trouble(self) -> tuple[int, int, int]:
        """What sorts it: more that is overdue, then missed, then late comes first."""
        return -self.overdue, -self.missed, -self.late

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


def chosen_duties(scope: Scope, filters: Filters, at: datetime) -> QuerySet[Duty]:
    """The duties that every number of these pages counts, and every list that it opens shows."""
    rows = Duty.objects.filter(led(scope), counts_for_id__isnull=False)
    if filters.period:
        rows = rows.filter(filters.period.condition(at))
    if filters.site_id:
        rows = rows.filter(site=filters.site_id)
    if filters.obligation:
        rows = rows.filter(obligation=filters.obligation)
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    return rows.filter(state_condition(filters.state, at)) if filters.state in STATES else rows


def state_condition(state: str, at: datetime) -> Q:
    """One of STATES as a condition on Duty."""
    known = conditions(at)
    return known["due"] | known["not_due"] if state == "open" else known[state]


def _people(scope: Scope, filters: Filters, at: datetime) -> QuerySet[Employee]:
    """The active employees of the viewer that fit the filter."""
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
        asked = replace(filters, obligation="") if filters.owing == ANYTHING else filters
        owed = chosen_duties(scope, asked, at).filter(conditions(at)["overdue"])
        rows = rows.filter(pk__in=owed.values("counts_for_id"))
    return rows


def counted_duties(scope: Scope, filters: Filters, at: datetime) -> QuerySet[Duty]:
    """The chosen duties of the people chosen."""
    return chosen_duties(scope, filters, at).filter(counts_for_id__in=_people(scope, filters, at).values("pk"))


@dataclass(frozen=True)
class Ranked(Sequence[Employee]):
    """People in an order that no column has; read when they are shown."""

    pks: list[int]

    def __len__(self) -> int:
        return len(self.pks)

    def __getitem__(self, at: Any) -> Any:
        pks = self.pks[at]
        found = Employee.objects.only("id", "number", "name").in_bulk(pks if isinstance(pks, list) else [pks])
        return [found[pk] for pk in pks] if isinstance(pks, list) else found[pks]

    def __iter__(self) -> Iterator[Employee]:
        for start in range(0, len(self.pks), 1000):
            yield from self[start : start + 1000]


def chosen_employees(scope: Scope, filters: Filters, at: datetime) -> Ranked | QuerySet[Employee]:
    """The people chosen, in the order of the filter."""
    rows = _people(scope, filters, at).only("id", "number", "name")
    if filters.order in ("late", "owing"):  # counted once for all, not once for each
        worst = _worst(scope, filters, at)
        pks = rows.order_by("name", "id").values_list("pk", flat=True)
        return Ranked(sorted(pks, key=lambda pk: -worst.get(pk, 0)))
    if filters.order == "name":
        return rows.order_by("name", "id")
    # who owes something now comes first: that looks at what is unsettled alone
    owing = chosen_duties(scope, filters, at).filter(conditions(at)["overdue"]).values("counts_for_id")
    return rows.order_by(Case(When(pk__in=owing, then=0), default=1), "name", "id")


def _worst(scope: Scope, filters: Filters, at: datetime) -> dict[int, int]:
    """Of each person who has any: what was late or missed in the period, or what is overdue now."""
    known = conditions(at)
    worst = known["overdue"] if filters.order == "owing" else known["late"] | known["missed"]
    if filters.order == "late" and filters.period:
        worst &= filters.period.span()  # said again on its own, so that databases read the period and no more
    rows = chosen_duties(scope, filters, at).filter(worst).order_by()
    return dict(rows.values_list("counts_for_id").annotate(n=Count("id")))


def counts(at: datetime) -> dict[str, Count]:
    """The one rule of lateness as counts that a database groups."""
    return {state: Count("id", filter=state_condition(state, at)) for state in STATES}


# What names a column: a checklist's own duty, whoever owes it, comes before the signatures in it.
_OWN, _ANY = Max("id", filter=~Q(kind=Duty.Kind.HANDOVER)), Max("id")
_NEWEST = Coalesce(_OWN, _ANY)


def matrix(
    *, scope: Scope, filters: Filters, employees: Iterable[Employee], at: datetime
) -> tuple[list[Column], list[Row]]:
    """The grid of these employees, in two queries whatever their number."""
    people = list(employees)
    grouped: list[Any] = list(
        chosen_duties(scope, filters, at)
        .filter(counts_for_id__in=[e.pk for e in people])
        .order_by()
        .values("counts_for_id", "obligation")
        .annotate(own=_OWN, any=_ANY, **counts(at))
    )
    newest: dict[str, tuple[int, int]] = {}
    for row in grouped:
        newest[row["obligation"]] = max((row["own"] or 0, row["any"]), newest.get(row["obligation"], (0, 0)))
    titled = Duty.objects.filter(pk__in=[own or other for own, other in newest.values()]).order_by("kind", "obligation")
    columns = [Column(d.obligation, d.title, d.kind) for d in titled.only("obligation", "title", "kind")]
    found: dict[int, dict[str, Cell]] = {person.pk: {} for person in people}
    for row in grouped:
        found[row["counts_for_id"]][row["obligation"]] = Cell(*(row[state] for state in STATES))
    empty = Cell()
    rows = []
    for person in people:
        cells = found[person.pk]
        rows.append(Row(person, sum(cells.values(), empty), [cells.get(c.obligation, empty) for c in columns]))
    return columns, rows


@dataclass(frozen=True)
class Grid:
    """The matrix as it is shown: what has most trouble first, with the sums of the rows on the page."""

    columns: list[Column]
    sums: list[Cell]
    total: Cell
    rows: list[Row]


def grid_of(columns: list[Column], rows: list[Row], *, sorts_rows: bool) -> Grid:
    sums = [sum((row.cells[i] for row in rows), Cell()) for i in range(len(columns))]
    order = sorted(range(len(columns)), key=lambda i: sums[i].trouble)
    shown = [Row(row.employee, row.total, [row.cells[i] for i in order]) for row in rows]
    if sorts_rows:
        shown.sort(key=lambda row: row.total.trouble)
    return Grid([columns[i] for i in order], [sums[i] for i in order], sum(sums, Cell()), shown)


def owing(scope: Scope, filters: Filters, at: datetime) -> Owing:
    """What is overdue now of what is chosen, and how many people owe it."""
    rows = owed_now(scope, filters, at)
    found: dict[str, Any] = rows.aggregate(n=Count("id"), people=Count("counts_for_id", distinct=True))
    return Owing(found["n"], found["people"])


def by_item(*, scope: Scope, filters: Filters, at: datetime) -> list[Item]:
    """Every obligation of the people chosen, the most owed first; three queries."""
    rows = counted_duties(scope, filters, at).order_by()
    grouped: list[Any] = list(rows.values("obligation").annotate(newest=_NEWEST, **counts(at)))
    overdue = rows.filter(conditions(at)["overdue"]).values_list("obligation")
    people = dict(overdue.annotate(n=Count("counts_for_id", distinct=True)))
    titles = Duty.objects.in_bulk([row["newest"] for row in grouped])
    items = [
        Item(
            Column(row["obligation"], titles[row["newest"]].title, titles[row["newest"]].kind),
            Cell(*(row[state] for state in STATES)),
            people.get(row["obligation"], 0),
        )
        for row in grouped
    ]
    return sorted(items, key=lambda i: (i.total.trouble, i.column.obligation))


def owed_now(scope: Scope, filters: Filters, at: datetime, people: Iterable[Employee] | None = None) -> QuerySet[Duty]:
    """What is past its time and not done: of these people, or of everybody whom the filter chooses."""
    overdue = conditions(at)["overdue"]
    if people is not None:
        return chosen_duties(scope, filters, at).filter(overdue, counts_for_id__in=[person.pk for person in people])
    return counted_duties(scope, filters, at).filter(overdue)


def total_of(duties: QuerySet[Duty], at: datetime) -> Cell:
    """How many of some duties are in each state, in one query."""
    found: dict[str, int] = duties.order_by().aggregate(**counts(at))
    return Cell(*(found[state] for state in STATES))


def export_rows(*, scope: Scope, filters: Filters, at: datetime) -> Iterator[tuple[Any, ...]]:
    """The rows of the matrix: one for each person and obligation of the period, counted in one query."""
    rows = counted_duties(scope, filters, at).order_by().values_list("counts_for_id", "obligation", _NEWEST)
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    newest: dict[str, int] = {}
    for who, obligation, last, *states in rows.annotate(**counts(at)):
        found[who].append((obligation, *states))
        newest[obligation] = max(last, newest.get(obligation, 0))
    columns: dict[str, tuple[str, str, str]] = {}  # obligation → what sorts it, and its label
    for duty in Duty.objects.filter(pk__in=newest.values()).only("obligation", "title", "kind"):
        label = Column(duty.obligation, duty.title, duty.kind).label
        columns[duty.obligation] = (duty.kind, duty.obligation, label)
    for person in chosen_employees(scope, filters, at):
        for obligation, *states in sorted(found[person.pk], key=lambda row: columns[row[0]]):
            yield (person.number, person.name, columns[obligation][2], *states)
