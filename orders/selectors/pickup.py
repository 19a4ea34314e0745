"""The 48-hour pickup rate: how many parcels the courier recorded within 48 hours of the payment, over 30 days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, ExpressionWrapper, F, Max, OuterRef, Q, QuerySet, Subquery

from orders.models import Import, TrackingEvent, Waybill
from orders.models.imports import IS_COMPARING
from people.models import Shop
from people.scope import Scope

SPAN, LIMIT = timedelta(days=30), timedelta(hours=48)


@dataclass(frozen=True)
class PickupRate:
    """Parcels paid for in the last 30 days: with a recorded pickup, of these later than 48 hours, and without one (of
    which nothing is concluded: the tracking may not speak for them)."""

    recorded: int
    late: int
    unrecorded: int

    @property
    def rate(self) -> float | None:
        return (self.recorded - self.late) / self.recorded if self.recorded else None


def paid_parcels(scope: Scope, now: datetime, **wish: Any) -> QuerySet[Waybill]:
    """Parcels of the last 30 days with `picked_at`, the courier's first event, and `limit_at`. Files that tell only the
    latest status say nothing about the first."""
    events = TrackingEvent.objects.filter(number=OuterRef("number"), shop=OuterRef("order__shop"), is_latest_only=False)
    first = events.exclude(status=TrackingEvent.Status.ORDERED).order_by("at").values("at")[:1]
    rows = Waybill.objects.filter(scope.at_shops("order__shop"), withdrawn_at=None, **wish)
    rows = rows.filter(order__paid_at__gte=now - SPAN, order__paid_at__lte=now)
    limit = ExpressionWrapper(F("order__paid_at") + LIMIT, output_field=DateTimeField())
    return rows.annotate(picked_at=Subquery(first), limit_at=limit)


WHICH: dict[str, Q] = {
    "late": Q(picked_at__gt=F("limit_at")),
    "recorded": Q(picked_at__isnull=False),
    "unrecorded": Q(picked_at=None),
}


def pickup_rows(scope: Scope, now: datetime, which: str, **wish: Any) -> QuerySet[Waybill]:
    """The parcels that a number of the rate counts (a key of WHICH), the latest payments first."""
    rows = paid_parcels(scope, now, **wish).filter(WHICH[which])
    return rows.select_related("order__shop__site").order_by("-order__paid_at", "id")


def pickup_rate(scope: Scope, now: datetime, **wish: Any) -> PickupRate:
    """One query."""
    parcels = paid_parcels(scope, now, **wish)
    seen = parcels.aggregate(**{name: Count("id", condition) for name, condition in WHICH.items()})
    return PickupRate(seen["recorded"], seen["late"], seen["unrecorded"])


def tracking_as_of(scope: Scope, shop: Shop | None = None) -> tuple[datetime | None, bool]:
    """(as of when tracking was compared, whether newer files are not compared yet). One query."""
    seen = Import.objects.filter(scope.at_shops("shops"), **({"shops": shop} if shop else {}))
    said = seen.aggregate(
        at=Max("as_of", filter=Q(compared_at__isnull=False, files__kind="tracking")),
        comparing=Count("id", filter=IS_COMPARING),
    )
    return said["at"], bool(said["comparing"])
