"""How a case was put right, and what each way has to tell; when the buyer's money goes back."""

import uuid
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Case, CaseEvent, CaseWaybill
from cases.services.timeline import CaseClosed, lock_case, repeated, seal, settle, tell
from kernel import clock
from kernel.errors import Refused
from kernel.text import listed
from people.actor import Actor
from people.models import Role

Resolution = Case.Resolution
TELLS: dict[str, dict[str, Promise]] = {  # what each way has to tell, and how the form asks for it
    Resolution.PLATFORM_CORRECTED: {"waybill": _("The right waybill")},
    Resolution.COURIER_CORRECTED: {"confirmed_by": _("Who at the courier confirmed it")},
    Resolution.RESHIPPED: {"waybill": _("The right waybill")},
    Resolution.REFUNDED: {"refund_yuan": _("Refunded, in yuan"), "condition_met": _("The refund's condition is met")},
    Resolution.NO_FAULT: {"note": _("Why nothing was wrong")},
}


class NotTold(Refused):
    sentence = _("This resolution has to tell: %(what)s.")


def lacking(resolution: str, told: dict[str, Any]) -> list[str]:
    """What the resolution still has to tell."""
    return [name for name in TELLS[resolution] if not str(told.get(name) or "").strip()]


@transaction.atomic
def resolve_case(
    *,
    case: Case,
    resolution: str,
    cause: str,
    actor: Actor,
    client_id: uuid.UUID,
    note: str = "",
    **told: Any,
) -> CaseEvent:
    """Says how the trouble was put right and what that way has to tell (TELLS); a right waybill joins the case's. Its
    owner owes nothing more, a lead closes it. Raises NotTold."""
    row = lock_case(case, actor, Role.EMPLOYEE)
    told = {name: str(value).strip() for name, value in told.items() if value and name in TELLS[resolution]}
    said = {"resolution": resolution, "cause": cause, "note": note, "told": told}
    if known := repeated(row, client_id, CaseEvent.Kind.RESOLVED, **said):
        return known
    if not row.is_active:
        raise CaseClosed
    if missing := lacking(resolution, {**told, "note": note}):
        raise NotTold(what=listed(TELLS[resolution][name] for name in missing))
    row.status, row.resolution, row.cause = Case.Status.RESOLVED, Resolution(resolution), Case.Cause(cause)
    row.resolved_at = clock.now()
    row.save(update_fields=["status", "resolution", "cause", "resolved_at"])
    if number := told.get("waybill"):
        CaseWaybill.objects.get_or_create(case=row, number=number[:40])
    event = tell(row, CaseEvent.Kind.RESOLVED, actor, note=note, client_id=client_id, told=told)
    settle(row, actor, "resolved")
    seal(row, "case.resolved", actor)
    return event


@transaction.atomic
def set_refund_condition(
    *, case: Case, refund_condition: str, actor: Actor, client_id: uuid.UUID, note: str = ""
) -> CaseEvent:
    """Says what must hold before the buyer's money goes back; what was said before stays on the timeline."""
    row = lock_case(case, actor, Role.EMPLOYEE)
    told = {"refund_condition": refund_condition}
    if known := repeated(row, client_id, CaseEvent.Kind.REFUND, note=note, told=told):
        return known
    if row.status == Case.Status.CLOSED:
        raise CaseClosed
    row.refund_condition = Case.RefundCondition(refund_condition)
    row.save(update_fields=["refund_condition"])
    return tell(row, CaseEvent.Kind.REFUND, actor, note=note, client_id=client_id, told=told)
