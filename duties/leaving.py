"""What becomes of the open duties of somebody who leaves, or who loses the role that they owed them in.

What only they can do (to learn, to confirm, a seat in a drill) ends with them, with the reason. What the site needs
goes on to somebody who may do it: the lead on that shift, else who leads or manages the site; where nobody is found,
anyone of the site may take it.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from duties.events import changed
from duties.gates import able
from duties.models import Duty, DutyEvent
from duties.selectors import FOR_LEADS
from duties.telling import tell_given
from kernel import clock
from people.actor import Actor
from people.models import Employee, Membership, Role
from people.selectors import lead_on_shift, leads_at, managers_of
from records.models import Fact

BATCH = 500
LEFT = "已离职 · has left"
NO_LONGER = "已不在这个岗位 · no longer in this role"


@transaction.atomic
def end_duties(duties: Iterable[Duty], *, reason: str, actor: Actor, outcome: str = "") -> int:
    """Waives unsettled duties that nobody needs any more or nobody else can do, set-based. Returns how many."""
    now, rows = clock.now(), list(duties)
    _require(actor, rows)
    ended = {"waived_at": now, "waived_by": actor.employee, "waived_reason": reason, "outcome": outcome}
    events = [changed(row, DutyEvent.Kind.WAIVED, at=now, actor=actor.employee, note=reason, **ended) for row in rows]
    Duty.objects.bulk_update(rows, list(ended), batch_size=BATCH)
    DutyEvent.objects.bulk_create(events, batch_size=BATCH)
    return len(rows)


@transaction.atomic
def miss_duties(duties: Iterable[Duty], *, reason: str, actor: Actor, outcome: str = "") -> int:
    """Closes overdue duties that nobody needs any more: they were not done. Returns how many."""
    now, rows = clock.now(), list(duties)
    _require(actor, rows)
    missed = {"missed_at": now, "outcome": outcome}
    events = [changed(row, DutyEvent.Kind.MISSED, at=now, actor=actor.employee, note=reason, **missed) for row in rows]
    Duty.objects.bulk_update(rows, list(missed), batch_size=BATCH)
    DutyEvent.objects.bulk_create(events, batch_size=BATCH)
    return len(rows)


@transaction.atomic
def hand_on(duties: Iterable[Duty], *, leaver: Employee, reason: str, actor: Actor) -> int:
    """Ends what is personal and gives the rest to whoever may do it. `duties` are locked. Returns how many."""
    now, rows = clock.now(), list(duties)
    _require(actor, rows)
    end_duties([row for row in rows if row.kind in Duty.IN_PERSON], reason=reason, actor=actor)
    passed = [row for row in rows if row.kind not in Duty.IN_PERSON]
    events = []
    for row in passed:
        heir = _heir(row, leaver, now)
        given = {"assignee": heir, "is_claimable": row.is_claimable or heir is None, "claimed_at": None}
        events.append(changed(row, DutyEvent.Kind.REASSIGNED, at=now, actor=actor.employee, note=reason, **given))
    Duty.objects.bulk_update(passed, ["assignee", "is_claimable", "claimed_at"], batch_size=BATCH)
    DutyEvent.objects.bulk_create(events, batch_size=BATCH)
    tell_given(passed, by=actor.employee)
    return len(rows)


def _require(actor: Actor, duties: Iterable[Duty]) -> None:
    """Whoever works at their sites or for their shops; what else it takes, the room of the work has asked."""
    for site_id, shop_id in {(duty.site_id, duty.shop_id) for duty in duties}:
        actor.require(Role.EMPLOYEE, site_id=site_id, shop_id=shop_id)


def _heir(duty: Duty, leaver: Employee, now: datetime) -> Employee | None:
    """The first of the shift's lead, the site's managers (longest there first) and its leads who may do the work."""
    of_shift = [lead_on_shift(duty.shift, duty.shift_date)] if duty.shift and duty.shift_date else []
    others = [*managers_of(duty.site_id, now), *leads_at(duty.site_id, now)]
    staying = [person for person in (*of_shift, *others) if person and person.pk != leaver.pk]
    return next(iter(able(duty, staying)), None)


def hand_on_after(fact: Fact) -> None:
    """The reaction to a membership that is over: what the person owes there and may do no more goes on; what they owe
    where they hold no role at all ends or goes on too."""
    employee = Employee.objects.filter(pk=int(fact.subject.rpartition(":")[2]), is_active=True).first()
    if employee is None:
        return
    held = Membership.objects.at(clock.now()).filter(employee=employee).select_related("site", "shop")
    sites = {m.site_id or (m.shop.site_id if m.shop else None) for m in held}
    with transaction.atomic():
        owed = Duty.objects.select_for_update(of=("self",)).unsettled().filter(assignee=employee)
        rows = owed.select_related("site", "shift__site").exclude(kind=Duty.Kind.MODULE).order_by("id")
        gone = [r for r in rows if r.site_id not in sites or (r.kind in FOR_LEADS and not able(r, [employee]))]
        hand_on(gone, leaver=employee, reason=NO_LONGER, actor=Actor.system("rule"))
