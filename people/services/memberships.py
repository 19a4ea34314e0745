"""Who has which role where, since when."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import Refused
from people.actor import Actor
from people.models import Employee, Membership, Role, Roster, Shop, Site, Team
from records.models import Fact
from records.services import append_entry, chain_name, record_fact

LOOKED_BACK = timedelta(days=40)  # over an outage of the clock


class MembershipOverlaps(Refused):
    status = 409
    sentence = _("This person has this role there already. End that one first, or choose other days.")


@transaction.atomic
def add_membership(
    *,
    employee: Employee,
    role: str,
    starts_on: date,
    site: Site | None = None,
    shop: Shop | None = None,
    team: Team | None = None,
    ends_on: date | None = None,
    actor: Actor,
) -> Membership:
    """Gives a role at a site or for a shop. The same again returns the first; an overlap with another is refused."""
    actor.require_administrator()
    if (site is None) == (shop is None):
        raise Refused(_("Choose a site or a shop, one of the two."), field="place")
    if team and (site is None or team.site_id != site.pk):
        raise Refused(_("The team belongs to another site."), field="team")
    if ends_on and ends_on < starts_on:
        raise Refused(_("It ends before it starts."), field="ends_on")
    person = Employee.objects.select_for_update(of=("self",)).get(pk=employee.pk)
    if not person.is_active:
        raise Refused(_("This person has left. Bring them back first."))
    same = Membership.objects.filter(employee=person, role=role, site=site, shop=shop, team=team)
    for known in same.order_by("id"):
        if (known.starts_on, known.ends_on) == (starts_on, ends_on):
            return known
        if known.starts_on <= (ends_on or date.max) and starts_on <= (known.ends_on or date.max):
            raise MembershipOverlaps
    made = Membership.objects.create(
        employee=person, role=Role(role), site=site, shop=shop, team=team, starts_on=starts_on, ends_on=ends_on
    )
    _tell(made, "begun", actor)
    return made


@transaction.atomic
def end_membership(*, membership: Membership, on: date, actor: Actor) -> Membership:
    """Ends it after a day, which still counts; it stays readable. A repeat with the same day changes nothing."""
    actor.require_administrator()
    Employee.objects.select_for_update(of=("self",)).get(pk=membership.employee_id)
    row = Membership.objects.select_for_update(of=("self",)).select_related("site", "shop__site").get(pk=membership.pk)
    if row.ends_on == on:
        return row
    if on < row.starts_on:
        raise Refused(_("It cannot end before it started."))
    if row.ends_on and row.ends_on < clock.today(row.zone) - timedelta(days=1):
        raise Refused(_("It has ended already; the past is not rewritten."))
    row.ends_on = on
    row.save(update_fields=["ends_on"])
    _clear_roster(row)
    _tell(row, f"ends:{on.isoformat()}", actor)
    return row


def _clear_roster(row: Membership) -> None:
    """Nobody is rostered at a site after their last day there."""
    if row.site_id is None or row.ends_on is None:
        return
    planned = Roster.objects.filter(employee=row.employee_id, day__gt=row.ends_on, shift__site=row.site_id)
    others = Membership.objects.filter(employee=row.employee_id, site=row.site_id).exclude(pk=row.pk)
    kept = [entry.pk for entry in planned if any(other.holds_on(entry.day) for other in others)]
    planned.exclude(pk__in=kept).delete()


def tell_memberships(now: datetime) -> int:
    """A step of the tick: says of each membership that it has begun, and that it is over, when that day comes at its
    site: once, also when the clock stood still for weeks. Returns how many were told."""
    utc = clock.day_of(now, "UTC")
    since, until = utc - LOOKED_BACK, utc + timedelta(days=1)
    near = Q(starts_on__range=(since, until)) | Q(ends_on__range=(since, until))
    told: dict[str, tuple[str, Membership]] = {}
    rows = Membership.objects.filter(near, employee__is_active=True).select_related("site", "shop__site")
    for row in rows.order_by("id"):
        today = clock.day_of(now, row.zone)
        if row.ends_on and row.ends_on < today:
            told[f"membership.over:{row.pk}:{row.ends_on}"] = ("membership.over", row)
        elif since <= row.starts_on <= today:
            told[f"membership.begun:{row.pk}:{row.starts_on}"] = ("membership.begun", row)
    known = set(Fact.objects.filter(key__in=told).values_list("key", flat=True))
    new = [(key, kind, row) for key, (kind, row) in told.items() if key not in known]
    for key, kind, row in new:
        with transaction.atomic():
            subject = f"employee:{row.employee_id}"
            record_fact(kind=kind, key=key, subject=subject, site_id=row.site_id, shop_id=row.shop_id)
    return len(new)


def _tell(row: Membership, what: str, actor: Actor) -> None:
    """The fact for rooms that assign by role, and the sealed entry."""
    payload = {
        "membership": row.pk,
        "role": str(row.role),
        "team": row.team_id,
        "from": row.starts_on.isoformat(),
        "to": row.ends_on.isoformat() if row.ends_on else None,
    }
    subject = f"employee:{row.employee_id}"
    record_fact(
        kind="membership.changed",
        key=f"membership.changed:{row.pk}:{what}",
        subject=subject,
        site_id=row.site_id,
        shop_id=row.shop_id,
        payload=payload,
    )
    append_entry(
        chain=chain_name(site_id=row.site_id, shop_id=row.shop_id),
        kind="membership.changed",
        actor=actor.ref,
        subject=subject,
        payload=payload,
    )
