"""What people decide about a finding: it is no trouble, or a case takes it."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import Conflict, Refused
from orders.models import Finding
from people.actor import Actor
from people.models import Role
from records.services import append_entry, chain_name


@transaction.atomic
def dismiss_finding(*, finding: Finding, reason: str, actor: Actor) -> Finding:
    """A false alarm, with the reason; it stays silent until what the sides say changes."""
    actor.require(Role.EMPLOYEE, shop_id=finding.shop_id)
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why it is a false alarm."), field="reason")
    row = Finding.objects.select_for_update(of=("self",)).get(pk=finding.pk)
    if row.state == Finding.State.DISMISSED and row.reason == reason[:300] and row.settled_by_id == actor.person.pk:
        return row
    if row.state == Finding.State.IN_CASE:
        raise Refused(_("A case has this finding; settle it there."))
    if row.state != Finding.State.OPEN:
        raise Conflict
    row.state, row.reason = Finding.State.DISMISSED, reason[:300]
    row.settled_by, row.settled_at = actor.person, clock.now()
    row.save(update_fields=["state", "reason", "settled_by", "settled_at"])
    append_entry(
        chain=chain_name(shop_id=row.shop_id),
        kind="finding.dismissed",
        actor=actor.ref,
        subject=row.ref,
        payload={"order": row.order_id, "code": row.code, "evidence": row.evidence_digest},
    )
    return row


@transaction.atomic
def dismiss_findings(*, findings: Iterable[Finding], reason: str, actor: Actor) -> int:
    """Several false alarms with one reason; those that somebody settled in the meantime stay as they are. Returns how
    many were dismissed."""
    open_ones = [finding for finding in findings if finding.state == Finding.State.OPEN]
    for finding in sorted(open_ones, key=lambda row: row.pk):
        dismiss_finding(finding=finding, reason=reason, actor=actor)
    return len(open_ones)


@transaction.atomic
def mark_in_case(*, finding_ids: Iterable[int], shop_id: int, actor: Actor) -> list[int]:
    """A case takes these findings; returns those that are the shop's, whatever their state was."""
    actor.require(Role.EMPLOYEE, shop_id=shop_id)
    rows = Finding.objects.select_for_update(of=("self",)).filter(pk__in=sorted(set(finding_ids)), shop=shop_id)
    mine = list(rows.order_by("id"))
    taken = [row.pk for row in mine if row.state == Finding.State.OPEN]
    Finding.objects.filter(pk__in=taken).update(state=Finding.State.IN_CASE)
    return [row.pk for row in mine]
