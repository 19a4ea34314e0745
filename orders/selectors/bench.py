"""Where somebody verifies, and how many parcels they passed today."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

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
