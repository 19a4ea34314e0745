"""The 48-hour pickup rate: how many parcels the courier recorded within 48 hours of the payment, over 30 days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery

from orders.models import TrackingEvent, Waybill
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


def late_pickups(scope: Scope, now: datetime, **wish: Any) -> QuerySet[Waybill]:
    """Those picked up later than 48 hours after the payment, the latest payments first."""
    rows = paid_parcels(scope, now, **wish).filter(picked_at__gt=F("limit_at"))
    return rows.select_related("order__shop").order_by("-order__paid_at", "id")


def pickup_rate(scope: Scope, now: datetime, **wish: Any) -> PickupRate:
    """One query."""
    late, none = Q(picked_at__gt=F("limit_at")), Q(picked_at=None)
    parcels = paid_parcels(scope, now, **wish)
    seen = parcels.aggregate(all=Count("id"), late=Count("id", late), none=Count("id", none))
    return PickupRate(seen["all"] - seen["none"], seen["late"], seen["none"])
