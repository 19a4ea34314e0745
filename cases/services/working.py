"""Working on a case, from taking it to closing and reopening it."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Case, CaseEvent
from cases.selectors import colleagues_of
from cases.services.carrying import carry_again
from cases.services.opening import TIME_TO_ACT
from cases.services.timeline import CaseClosed, lock_case, repeated, seal, settle, tell
from duties.services import reassign_duty, reopen_duty
from kernel import clock
from kernel.errors import Conflict, Refused
from kernel.presence import present
from people.actor import Actor
from people.models import Employee, Role
from records.services import record_fact


class NotSettled(Refused):
    sentence = _("Say the cause and how it was resolved before you close the case.")


@transaction.atomic
def take_case(*, case: Case, actor: Actor) -> Case:
    """Makes a case one's own; Conflict if somebody else has it (a lead may give it away instead)."""
    row = lock_case(case, actor, Role.EMPLOYEE)
    if row.owner == actor.person:
        return row
    if row.owner and not actor.acts(Role.LEAD, shop_id=row.shop_id):
        raise Conflict(_("%(name)s has taken this case already."), name=row.owner.name)
    return _give(row, to=actor.person, actor=actor)


@transaction.atomic
def assign_case(*, case: Case, to: Employee, actor: Actor) -> Case:
    """Gives a case to somebody who works for its shop."""
    row = lock_case(case, actor, Role.LEAD)
    if row.owner == to:
        return row
    if not colleagues_of(row).filter(pk=to.pk).exists():
        raise Refused(_("%(name)s does not work for this shop."), field="to", name=to.name)
    return _give(row, to=to, actor=actor)


@dataclass
class Given:
    """What came of giving many: the cases given, and those that could not be, with why."""

    given: list[Case] = field(default_factory=list)
    left: list[tuple[Case, str]] = field(default_factory=list)


@transaction.atomic
def assign_cases(*, case_ids: Iterable[int], to: Employee, actor: Actor) -> Given:
    """Gives each of these cases to somebody of its shop; one that cannot be given stops no other. Again, it changes
    nothing."""
    found = Given()
    rows = Case.objects.filter(actor.scope.at_shops(), pk__in=list(case_ids)).select_related("shop__site")
    for case in rows.order_by("pk"):
        try:
            with transaction.atomic():
                assign_case(case=case, to=to, actor=actor)
            found.given.append(case)
        except Refused as refusal:
            found.left.append((case, str(refusal)))
    return found


def _give(row: Case, *, to: Employee, actor: Actor) -> Case:
    if row.status == Case.Status.CLOSED:
        raise CaseClosed
    duty = present(row.duty)
    if duty.is_settled:
        raise Refused(_("This case is resolved; there is nothing to take over."))
    row.duty = reassign_duty(duty=duty, to=to, actor=actor)
    tell(row, CaseEvent.Kind.ASSIGNED, actor, to=to)
    return row


@transaction.atomic
def add_note(*, case: Case, actor: Actor, note: str, client_id: uuid.UUID) -> CaseEvent:
    """Writes a note on the timeline; also on a closed case."""
    row = lock_case(case, actor, Role.EMPLOYEE)
    known = repeated(row, client_id, CaseEvent.Kind.NOTE, note=note)
    return known or tell(row, CaseEvent.Kind.NOTE, actor, note=note, client_id=client_id)


@transaction.atomic
def set_status(*, case: Case, status: str, actor: Actor, client_id: uuid.UUID, note: str = "") -> CaseEvent:
    """Says whom the case waits for, or that it is open again with us."""
    row = lock_case(case, actor, Role.EMPLOYEE)
    known = repeated(row, client_id, CaseEvent.Kind.STATUS, status=status, note=note)
    if known:
        return known
    if not row.is_active:
        raise CaseClosed
    if status not in Case.ACTIVE:
        raise Refused(_("Resolve or close the case with its own button."))
    row.status = Case.Status(status)
    row.save(update_fields=["status"])
    return tell(row, CaseEvent.Kind.STATUS, actor, note=note, client_id=client_id)


@transaction.atomic
def close_case(
    *,
    case: Case,
    actor: Actor,
    client_id: uuid.UUID,
    cause: str = "",
    resolution: str = "",
    note: str = "",
) -> CaseEvent:
    """Closes a case that has a cause and a resolution (or gets them here); raises NotSettled otherwise."""
    row = lock_case(case, actor, Role.LEAD)
    known = repeated(row, client_id, CaseEvent.Kind.CLOSED, note=note)
    if known:
        return known
    if row.status == Case.Status.CLOSED:
        raise CaseClosed(_("Somebody else has closed this case already."))
    row.cause, row.resolution = cause or row.cause, resolution or row.resolution
    if not (row.cause and row.resolution):
        raise NotSettled
    now = clock.now()
    row.cause, row.resolution = Case.Cause(row.cause), Case.Resolution(row.resolution)
    row.status, row.closed_at, row.resolved_at = Case.Status.CLOSED, now, row.resolved_at or now
    row.save(update_fields=["status", "cause", "resolution", "closed_at", "resolved_at"])
    event = tell(row, CaseEvent.Kind.CLOSED, actor, note=note, client_id=client_id)
    settle(row, actor, "closed")
    record_fact(
        kind="case.closed",
        key=f"case.closed:{event.pk}",
        subject=f"case:{row.pk}",
        shop_id=row.shop_id,
        payload={"cause": row.cause, "resolution": row.resolution},
    )
    seal(row, "case.closed", actor)
    return event


@transaction.atomic
def reopen_case(*, case: Case, actor: Actor, client_id: uuid.UUID, note: str) -> CaseEvent:
    """Owed again: cause and resolution start anew, what was said before stays on the timeline."""
    row = lock_case(case, actor, Role.LEAD)
    known = repeated(row, client_id, CaseEvent.Kind.REOPENED, note=note)
    if known:
        return known
    if row.is_active:
        raise Conflict(_("This case is open already."))
    now = clock.now()
    row.status, row.resolution = Case.Status.OPEN, ""
    row.resolved_at = row.closed_at = None
    row.due_at = max(row.due_at, now + TIME_TO_ACT[Case.Severity(row.severity)])
    row.save(update_fields=["status", "resolution", "resolved_at", "closed_at", "due_at"])
    carry_again(row, actor)
    event = tell(row, CaseEvent.Kind.REOPENED, actor, note=note, client_id=client_id)
    reopen_duty(duty=present(row.duty), actor=actor, due_at=row.due_at, note=note[:300])
    seal(row, "case.reopened", actor)
    return event
