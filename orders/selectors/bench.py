"""Where somebody verifies, and how many parcels they passed today."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractHour

from kernel import clock
from orders.models import Verification
from people.models import Employee, Role, Shop
from people.scope import Scope

if TYPE_CHECKING:  # the type of rows with annotations is there for mypy alone
    from typing import TypedDict

    from django_stubs_ext import WithAnnotations

    class InItsHour(TypedDict):
        hour: int


@dataclass(frozen=True)
class Place:
    """A site, and the shops whose parcels are verified there by this viewer."""

    site_id: int
    shop_ids: list[int]


def bench_place(scope: Scope) -> Place | None:
    """The viewer's own site, else that of the first shop they work for; None without any shop."""
    shops = list(
        Shop.objects.filter(scope.at_shops("pk", Role.EMPLOYEE, reading=False), is_active=True)
        .order_by("id")
        .values_list("id", "site_id")
    )
    if not shops:
        return None
    sites = [site for _shop, site in shops]
    site = scope.home_site_id if scope.home_site_id in sites else sites[0]
    return Place(site, [shop for shop, _site in shops])


def verified_today(employee: Employee, zone: str) -> int:
    """Passed since midnight, less those undone."""
    since = datetime.combine(clock.today(zone), time(), ZoneInfo(zone))
    return Verification.objects.filter(employee=employee, at__gte=since, verdict="passed", undone_by=None).count()


@dataclass(frozen=True)
class Hours:
    """What one person passed and stopped today, hour by hour."""

    employee: Employee
    hours: list[int]
    counts: list[int]
    halted: list[int]

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def stopped(self) -> int:
        return sum(self.halted)

    @property
    def by_hour(self) -> list[tuple[int, int]]:
        return list(zip(self.hours, self.counts, strict=True))


def scans_today(scope: Scope, viewer: Employee) -> "QuerySet[WithAnnotations[Verification, InItsHour]]":
    """What counts as passed or stopped today, each with its hour: one's own, and that of a lead's people."""
    zone = ZoneInfo(scope.zone)
    since = datetime.combine(clock.today(scope.zone), time(), zone)
    mine = Q(employee=viewer) | Q(scope.at_sites("site", Role.LEAD))
    counts = Q(verdict="passed", undone_by=None) | Q(verdict="stopped")
    return Verification.objects.filter(mine, counts, at__gte=since).annotate(hour=ExtractHour("at", tzinfo=zone))


def passed_by_hour(scope: Scope, viewer: Employee) -> tuple[list[int], list[Hours]]:
    """(hours of the day with work in them, a line a person by name) of `scans_today`. Ranked for nobody. Two
    queries."""
    found: dict[int, dict[tuple[int, str], int]] = defaultdict(dict)
    rows = scans_today(scope, viewer).order_by().values_list("employee", "hour", "verdict")
    for person, hour, verdict, n in rows.annotate(n=Count("id")):
        found[person][hour, verdict] = n
    hours = sorted({hour for counts in found.values() for hour, _verdict in counts})
    people = Employee.objects.filter(pk__in=found).order_by("name", "number")
    return hours, [
        Hours(
            person,
            hours,
            *([found[person.pk].get((h, verdict), 0) for h in hours] for verdict in ("passed", "stopped")),
        )
        for person in people
    ]
