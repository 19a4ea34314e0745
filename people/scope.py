"""Who may see and do what: a viewer's scope, made once a request from the memberships of the day.

A condition that a scope gives is an `IN` of plain ids, never a join, so the query can be locked and needs no DISTINCT.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BigAutoField, DateField, Q, QuerySet
from django.http import Http404

from kernel import clock
from kernel.errors import NotAllowed
from kernel.prepared import Prepared
from people.models import Employee, Membership, Role

EVERYTHING = ~Q(pk__in=[])  # holds for every row; an empty Q() would vanish from an OR, and with it all that it grants
A_DAY = timedelta(days=1)  # nowhere on Earth is the calendar further from UTC's
RANK = {Role.EMPLOYEE: 1, Role.LEAD: 2, Role.MANAGER: 3}


@dataclass(frozen=True)
class Grant:
    """One membership: a role at a site (with its shops) or for a shop."""

    role: str
    site_id: int | None
    shop_ids: frozenset[int]
    team_id: int | None
    zone: str

    def reaches(self, at_least: Role, *, reading: bool) -> bool:
        if self.role == Role.AUDITOR:
            return reading
        return RANK[Role(self.role)] >= RANK[at_least]


@dataclass(frozen=True)
class Scope:
    """What one viewer reaches. `reads` counts an auditor as a manager, `acts` does not; an administrator has all.

    `zone` is that of the viewer's home, the site of their first role; the company's for whoever has none.
    """

    employee_id: int
    zone: str
    is_administrator: bool = False
    grants: tuple[Grant, ...] = ()
    home_site_id: int | None = None

    # --- ids

    def site_ids(self, at_least: Role = Role.EMPLOYEE, *, reading: bool = True) -> frozenset[int]:
        return frozenset(
            g.site_id for g in self.grants if g.site_id is not None and g.reaches(at_least, reading=reading)
        )

    def shop_ids(self, at_least: Role = Role.EMPLOYEE, *, reading: bool = True) -> frozenset[int]:
        return frozenset(s for g in self.grants if g.reaches(at_least, reading=reading) for s in g.shop_ids)

    def team_ids(self, at_least: Role = Role.EMPLOYEE) -> frozenset[int]:
        return frozenset(g.team_id for g in self.grants if g.team_id and g.reaches(at_least, reading=False))

    # --- conditions for querysets

    def at_sites(self, field: str = "site", at_least: Role = Role.EMPLOYEE, *, reading: bool = True) -> Q:
        """Rows of the sites reached, for what belongs to a site."""
        if self.is_administrator:
            return EVERYTHING
        return Q(**{f"{field}__in": sorted(self.site_ids(at_least, reading=reading))})

    def at_shops(self, field: str = "shop", at_least: Role = Role.EMPLOYEE, *, reading: bool = True) -> Q:
        """Rows of the shops reached, for what belongs to a shop."""
        if self.is_administrator:
            return EVERYTHING
        return Q(**{f"{field}__in": sorted(self.shop_ids(at_least, reading=reading))})

    def owned(self, at_least: Role = Role.EMPLOYEE, *, reading: bool = True) -> Q:
        """Rows of an Owned model: the company's, and those of the sites and shops reached."""
        if self.is_administrator:
            return EVERYTHING
        return (
            Q(site=None, shop=None)
            | self.at_sites("site", at_least, reading=reading)
            | self.at_shops("shop", at_least, reading=reading)
        )

    # --- questions

    def has_role(self, at_least: Role = Role.EMPLOYEE, *, reading: bool = False) -> bool:
        """Whether the viewer has this role anywhere."""
        return self.is_administrator or any(g.reaches(at_least, reading=reading) for g in self.grants)

    @property
    def shift_site_id(self) -> int | None:
        """Where the viewer works in shifts, as employee or lead; None for who only manages, audits or administers."""
        works = [g.site_id for g in self.grants if g.site_id and g.role in (Role.EMPLOYEE, Role.LEAD)]
        return self.home_site_id if self.home_site_id in works else next(iter(works), None)

    @property
    def is_auditor(self) -> bool:
        return any(g.role == Role.AUDITOR for g in self.grants)

    def acts(self, at_least: Role, *, site_id: int | None = None, shop_id: int | None = None) -> bool:
        """Whether the viewer may act in this role there; with neither given, for the company (administrators)."""
        if self.is_administrator:
            return True
        if shop_id is not None and shop_id in self.shop_ids(at_least, reading=False):
            return True
        return site_id is not None and site_id in self.site_ids(at_least, reading=False)

    def require(self, at_least: Role, *, site_id: int | None = None, shop_id: int | None = None) -> None:
        """Raises NotAllowed (403) unless the viewer may act in this role there."""
        if not self.acts(at_least, site_id=site_id, shop_id=shop_id):
            raise NotAllowed

    def require_role(self, at_least: Role, *, reading: bool = False) -> None:
        if not self.has_role(at_least, reading=reading):
            raise NotAllowed

    def require_administrator(self) -> None:
        if not self.is_administrator:
            raise NotAllowed

    def sees_site(self, site_id: int) -> None:
        """Raises Http404 unless the site is within reach."""
        if not (self.is_administrator or site_id in self.site_ids()):
            raise Http404

    def sees_shop(self, shop_id: int) -> None:
        if not (self.is_administrator or shop_id in self.shop_ids()):
            raise Http404

    def employees(self) -> Q:
        """Condition on Employee: oneself; as lead the own teams; as manager or auditor the sites and shops."""
        if self.is_administrator:
            return EVERYTHING
        found = Q(pk=self.employee_id)
        for zone in sorted({g.zone for g in self.grants}):
            there = replace(self, grants=tuple(g for g in self.grants if g.zone == zone))
            members = Membership.objects.on(clock.today(zone)).filter(
                there.at_sites("site", Role.MANAGER)
                | there.at_shops("shop", Role.MANAGER)
                | Q(team__in=sorted(there.team_ids(Role.LEAD)))
            )
            found |= Q(pk__in=members.values("employee_id"))
        return found


def scope_of(employee: Employee, at: datetime | None = None) -> Scope:
    """The scope of an employee at a moment (now by default), in one query: a role holds from the first to the last of
    its days as its own site counts them. Who has left reaches nothing."""
    moment = at or clock.now()
    if not employee.is_active:
        return _scope(employee, (), moment)
    utc = clock.day_of(moment, "UTC")
    return _scope(employee, NEAR(employee=employee.pk, earliest=utc - A_DAY, latest=utc + A_DAY), moment)


COLUMNS = (
    *("id", "role", "starts_on", "ends_on", "site_id", "shop_id", "team_id", "site__zone", "shop__site__zone"),
    "site__shops__id",
)


def _touching(earliest: Any, latest: Any) -> QuerySet:
    """Memberships that touch these days, with their zones, a row for each shop of their site."""
    return Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gte=earliest), starts_on__lte=latest).order_by("id")


def _near(employee: Any, earliest: Any, latest: Any) -> QuerySet:
    return _touching(earliest, latest).filter(employee_id=employee).values_list(*COLUMNS)


NEAR = Prepared(_near, employee=BigAutoField(), earliest=DateField(), latest=DateField())


def scopes_of(employees: Iterable[Employee], at: datetime) -> dict[int, Scope]:
    """The scopes of several people at a moment, by their id, in one query."""
    people, utc = {person.pk: person for person in employees}, clock.day_of(at, "UTC")
    rows: dict[int, list[tuple]] = {pk: [] for pk in people}
    near = _touching(utc - A_DAY, utc + A_DAY).filter(employee__in=people)
    for holder, *row in near.values_list("employee_id", *COLUMNS):
        rows[holder].append(tuple(row))
    return {pk: _scope(person, rows[pk], at) for pk, person in people.items()}


def _scope(employee: Employee, rows: Iterable[tuple], moment: datetime) -> Scope:
    grants: dict[int, Grant] = {}
    for pk, role, starts_on, ends_on, site_id, shop_id, team_id, site_zone, shop_zone, site_shop in rows:
        zone = site_zone or shop_zone
        if not starts_on <= clock.day_of(moment, zone) <= (ends_on or date.max):
            continue
        before = grants[pk].shop_ids if pk in grants else frozenset()
        shops = before | {s for s in (shop_id, site_shop) if s is not None}
        grants[pk] = Grant(role, site_id, shops, team_id, zone)
    home = next((g for g in grants.values() if g.site_id is not None), None) or next(iter(grants.values()), None)
    return Scope(
        employee_id=employee.pk,
        zone=home.zone if home else clock.company_zone(),
        is_administrator=employee.is_administrator and employee.is_active,
        grants=tuple(grants.values()),
        home_site_id=home.site_id if home else None,
    )
