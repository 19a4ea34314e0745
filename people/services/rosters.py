"""Who works which shift on which day, and “I am here” where no roster says so."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kernel.errors import NotAllowed, Refused
from people.actor import Actor
from people.models import CheckIn, Employee, Membership, Role, Roster, Shift, Team
from people.scope import Scope
from people.selectors import running_day
from records.services import append_entry, chain_name


class NotThisShift(Refused):
    sentence = _("This shift is not running now. Choose the one that you work.")


def may_roster(scope: Scope, team: Team) -> bool:
    """A lead of the team, a manager of its site, an administrator."""
    return (
        scope.is_administrator or team.pk in scope.team_ids(Role.LEAD) or scope.acts(Role.MANAGER, site_id=team.site_id)
    )


@transaction.atomic
def set_roster_day(
    *, team: Team, employee: Employee, day: date, shift: Shift | None, is_leave: bool, actor: Actor
) -> Roster | None:
    """Says what a member of the team does on a day: a shift, leave, or neither. The same again changes nothing."""
    if not may_roster(actor.scope, team):
        raise NotAllowed
    if shift and shift.site_id != team.site_id:
        raise Refused(_("The shift belongs to another site."))
    person = Employee.objects.select_for_update(of=("self",)).get(pk=employee.pk)
    if not Membership.objects.on(day).filter(employee=person, team=team).exists():
        raise Refused(_("This person is not in the team on that day."))
    known = list(Roster.objects.filter(employee=person, day=day).order_by("id"))
    if [(r.shift_id, r.is_leave) for r in known] == ([(shift and shift.pk, is_leave)] if shift or is_leave else []):
        return known[0] if known else None
    Roster.objects.filter(pk__in=[r.pk for r in known]).delete()
    made = None
    if shift or is_leave:
        made = Roster.objects.create(employee=person, day=day, shift=None if is_leave else shift, is_leave=is_leave)
    append_entry(
        chain=chain_name(site_id=team.site_id),
        kind="roster.changed",
        actor=actor.ref,
        subject=person.ref,
        payload={
            "day": day.isoformat(),
            "shift": made.shift_id if made else None,
            "leave": is_leave,
            "before": [r.shift_id or 0 for r in known],
        },
    )
    return made


@transaction.atomic
def copy_week(*, team: Team, monday: date, actor: Actor) -> int:
    """Rosters a week like the one before, where nothing is said yet; leave is not copied. Returns how many days."""
    if not may_roster(actor.scope, team):
        raise NotAllowed
    members = Membership.objects.on(monday).filter(team=team, employee__is_active=True).values("employee_id")
    people = list(Employee.objects.select_for_update(of=("self",)).filter(pk__in=members).order_by("pk"))
    week = Roster.objects.filter(employee__in=people)
    taken = set(week.filter(day__range=(monday, monday + timedelta(days=6))).values_list("employee_id", "day"))
    before = week.filter(day__range=(monday - timedelta(days=7), monday - timedelta(days=1)), is_leave=False)
    made = [
        Roster(employee_id=r.employee_id, day=r.day + timedelta(days=7), shift_id=r.shift_id)
        for r in before
        if (r.employee_id, r.day + timedelta(days=7)) not in taken
    ]
    Roster.objects.bulk_create(made, ignore_conflicts=True)
    if made:
        append_entry(
            chain=chain_name(site_id=team.site_id),
            kind="roster.copied",
            actor=actor.ref,
            subject=f"team:{team.pk}",
            payload={"monday": monday.isoformat(), "days": len(made)},
        )
    return len(made)


@transaction.atomic
def check_in(*, actor: Actor, shift: Shift, at: datetime) -> CheckIn:
    """到岗: the person is here for a shift that runs now, or begins within two hours. A repeat returns the first."""
    if shift.site_id not in actor.scope.site_ids(reading=False):
        raise NotAllowed
    day = running_day(shift, at)
    if day is None:
        raise NotThisShift
    person = Employee.objects.select_for_update(of=("self",)).get(pk=actor.person.pk)
    made, is_new = CheckIn.objects.get_or_create(employee=person, shift=shift, day=day, defaults={"at": at})
    if is_new:
        append_entry(
            chain=chain_name(site_id=shift.site_id),
            kind="shift.checked_in",
            actor=person.ref,
            subject=person.ref,
            payload={"shift": shift.pk, "day": day.isoformat()},
        )
    return made
