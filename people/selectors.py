"""Reads of the people room: who leads, manages, is on a shift, is away."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from people.models import CheckIn, Employee, Membership, Role, Roster, Shift

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def leads_of(team_id: int | None, at: datetime) -> list[Employee]:
    """Active leads of a team."""
    if team_id is None:
        return []
    rows = Membership.objects.on(day_of(at)).filter(team=team_id, role=Role.LEAD, employee__is_active=True)
    return [m.employee for m in rows.select_related("employee").order_by("id")]


def managers_of(site_id: int, at: datetime) -> list[Employee]:
    """Active managers of a site, the longest-serving first."""
    rows = Membership.objects.on(day_of(at)).filter(site=site_id, role=Role.MANAGER, employee__is_active=True)
    return [m.employee for m in rows.select_related("employee").order_by("starts_on", "id")]


def away_on(at: datetime) -> QuerySet[Roster]:
    """Ids of those on leave that day, as a subquery."""
    return Roster.objects.filter(day=day_of(at), is_leave=True).values("employee_id")


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


def lead_on_shift(shift: Shift, day: date) -> Employee | None:
    """The rostered lead of a shift; without one, the site's longest-serving manager."""
    leads = Membership.objects.on(day).filter(site=shift.site_id, role=Role.LEAD).values("employee_id")
    rostered = on_shift(shift, day).filter(pk__in=leads).first()
    if rostered:
        return rostered
    managers = Membership.objects.on(day).filter(site=shift.site_id, role=Role.MANAGER, employee__is_active=True)
    first = managers.select_related("employee").order_by("starts_on", "id").first()
    return first.employee if first else None
