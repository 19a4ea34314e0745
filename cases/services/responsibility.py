"""Who is responsible: heard first, named by a lead with proof, never by a log alone."""

import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Case, CaseEvent, Responsibility, Statement
from cases.selectors import colleagues_of
from cases.services.timeline import lock_case, tell
from kernel import clock
from kernel.errors import Conflict, Refused
from people.actor import Actor
from people.models import Employee, Role
from records.canonical import sha256
from records.services import append_entry, chain_name


class NotHeard(Refused):
    sentence = _("Hear %(name)s first: their statement is not recorded yet.")


class NoProof(Refused):
    sentence = _("Say what proves that it passed through their hands; without that it is still to be found out.")


@transaction.atomic
def record_statement(
    *,
    case: Case,
    employee: Employee,
    text: str,
    actor: Actor,
    client_id: uuid.UUID,
    is_own_report: bool = False,
) -> Statement:
    """What a person says about a case: their own, or, by a lead, of somebody who was heard. Once per client_id."""
    row = lock_case(case, actor, Role.EMPLOYEE if employee == actor.employee else Role.LEAD)
    said = {"case_id": row.pk, "employee_id": employee.pk, "text": text, "is_own_report": is_own_report}
    if known := Statement.objects.filter(client_id=client_id).first():
        if any(getattr(known, field) != value for field, value in said.items()):
            raise Conflict
        return known
    if employee != actor.employee and not colleagues_of(row).filter(pk=employee.pk).exists():
        raise Refused(_("%(name)s does not work for this shop."), field="employee", name=employee.name)
    statement = Statement.objects.create(**said, at=clock.now(), written_by=actor.person, client_id=client_id)
    tell(row, CaseEvent.Kind.STATEMENT, actor, to=employee)
    append_entry(
        chain=chain_name(shop_id=row.shop_id),
        kind="case.heard",
        actor=actor.ref,
        subject=f"case:{row.pk}",
        payload={"number": row.number, "employee": employee.ref, "content": sha256(text)},
    )
    return statement


@transaction.atomic
def set_responsible(
    *, case: Case, employee: Employee | None, proof: str, actor: Actor, client_id: uuid.UUID
) -> Responsibility:
    """A lead names whoever is responsible, or nobody (still to be found out). Raises NotHeard without a statement of
    theirs, NoProof without proof of handover."""
    row = lock_case(case, actor, Role.LEAD)
    proof = proof.strip()
    if known := Responsibility.objects.filter(client_id=client_id).first():
        if (known.case_id, known.employee_id, known.proof) != (row.pk, employee.pk if employee else None, proof):
            raise Conflict
        return known
    if employee is not None:
        if not row.statements.filter(employee=employee).exists():
            raise NotHeard(name=employee.name)
        if not proof:
            raise NoProof
    word = Responsibility.objects.create(
        case=row, employee=employee, proof=proof, at=clock.now(), decided_by=actor.person, client_id=client_id
    )
    row.responsible = employee
    row.save(update_fields=["responsible"])
    tell(
        row,
        CaseEvent.Kind.RESPONSIBLE if employee else CaseEvent.Kind.UNRESOLVED,
        actor,
        to=employee,
        note=proof,
    )
    append_entry(
        chain=chain_name(shop_id=row.shop_id),
        kind="case.responsible",
        actor=actor.ref,
        subject=f"case:{row.pk}",
        payload={"number": row.number, "employee": employee.ref if employee else ""},
    )
    return word
