"""Speaking to courier, platform, buyer: what was said, what was promised, and asking again."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Case, CaseEvent, ContactLog
from cases.services.timeline import lock_case, repeated, tell
from duties.models import Duty
from duties.services import DutyDraft, complete_duty, open_duty
from kernel import clock
from kernel.errors import Conflict, Refused
from kernel.presence import present
from people.actor import Actor
from people.models import Role
from records.canonical import canonical_text, sha256
from records.services import append_entry, chain_name


@transaction.atomic
def log_contact(
    *,
    case: Case,
    whom: str,
    channel: str,
    said: str,
    actor: Actor,
    client_id: uuid.UUID,
    promised: str = "",
    follow_up_at: datetime | None = None,
) -> ContactLog:
    """Keeps who was spoken to and what was promised; a time to ask again becomes a duty of the case's owner."""
    row = lock_case(case, actor, Role.EMPLOYEE)
    known = ContactLog.objects.filter(client_id=client_id).first()
    if known:
        same = (known.case_id, known.whom, known.channel, known.said, known.promised, known.follow_up_at)
        if same != (row.pk, whom, channel, said, promised, follow_up_at):
            raise Conflict
        return known
    now = clock.now()
    if follow_up_at and (follow_up_at <= now or row.status == Case.Status.CLOSED):
        raise Refused(_("Ask again at a later time, and only while the case is not closed."), field="follow_up_at")
    contact = ContactLog.objects.create(
        case=row,
        whom=ContactLog.Whom(whom),
        channel=ContactLog.Channel(channel),
        said=said,
        promised=promised,
        follow_up_at=follow_up_at,
        at=now,
        by=actor.person,
        client_id=client_id,
    )
    if follow_up_at:
        contact.duty = open_duty(follow_up_duty(contact, row), actor=actor)
        contact.save(update_fields=["duty"])
    append_entry(
        chain=chain_name(shop_id=row.shop_id),
        kind="case.contacted",
        actor=actor.ref,
        subject=f"case:{row.pk}",
        payload=contact_payload(row, whom, channel, said, promised),
    )
    return contact


def contact_payload(case: Case, whom: str, channel: str, said: str, promised: str) -> dict[str, str]:
    content = sha256(canonical_text([said, promised]))
    return {"number": case.number, "whom": str(whom), "channel": str(channel), "content": content}


def follow_up_duty(contact: ContactLog, case: Case) -> DutyDraft:
    return DutyDraft(
        key=f"follow_up:{contact.pk}",
        obligation="follow_up",
        kind=Duty.Kind.FOLLOW_UP,
        subject_id=contact.pk,
        title={"zh": f"跟进异常单 {case.number}", "en": f"Follow up on case {case.number}"},
        site=case.shop.site,
        shop=case.shop,
        assignee=case.owner or contact.by,
        opens_at=contact.at,
        due_at=present(contact.follow_up_at),
    )


@transaction.atomic
def complete_follow_up(*, contact: ContactLog, actor: Actor, client_id: uuid.UUID, note: str) -> None:
    """Says what came of a promise; a repeat changes nothing."""
    row = lock_case(contact.case, actor, Role.EMPLOYEE)
    if contact.duty is None:
        raise Refused(_("Nothing was to be followed up here."))
    if repeated(row, client_id, CaseEvent.Kind.FOLLOWED_UP, note=note):
        return
    if Duty.objects.get(pk=contact.duty.pk).completed_at:
        raise Conflict(_("Somebody else has followed this up already."))
    tell(row, CaseEvent.Kind.FOLLOWED_UP, actor, note=note, client_id=client_id)
    complete_duty(duty=contact.duty, actor=actor, at=clock.now())
