"""Every write on duties. Rooms above call these inside their own transaction; pages call them for claim and waive."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from duties.models import Beat, Duty, DutyEvent
from kernel import clock
from kernel.errors import Conflict, NotAllowed, Refused
from kernel.text import Bilingual
from notifications.services import NoticeDraft, batched, send_notices
from people.models import Employee, Role, Shift, Shop, Site, Team
from people.scope import Scope
from people.selectors import managers_of
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
def open_duty(draft: DutyDraft, *, actor: Employee | None = None) -> Duty:
    """Makes a duty, once per key; a repeat returns the first."""
    known = Duty.objects.filter(key=draft.key).first()
    if known is None:
        open_duties([draft], actor=actor)
        known = Duty.objects.get(key=draft.key)  # ours, or that of somebody who was quicker
    return known


@transaction.atomic
def open_duties(drafts: Iterable[DutyDraft], *, actor: Employee | None = None) -> list[Duty]:
    """Makes many duties whose keys are new, set-based; a key that exists already is left as it is."""
    drafted = {draft.key: draft for draft in drafts}
    try:
        with transaction.atomic():
            return _make_duties(drafted, actor)
    except IntegrityError:  # somebody made one of them between our look and our write; what they made is known now
        return _make_duties(drafted, actor)


def _make_duties(drafted: dict[str, DutyDraft], actor: Employee | None) -> list[Duty]:
    now, known = clock.now(), set()
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


def _note(duty: Duty, kind: str, actor: Employee | None, note: str = "") -> None:
    DutyEvent.objects.create(
        duty=duty, kind=kind, at=clock.now(), actor=actor, assignee_id=duty.assignee_id, note=note[:300]
    )


@transaction.atomic
def complete_duty(*, duty: Duty, by: Employee, at: datetime, outcome: str = "done") -> Duty:
    """Settles a duty as done at a moment; a missed one counts as late. A repeat changes nothing."""
    row = _lock(duty)
    if row.completed_at or row.waived_at:
        return row
    row.completed_at, row.completed_by, row.outcome, row.missed_at = at, by, outcome, None
    row.save(update_fields=["completed_at", "completed_by", "outcome", "missed_at"])
    _note(row, DutyEvent.Kind.COMPLETED, by)
    return row


@transaction.atomic
def reopen_duty(*, duty: Duty, by: Employee, due_at: datetime | None = None, note: str = "") -> Duty:
    """Owed again, say because the review sent the run back."""
    row = _lock(duty)
    row.completed_at = row.completed_by = row.missed_at = None
    row.outcome = ""
    row.due_at = due_at or row.due_at
    row.closes_at = row.closes_at and max(row.closes_at, row.due_at)
    row.reminded_at = row.escalated_at = row.escalated_further_at = None
    row.save(
        update_fields=[
            *("completed_at", "completed_by", "missed_at", "outcome", "due_at", "closes_at"),
            *("reminded_at", "escalated_at", "escalated_further_at"),
        ]
    )
    _note(row, DutyEvent.Kind.REOPENED, by, note)
    return row


@transaction.atomic
def claim_duty(*, duty: Duty, by: Employee) -> Duty:
    """Takes a claimable duty over; Conflict if somebody was quicker, nothing if it is already one's own."""
    row = _lock(duty)
    if row.assignee_id == by.pk and (row.is_settled or not row.is_claimable):
        return row
    if row.is_settled:
        raise AlreadySettled
    if not row.is_claimable:
        raise Conflict(_("Somebody else has taken this already."))
    row.assignee, row.is_claimable = by, False
    row.save(update_fields=["assignee", "is_claimable"])
    _note(row, DutyEvent.Kind.CLAIMED, by)
    return row


@transaction.atomic
def reassign_duty(*, duty: Duty, to: Employee, by: Employee, note: str = "", scope: Scope | None = None) -> Duty:
    """Gives a duty to somebody else; with a scope, its lead or manager may. The same again changes nothing."""
    if scope and not scope.acts(Role.LEAD, site_id=duty.site_id):
        raise NotAllowed
    row = _lock(duty)
    if row.assignee_id == to.pk and not row.is_claimable:
        return row
    if row.is_settled:
        raise AlreadySettled
    row.assignee, row.is_claimable = to, False
    row.save(update_fields=["assignee", "is_claimable"])
    _note(row, DutyEvent.Kind.REASSIGNED, by, note)
    return row


@transaction.atomic
def let_go(*, employee: Employee, by: Employee) -> int:
    """Deactivates a person; what they owe goes to the longest-serving manager of its site. Returns how many duties."""
    now = clock.now()
    Employee.objects.select_for_update(of=("self",)).get(pk=employee.pk)
    owed = list(Duty.objects.select_for_update(of=("self",)).unsettled().filter(assignee=employee).order_by("id"))
    heirs: dict[int, Employee | None] = {}
    for site_id in sorted({duty.site_id for duty in owed}):
        heirs[site_id] = next((m for m in managers_of(site_id, now) if m.pk != employee.pk), None)
    for duty in owed:
        duty.assignee = heirs[duty.site_id]
    Duty.objects.bulk_update(owed, ["assignee"], batch_size=BATCH)
    DutyEvent.objects.bulk_create(
        [DutyEvent(duty=d, kind=DutyEvent.Kind.REASSIGNED, at=now, actor=by, assignee=d.assignee) for d in owed],
        batch_size=BATCH,
    )
    deactivate_employee(employee=employee, by=by)
    return len(owed)


@transaction.atomic
def waive_duty(*, duty: Duty, by: Employee, scope: Scope, reason: str) -> Duty:
    """Lets a duty go with a reason; a lead or manager of its site may."""
    if not scope.acts(Role.LEAD, site_id=duty.site_id):
        raise NotAllowed
    row = _lock(duty)
    if row.completed_at or row.waived_at:
        raise AlreadySettled
    row.waived_at, row.waived_by, row.waived_reason, row.missed_at = clock.now(), by, reason[:300], None
    row.save(update_fields=["waived_at", "waived_by", "waived_reason", "missed_at"])
    _note(row, DutyEvent.Kind.WAIVED, by, reason)
    return row


@transaction.atomic
def remind_duties(*, duties: Iterable[Duty], by: Employee, scope: Scope) -> int:
    """催办: tells the assignees of unsettled duties, each duty at most once an hour. Returns how many were told.

    Where the viewer may not lead, a duty is left out; raises NotAllowed if that leaves none.
    """
    given = list(duties)
    mine = [d for d in given if scope.acts(Role.LEAD, site_id=d.site_id)]
    if given and not mine:
        raise NotAllowed
    now = clock.now()
    told = DutyEvent.objects.filter(
        duty__in=[d.pk for d in mine], kind=DutyEvent.Kind.REMINDED, at__gt=now - REMIND_PAUSE
    )
    rows = Duty.objects.select_for_update(of=("self",)).unsettled().filter(pk__in=[d.pk for d in mine])
    due = list(rows.filter(assignee__isnull=False).exclude(pk__in=told.values("duty")).select_related("assignee"))
    events = [DutyEvent(duty=d, kind=DutyEvent.Kind.REMINDED, at=now, actor=by, assignee_id=d.assignee_id) for d in due]
    DutyEvent.objects.bulk_create(events, batch_size=BATCH)
    send_notices(
        NoticeDraft(
            key=f"reminded:{d.pk}:{now:%Y%m%d%H%M}",
            recipient=d.assignee,
            title={language: f"{lead}{d.title.get(language, '')}" for language, lead in REMINDER.items()},
            path=f"/duties/{d.pk}/",
        )
        for d in due
        if d.assignee
    )
    return len(due)


def beat(name: str) -> None:
    """Shows that a part is alive."""
    Beat.objects.update_or_create(name=name, defaults={"at": clock.now()})
