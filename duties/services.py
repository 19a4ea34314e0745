"""Every write on duties. Rooms above call these inside their own transaction; pages call them for claim and waive."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from duties.events import changed
from duties.gates import require_able
from duties.leaving import LEFT, hand_on
from duties.models import Beat, Duty, DutyEvent
from duties.telling import OF_THE_SHIFT, tell_given, titled, wanted_by
from kernel import clock
from kernel.batches import batched
from kernel.errors import Conflict, NotAllowed, Refused
from kernel.text import Bilingual
from notifications.services import NoticeDraft, send_notices
from people.actor import Actor
from people.models import Employee, Role, Shift, Shop, Site, Team
from people.selectors import working_at
from people.services import deactivate_employee

BATCH = 1000
REMIND_PAUSE = timedelta(hours=1)
REMINDER = {"zh": "请尽快完成：", "en": "Please do this soon: "}


class AlreadySettled(Refused):
    status = 409
    sentence = _("This was already settled.")


@dataclass(frozen=True, kw_only=True)
class DutyDraft:
    """What a new duty says; see Duty for the meaning of each."""

    key: str
    obligation: str
    kind: str
    subject_id: int
    title: Bilingual
    site: Site
    due_at: datetime
    opens_at: datetime
    assignee: Employee | None = None
    shop: Shop | None = None
    team: Team | None = None
    shift: Shift | None = None
    shift_date: date | None = None
    closes_at: datetime | None = None
    is_claimable: bool = False


@transaction.atomic
def open_duty(draft: DutyDraft, *, actor: Actor) -> Duty:
    """Makes a duty, once per key; a repeat returns the first."""
    known = Duty.objects.filter(key=draft.key).first()
    if known is None:
        made = open_duties([draft], actor=actor)
        if actor.employee and draft.kind not in OF_THE_SHIFT:
            tell_given(made, by=actor.employee)
        known = Duty.objects.get(key=draft.key)  # ours, or that of somebody who was quicker
    return known


@transaction.atomic
def open_duties(drafts: Iterable[DutyDraft], *, actor: Actor) -> list[Duty]:
    """Makes many duties whose keys are new, set-based; a key that exists already is left as it is."""
    drafted = {draft.key: draft for draft in drafts}
    for site_id, shop_id in {(draft.site.pk, draft.shop.pk if draft.shop else None) for draft in drafted.values()}:
        actor.require(Role.EMPLOYEE, site_id=site_id, shop_id=shop_id)
    try:
        with transaction.atomic():
            return _make_duties(drafted, actor.employee)
    except IntegrityError:  # somebody made one of them between our look and our write; what they made is known now
        return _make_duties(drafted, actor.employee)


def _make_duties(drafted: dict[str, DutyDraft], actor: Employee | None) -> list[Duty]:
    now, known = clock.now(), set[str]()
    for keys in batched(drafted, BATCH):
        known.update(Duty.objects.filter(key__in=keys).values_list("key", flat=True))
    made = Duty.objects.bulk_create(
        [Duty(**vars(draft)) for key, draft in drafted.items() if key not in known], batch_size=BATCH
    )
    DutyEvent.objects.bulk_create(
        [DutyEvent(duty=d, kind=DutyEvent.Kind.OPENED, at=now, actor=actor, assignee=d.assignee) for d in made],
        batch_size=BATCH,
    )
    return made


def _lock(duty: Duty) -> Duty:
    return Duty.objects.select_for_update(of=("self",)).get(pk=duty.pk)


def _require(actor: Actor, role: Role, duty: Duty) -> None:
    actor.require(role, site_id=duty.site_id, shop_id=duty.shop_id)


def _change(row: Duty, kind: str, *, actor: Actor, note: str = "", **values: Any) -> Duty:
    """Writes new values into a locked row, and the event that keeps the old ones beside them."""
    event = changed(row, kind, at=clock.now(), actor=actor.employee, note=note, **values)
    row.save(update_fields=list(values))
    event.save()
    return row


@transaction.atomic
def complete_duty(*, duty: Duty, actor: Actor, at: datetime, outcome: str = "done", by: Employee | None = None) -> Duty:
    """Settles a duty as done at a moment; a missed one counts as late. A repeat changes nothing.

    Whoever owes it may say so, and whoever works at its site or for its shop: what else it takes, the room of the work
    has asked. `by` is who did the work, where that is not the actor.
    """
    row = _lock(duty)
    if not actor.is_person(row.assignee_id):
        _require(actor, Role.EMPLOYEE, row)
    if row.completed_at or row.waived_at:
        return row
    done, doer = DutyEvent.Kind.COMPLETED, by or actor.person
    return _change(row, done, actor=actor, completed_at=at, completed_by=doer, outcome=outcome, missed_at=None)


@transaction.atomic
def reopen_duty(*, duty: Duty, actor: Actor, due_at: datetime | None = None, note: str = "") -> Duty:
    """Owed again, say because the review sent the run back: wanted by `due_at`, late by the deadline first told."""
    _require(actor, Role.EMPLOYEE, duty)
    row = _lock(duty)
    again = {"completed_at": None, "completed_by": None, "missed_at": None, "outcome": ""}
    told = {"reminded_at": None, "escalated_at": None, "escalated_further_at": None}
    extended = due_at if due_at and due_at > row.due_at else row.extended_to
    closes_at = row.closes_at and max(row.closes_at, extended or row.due_at)
    return _change(
        row,
        DutyEvent.Kind.REOPENED,
        actor=actor,
        note=note,
        extended_to=extended,
        closes_at=closes_at,
        **again,
        **told,
    )


@transaction.atomic
def claim_duty(*, duty: Duty, actor: Actor) -> Duty:
    """Takes over what anyone of its site may take who can do it; nothing if it is already one's own.

    Raises NotAllowed where role or qualification are lacking, Conflict if somebody was quicker.
    """
    _require(actor, Role.EMPLOYEE, duty)
    row = _lock(duty)
    if row.assignee_id == actor.person.pk and (row.is_settled or not row.is_claimable):
        return row
    if row.is_settled:
        raise AlreadySettled
    if not row.is_claimable:
        raise Conflict(_("Somebody else has taken this already."))
    require_able(row, actor.person)
    return _change(
        row,
        DutyEvent.Kind.CLAIMED,
        actor=actor,
        assignee=actor.person,
        is_claimable=False,
        claimed_at=clock.now(),
    )


@transaction.atomic
def release_duty(*, duty: Duty, actor: Actor) -> Duty:
    """放回去: whoever took a duty puts it back; it belongs to whom it was given before, and anyone may take it.

    A repeat changes nothing; raises NotAllowed for what somebody else has, or what was given to one.
    """
    person = actor.person
    row = _lock(duty)
    if row.is_settled:
        raise AlreadySettled
    claimed = row.events.filter(kind=DutyEvent.Kind.CLAIMED).order_by("-id").first()
    if row.is_claimable and claimed and claimed.actor_id == person.pk:
        return row
    if row.assignee_id != person.pk or row.claimed_at is None or claimed is None:
        raise NotAllowed(_("Only what you took yourself can be put back; ask your lead to give it to somebody else."))
    before = row.events.filter(id__lt=claimed.pk).order_by("-id").select_related("assignee").first()
    owner = before.assignee if before else None
    return _change(row, DutyEvent.Kind.RELEASED, actor=actor, assignee=owner, is_claimable=True, claimed_at=None)


@transaction.atomic
def reassign_duty(*, duty: Duty, to: Employee, actor: Actor, note: str = "") -> Duty:
    """Gives a duty to somebody who works there and can do it; its lead or manager may, and anyone takes what nobody
    has yet. Again, it changes nothing.

    Raises NotAllowed too for what is owed in person: to learn, to confirm, a seat in a drill.
    """
    row = _lock(duty)
    is_taken = row.is_claimable and actor.is_person(to.pk)
    _require(actor, Role.EMPLOYEE if is_taken else Role.LEAD, row)
    if row.kind in Duty.IN_PERSON:
        raise NotAllowed(
            _("Nobody can do this for somebody else; waive it, or give the other person one of their own.")
        )
    if row.assignee_id == to.pk and not row.is_claimable:
        return row
    if row.is_settled:
        raise AlreadySettled
    if not actor.is_person(to.pk) and not working_at(row.site_id, shop_id=row.shop_id).filter(pk=to.pk).exists():
        raise Refused(_("%(name)s does not work at this site."), field="to", name=to.name)
    try:
        require_able(row, to)
    except NotAllowed as refusal:  # the lead may give it, but not to this person: another choice mends it
        raise Refused(str(refusal), field="to") from None
    given = {"assignee": to, "is_claimable": False, "claimed_at": None}
    row = _change(row, DutyEvent.Kind.REASSIGNED, actor=actor, note=note, **given)
    tell_given([row], by=actor.employee)
    return row


@transaction.atomic
def let_go(*, employee: Employee, actor: Actor) -> int:
    """Deactivates a person; of what they owe the personal ends, the rest goes to who may do it. Returns how many."""
    actor.require_administrator()
    Employee.objects.select_for_update(of=("self",)).get(pk=employee.pk)
    owed = Duty.objects.select_for_update(of=("self",)).unsettled().filter(assignee=employee)
    rows = list(owed.select_related("site", "shift__site").order_by("id"))
    count = hand_on(rows, leaver=employee, reason=LEFT, actor=actor)
    deactivate_employee(employee=employee, actor=actor)
    return count


@transaction.atomic
def waive_duty(*, duty: Duty, actor: Actor, reason: str) -> Duty:
    """Lets a duty go with a reason; a lead or manager of its site may."""
    _require(actor, Role.LEAD, duty)
    row = _lock(duty)
    if row.completed_at or row.waived_at:
        raise AlreadySettled
    waived = {"waived_at": clock.now(), "waived_by": actor.employee, "waived_reason": reason[:300], "missed_at": None}
    return _change(row, DutyEvent.Kind.WAIVED, actor=actor, note=reason, **waived)


@transaction.atomic
def remind_duties(*, duties: Iterable[Duty], actor: Actor) -> int:
    """催办: tells the assignees of unsettled duties, each duty at most once an hour. Returns how many were told.

    Where the viewer may not lead, a duty is left out; raises NotAllowed if that leaves none.
    """
    given = list(duties)
    mine = [d for d in given if actor.acts(Role.LEAD, site_id=d.site_id, shop_id=d.shop_id)]
    if given and not mine:
        raise NotAllowed
    now = clock.now()
    told = DutyEvent.objects.filter(
        duty__in=[d.pk for d in mine], kind=DutyEvent.Kind.REMINDED, at__gt=now - REMIND_PAUSE
    )
    rows = Duty.objects.select_for_update(of=("self",)).unsettled().filter(pk__in=[d.pk for d in mine])
    rows = rows.filter(assignee__isnull=False).exclude(pk__in=told.values("duty"))
    due = list(rows.select_related("assignee", "site"))
    events = [
        DutyEvent(duty=d, kind=DutyEvent.Kind.REMINDED, at=now, actor=actor.employee, assignee_id=d.assignee_id)
        for d in due
    ]
    DutyEvent.objects.bulk_create(events, batch_size=BATCH)
    send_notices(
        NoticeDraft(
            key=f"reminded:{d.pk}:{now:%Y%m%d%H%M}",
            recipient=d.assignee,
            title=titled(REMINDER, d),
            body=wanted_by(d, actor.person),
            path=f"/duties/{d.pk}/",
        )
        for d in due
        if d.assignee
    )
    return len(due)


def beat(name: str) -> None:
    """Shows that a part is alive."""
    Beat.objects.update_or_create(name=name, defaults={"at": clock.now()})
