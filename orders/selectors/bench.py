"""Where somebody verifies, and how many parcels they passed today."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.db.models.functions import ExtractHour

from kernel import clock
from orders.models import Verification
from people.models import Employee, Role, Shop
from people.scope import Scope


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
    """What one person passed today, hour by hour in the order of the page's hours."""

    employee: Employee
    counts: list[int]
    stopped: int

    @property
    def total(self) -> int:
        return sum(self.counts)


def passed_by_hour(scope: Scope, viewer: Employee) -> tuple[list[int], list[Hours]]:
    """(hours of the day with work in them, a line a person by name): one's own, and a lead's people. Ranked for
    nobody. Two queries."""
    zone = ZoneInfo(scope.zone)
    since = datetime.combine(clock.today(scope.zone), time(), zone)
    mine = Q(employee=viewer) | Q(scope.at_sites("site", Role.LEAD))
    rows = Verification.objects.filter(mine, at__gte=since).exclude(verdict="undone")
    passed, stopped = Count("id", Q(verdict="passed", undone_by=None)), Count("id", Q(verdict="stopped"))
    by_hour = rows.order_by().annotate(hour=ExtractHour("at", tzinfo=zone)).values_list("employee", "hour")
    found: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    for person, hour, n, halted in by_hour.annotate(n=passed, halted=stopped):
        found[person][hour] = (n, halted)
    hours = sorted({hour for counts in found.values() for hour in counts})
    people = Employee.objects.filter(pk__in=found).order_by("name", "number")
    return hours, [
        Hours(
            person,
            [found[person.pk].get(hour, (0, 0))[0] for hour in hours],
            sum(halted for _n, halted in found[person.pk].values()),
        )
        for person in people
    ]
