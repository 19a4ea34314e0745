"""What every write on a case shares: its lock, its timeline, its seal."""

import uuid
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.models import Case, CaseEvent
from duties.leaving import end_duties, miss_duties
from duties.models import Duty
from duties.services import complete_duty
from kernel import clock
from kernel.errors import Conflict, Refused
from kernel.presence import present
from people.actor import Actor
from people.models import Employee, Role
from records.services import append_entry, chain_name

CASE_SETTLED = "case_settled"  # the outcome of a follow-up whose case was resolved first
RESOLVED = "异常单已解决 · the case was resolved"


class CaseClosed(Refused):
    status = 409
    sentence = _("This case is closed. Reopen it first.")


def lock_case(case: Case, actor: Actor, at_least: Role) -> Case:
    """The case, locked, after asking whether whoever acts may do so for its shop."""
    actor.require(at_least, shop_id=case.shop_id)
    rows = Case.objects.select_for_update(of=("self",)).select_related("shop__site", "duty__assignee")
    return rows.get(pk=case.pk)


def tell(
    case: Case,
    kind: str,
    actor: Actor,
    *,
    note: str = "",
    to: Employee | None = None,
    client_id: uuid.UUID | None = None,
    told: dict[str, Any] | None = None,
) -> CaseEvent:
    return CaseEvent.objects.create(
        case=case,
        kind=kind,
        at=clock.now(),
        by=actor.person,
        status=case.status,
        cause=case.cause,
        resolution=case.resolution,
        to=to,
        note=note,
        told=told or {},
        client_id=client_id,
    )


def repeated(case: Case, client_id: uuid.UUID, kind: str, **content: Any) -> CaseEvent | None:
    """The event of an earlier call with this client_id; Conflict if it said something else."""
    known = CaseEvent.objects.filter(client_id=client_id).first()
    if known and (
        known.case_id != case.pk
        or known.kind != kind
        or any(getattr(known, field) != value for field, value in content.items())
    ):
        raise Conflict
    return known


def settle(case: Case, actor: Actor, outcome: str) -> None:
    """Completes the case's duty; it carries its findings no longer. Nobody needs its follow-ups any more: they were not
    done, so they are waived; those whose time had passed are missed."""
    now = clock.now()
    case.findings.update(is_open=False)
    complete_duty(duty=present(case.duty), actor=actor, at=now, outcome=outcome)
    waiting = Duty.objects.select_for_update(of=("self",)).unsettled().filter(contact__case=case).order_by("pk")
    late = [duty for duty in waiting if duty.due_at < now]
    end_duties((duty for duty in waiting if duty.due_at >= now), reason=RESOLVED, actor=actor, outcome=CASE_SETTLED)
    miss_duties(late, reason=RESOLVED, actor=actor, outcome=CASE_SETTLED)


def seal(case: Case, kind: str, actor: Actor) -> None:
    append_entry(
        chain=chain_name(shop_id=case.shop_id),
        kind=kind,
        actor=actor.ref,
        subject=f"case:{case.pk}",
        payload={"number": case.number, "status": case.status, "cause": case.cause, "resolution": case.resolution},
    )
