"""Reads of the people room: who leads, manages, is on a shift, is away."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BigAutoField, Case, Count, DateField, Q, QuerySet, When

from kernel import clock
from kernel.clock import day_of
from kernel.ids import read_id
from kernel.prepared import Prepared
from people.models import CheckIn, Employee, Membership, Role, Roster, Shift, Shop, Site, Team

NOTICE = timedelta(hours=2)  # what comes up later in a shift may wait for the next
EARLY = timedelta(hours=2)  # so long before a shift one may say “I am here”


def zone_for(shop: Shop | None) -> str:
    """The zone by which what is said for a shop begins and ends; for all shops, the company's."""
    return shop.site.zone if shop else clock.company_zone()


def shop_zones(shop_ids: Iterable[int]) -> dict[int, str]:
    """The zone of the site that each shop's parcels leave from, in one query."""
    return dict(Shop.objects.filter(pk__in=list(shop_ids)).values_list("pk", "site__zone"))


def leads_of(team_id: int | None, at: datetime) -> list[Employee]:
    """Active leads of a team."""
    return _active(at, Q(team=team_id), Role.LEAD) if team_id is not None else []


def leads_at(site_id: int, at: datetime) -> list[Employee]:
    """Active leads of a site's teams."""
    return _active(at, Q(site=site_id), Role.LEAD)


def managers_of(site_id: int, at: datetime) -> list[Employee]:
    """Active managers of a site, the longest-serving first."""
    return _active(at, Q(site=site_id), Role.MANAGER, "starts_on")


def _active(at: datetime, where: Q, role: Role, *order: str) -> list[Employee]:
    """Who has a role at a site or in a team of it at a moment, each once: by the day that it is there."""
    rows = Membership.objects.filter(where, role=role, employee__is_active=True).order_by(*order, "id")
    held = [m for m in rows.select_related("employee", "site") if m.site and m.holds_on(day_of(at, m.site.zone))]
    return list(dict.fromkeys(m.employee for m in held))


def away_on(at: datetime, zone: str) -> QuerySet[Roster, Any]:
    """Ids of those on leave that day in a zone, as a subquery."""
    return Roster.objects.filter(day=day_of(at, zone), is_leave=True).values("employee_id")


def leave_of(employee_ids: Iterable[int] | QuerySet[Any, Any], *, since: date) -> dict[int, dict[date, datetime]]:
    """Each person's days of leave from a day on, with the moment at which it was recorded."""
    leaves: dict[int, dict[date, datetime]] = {}
    rows = Roster.objects.filter(employee__in=employee_ids, is_leave=True, day__gte=since)
    for employee_id, day, recorded_at in rows.values_list("employee_id", "day", "recorded_at"):
        leaves.setdefault(employee_id, {})[day] = recorded_at
    return leaves


def after_leave(due_at: datetime, zone: str, leaves: Mapping[date, datetime]) -> datetime:
    """A deadline moved to the same hour of the first day that is no leave recorded before it; itself where none is."""
    local = due_at.astimezone(ZoneInfo(zone))
    day = local.date()
    while day in leaves and leaves[day] < due_at:
        day += timedelta(days=1)
    return datetime.combine(day, local.time(), ZoneInfo(zone)) if day != local.date() else due_at


def on_shift(shift: Shift, day: date) -> QuerySet[Employee]:
    """Who works a shift: the rostered and those who checked in, without those on leave."""
    return (
        Employee.objects.filter(
            Q(pk__in=Roster.objects.filter(shift=shift, day=day).values("employee_id"))
            | Q(pk__in=CheckIn.objects.filter(shift=shift, day=day).values("employee_id")),
            is_active=True,
        )
        .exclude(pk__in=Roster.objects.filter(day=day, is_leave=True).values("employee_id"))
        .order_by("number")
    )


def at_work(site_id: int, at: datetime) -> list[Employee]:
    """Who works at a site at a moment, whatever their shift."""
    found = {}
    for shift in Shift.objects.filter(site=site_id, is_active=True).select_related("site").order_by("id"):
        if day := running_day(shift, at):
            found.update({person.pk: person for person in on_shift(shift, day)})
    return list(found.values())


def off_shift(employee_ids: Iterable[int], at: datetime) -> set[int]:
    """Those of the employees whom a roster puts on other days or hours than this moment; without a roster, nobody.
    Leave is asked apart, see `away_on`."""
    two, utc = timedelta(days=2), day_of(at, "UTC")  # a site's calendar may be a day from UTC's
    rows = Roster.objects.filter(employee__in=list(employee_ids), is_leave=False, day__range=(utc - two, utc + two))
    resting: dict[int, bool] = {}
    for row in rows.select_related("shift__site"):
        if row.shift and abs(row.day - day_of(at, row.shift.site.zone)) <= timedelta(days=1):
            works_now = running_day(row.shift, at) == row.day
            resting[row.employee_id] = resting.get(row.employee_id, True) and not works_now
    return {employee_id for employee_id, rests in resting.items() if rests}


def shift_leads(shift: Shift, day: date) -> QuerySet[Employee]:
    """The leads of its site who work a shift."""
    leads = Membership.objects.on(day).filter(site=shift.site_id, role=Role.LEAD).values("employee_id")
    return on_shift(shift, day).filter(pk__in=leads)


def lead_on_shift(shift: Shift, day: date) -> Employee | None:
    """The rostered lead of a shift; without one, the site's longest-serving manager."""
    rostered = shift_leads(shift, day).first()
    if rostered:
        return rostered
    managers = Membership.objects.on(day).filter(site=shift.site_id, role=Role.MANAGER, employee__is_active=True)
    first = managers.select_related("employee").order_by("starts_on", "id").first()
    return first.employee if first else None


def end_of_work(*, site: Site, at: datetime, employee: Employee | None, shift: Shift | None) -> datetime:
    """By when somebody can do a thing that came up at a moment: the end of their next rostered shift that leaves two
    hours for it; where no roster says when they work, of the shift at hand, else of any of the site's. Never at an hour
    when nobody works, nor on a day of their leave."""
    today = day_of(at, site.zone)
    days = [today + timedelta(days=n) for n in range(-1, 15)]
    planned = list(Roster.objects.filter(employee=employee, day__in=days).select_related("shift__site"))
    away = {row.day for row in planned if row.is_leave}
    rostered = [row.shift.span(row.day)[1] for row in planned if row.shift]
    shifts = [shift] if shift else list(Shift.objects.filter(site=site, is_active=True).select_related("site"))
    usual = [one.span(day)[1] for one in shifts for day in days if day not in away]
    plain = [datetime.combine(day, time(18), site.tz) for day in days]
    for ends in (rostered, usual, plain):
        if possible := [end for end in ends if end >= at + NOTICE]:
            return min(possible)
    return at + timedelta(days=1)


@dataclass(frozen=True)
class ShiftNow:
    """What a person's shift is at a moment: the shift and its day, whether the roster says so, or leave.

    `choices` are the shifts that one may check in for, when nothing says which it is.
    """

    shift: Shift | None = None
    ends_at: datetime | None = None
    is_leave: bool = False
    choices: tuple[Shift, ...] = ()


def shift_now(*, employee_id: int, site_id: int | None, zone: str, at: datetime) -> ShiftNow:
    """The shift that a person works now, by roster or check-in, in one to three queries."""
    today = day_of(at, zone)
    days = (today, today - timedelta(days=1))
    rosters = list(Roster.objects.filter(employee=employee_id, day__in=days).select_related("shift__site"))
    if any(r.is_leave and r.day == today for r in rosters):
        return ShiftNow(is_leave=True)
    running = _running(rosters, at) or _next_of(rosters, today, at)
    if running:
        return running
    checkins = CheckIn.objects.filter(employee=employee_id, day__in=days).select_related("shift__site")
    running = _running(checkins, at)
    if running or site_id is None:
        return running or ShiftNow()
    shifts = Shift.objects.filter(site=site_id, is_active=True).select_related("site").order_by("starts", "id")
    return ShiftNow(choices=tuple(s for s in shifts if running_day(s, at)))


def within_shift(*, employee_id: int, at: datetime, until: datetime) -> datetime:
    """A claimed moment, moved on to the start of the shift in which it can have been: that of a person who works by
    roster or check-in; who has neither in these days is believed. In at most two queries."""
    two = timedelta(days=2)  # a site's calendar may be a day from UTC's
    days = (day_of(at, "UTC") - two, day_of(until, "UTC") + two)
    mine = {"employee": employee_id, "day__range": days, "shift__isnull": False}
    rows: list[Roster | CheckIn] = [*Roster.objects.filter(**mine).select_related("shift__site")]
    rows += CheckIn.objects.filter(**mine).select_related("shift__site")
    starts = sorted({row.shift.span(row.day)[0] - EARLY for row in rows if row.shift})
    if any(start <= at < start + timedelta(days=1) for start in starts):
        return at
    return next((start for start in starts if at < start <= until), at)


def running_day(shift: Shift, at: datetime) -> date | None:
    """The day on which the shift that runs at a moment (or begins within two hours) began; needs `site` loaded."""
    today = day_of(at, shift.site.zone)
    for day in (today, today - timedelta(days=1)):
        start, end = shift.span(day)
        if start - EARLY <= at < end:
            return day
    return None


def _running(rows: "list[Roster] | QuerySet[CheckIn]", at: datetime) -> ShiftNow | None:
    for row in rows:
        if row.shift is None:
            continue
        start, end = row.shift.span(row.day)
        if start - EARLY <= at < end:
            return ShiftNow(shift=row.shift, ends_at=end)
    return None


def _next_of(rosters: list[Roster], today: date, at: datetime) -> ShiftNow | None:
    """Rostered for later today: that is one's shift, nothing to choose."""
    later = [r.shift for r in rosters if r.shift and r.day == today and r.shift.span(today)[0] > at]
    return ShiftNow(shift=later[0], ends_at=later[0].span(today)[1]) if later else None


@dataclass(frozen=True)
class RosterCell:
    day: date
    choice: str  # "leave", a shift's id, or "" for nothing said
    label: str


@dataclass(frozen=True)
class RosterRow:
    employee: Employee
    cells: tuple[RosterCell, ...]


def roster_week(*, team: Team, monday: date) -> list[RosterRow]:
    """Who of a team does what on each day of a week, in two queries."""
    days = [monday + timedelta(days=n) for n in range(7)]
    members = (
        Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gte=monday), team=team, starts_on__lte=days[-1])
        .filter(employee__is_active=True)
        .values("employee_id")
    )
    people = list(Employee.objects.filter(pk__in=members).order_by("number"))
    said = {
        (r.employee_id, r.day): r
        for r in Roster.objects.filter(employee__in=people, day__range=(days[0], days[-1])).select_related("shift")
    }
    return [RosterRow(person, tuple(_cell(day, said.get((person.pk, day))) for day in days)) for person in people]


def _cell(day: date, row: Roster | None) -> RosterCell:
    if row is None:
        return RosterCell(day, "", "")
    return RosterCell(day, "leave", "") if row.shift is None else RosterCell(day, str(row.shift_id), row.shift.name)


# --- lists


def current_memberships(employee: Employee, *, on: date) -> QuerySet[Membership]:
    rows = Membership.objects.on(on).filter(employee=employee)
    return rows.select_related("site", "shop", "team").order_by("starts_on", "id")


ORDERS = {"number": ("number",), "name": ("name", "id"), "-number": ("-number",), "-name": ("-name", "-id")}


def employees_found(*, within: Q, asked: Mapping[str, str], on: date) -> QuerySet[Employee]:
    """The employees of a list: q (number or name), state (active, left, all), site, role, order."""
    rows = Employee.objects.filter(within)
    words = asked.get("q", "").strip()
    if words:
        rows = rows.filter(Q(number__startswith=Employee.normalize_username(words)) | Q(name__icontains=words))
    state = asked.get("state", "active")
    if state in ("active", "left"):
        rows = rows.filter(is_active=state == "active")
    members = Membership.objects.on(on)
    if (site := read_id(asked.get("site"))) is not None:
        at_site = Q(site=site) | Q(shop__site=site)
        rows = rows.filter(pk__in=members.filter(at_site).values("employee_id"))
    if asked.get("role") in Role.values:
        rows = rows.filter(pk__in=members.filter(role=asked["role"]).values("employee_id"))
    return rows.order_by(*ORDERS.get(asked.get("order", ""), ORDERS["number"]))


@dataclass(frozen=True)
class EmployeeRow:
    employee: Employee
    memberships: tuple[Membership, ...]


def with_memberships(employees: Iterable[Employee], *, on: date) -> list[EmployeeRow]:
    """Each employee of a page with what they are on a day, in one query more."""
    people = list(employees)
    theirs: dict[int, list[Membership]] = {person.pk: [] for person in people}
    rows = Membership.objects.on(on).filter(employee__in=people).select_related("site", "shop", "team")
    for row in rows.order_by("starts_on", "id"):
        theirs[row.employee_id].append(row)
    return [EmployeeRow(person, tuple(theirs[person.pk])) for person in people]


@dataclass(frozen=True)
class Overview:
    """The company at a glance, for its administrator."""

    sites: list[Site]
    shops: list[Shop]
    teams: list[Team]
    shifts: list[Shift]
    active: int
    left: int


def company_overview() -> Overview:
    counts = Employee.objects.aggregate(active=Count("pk", filter=Q(is_active=True)), every=Count("pk"))
    return Overview(
        sites=list(Site.objects.order_by("-is_active", "name")),
        shops=list(Shop.objects.select_related("site").order_by("-is_active", "name")),
        teams=list(Team.objects.select_related("site").order_by("-is_active", "site__name", "name")),
        shifts=list(Shift.objects.select_related("site").order_by("-is_active", "site__name", "starts")),
        active=counts["active"],
        left=counts["every"] - counts["active"],
    )


def close_colleagues(employee_id: int, *, site_id: int, on: date) -> list[Employee]:
    """Whom somebody would ask at a site: their own teams, and its leads and managers; themselves first."""
    return CLOSE(employee_id=employee_id, site_id=site_id, on=on)


def _close(employee_id: Any, site_id: Any, on: Any) -> QuerySet[Employee]:
    members = Membership.objects.on(on).filter(site=site_id).exclude(role=Role.AUDITOR)
    teams = members.filter(employee=employee_id, team__isnull=False).values("team")
    near = members.filter(Q(team__in=teams) | Q(role__in=[Role.LEAD, Role.MANAGER]) | Q(employee=employee_id))
    people = Employee.objects.filter(pk__in=near.values("employee_id"), is_active=True)
    return people.only("id", "name", "number").order_by(Case(When(pk=employee_id, then=0), default=1), "number")


CLOSE = Prepared(_close, employee_id=BigAutoField(), site_id=BigAutoField(), on=DateField())


def working_at(site_id: int, shop_id: int | None = None) -> QuerySet[Employee]:
    """Active people with a role at a site today, or for the shop, auditors apart: who may be given work there."""
    return working_for([site_id], [shop_id] if shop_id else [])


def working_for(site_ids: Collection[int], shop_ids: Collection[int]) -> QuerySet[Employee]:
    """The same for any of several sites and shops."""
    there = Q(site__in=site_ids) | Q(shop__in=shop_ids)
    members = Membership.objects.at(clock.now()).filter(there).exclude(role=Role.AUDITOR)
    return Employee.objects.filter(pk__in=members.values("employee_id"), is_active=True).order_by("number")
