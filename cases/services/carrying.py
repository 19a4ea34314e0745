"""One open case carries a finding: whoever notices it again joins that case."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from cases.models import Case, CaseEvent, CaseFinding, CaseOrder, CaseWaybill
from cases.services.timeline import seal, tell
from orders.models import Finding
from orders.services import mark_in_case
from people.actor import Actor

JOINED = uuid.UUID("0f3a5c1e-7a0c-4d5e-9d56-6d2a8f0b7c11")  # from a key to the client_id of what joined by it


def carriers_of(finding_ids: Iterable[int], shop_id: int, *, actor: Actor) -> tuple[list[int], dict[int, int]]:
    """Those of the findings that are the shop's, locked and marked as in a case, and which open case carries each."""
    ids = mark_in_case(finding_ids=finding_ids, shop_id=shop_id, actor=actor) if finding_ids else []
    carried = CaseFinding.objects.filter(is_open=True, finding_id__in=ids)
    return ids, dict(carried.values_list("finding_id", "case_id"))


def case_to_join(shop_id: int, ids: list[int], carriers: Mapping[int, int], figure: str) -> Case | None:
    """The open case that the same figure failed into before, else the one that carries the most of the findings where
    none of them is left over."""
    rows = Case.objects.select_for_update(of=("self",)).select_related("shop__site", "duty").active()
    rows = rows.filter(shop=shop_id)
    wanted = rows.filter(pk__in=set(carriers.values()), figure=figure).order_by("id") if figure else rows.none()
    if (same := wanted.first()) or set(ids) - carriers.keys():
        return same
    most = Counter(carriers.values()).most_common(1)
    return rows.filter(pk=most[0][0]).first() if most else None


def join_case(
    case: Case,
    *,
    key: str,
    actor: Actor,
    note: str,
    orders: Iterable[str],
    waybills: Iterable[str],
    finding_ids: Iterable[int],
    told: dict[str, Any],
) -> Case:
    """Adds to a locked open case what was noticed again, once per key."""
    client_id = uuid.uuid5(JOINED, key)
    if CaseEvent.objects.filter(client_id=client_id).exists():
        return case
    CaseOrder.objects.bulk_create([CaseOrder(case=case, number=n) for n in orders], ignore_conflicts=True)
    CaseWaybill.objects.bulk_create([CaseWaybill(case=case, number=n) for n in waybills], ignore_conflicts=True)
    carry(case, finding_ids)
    tell(case, CaseEvent.Kind.JOINED, actor, note=note, client_id=client_id, told=told)
    seal(case, "case.joined", actor)
    return case


def carry(case: Case, finding_ids: Iterable[int]) -> None:
    CaseFinding.objects.bulk_create([CaseFinding(case=case, finding_id=pk) for pk in finding_ids])


def carry_again(case: Case, actor: Actor) -> None:
    """A reopened case carries what no other open case has taken meanwhile."""
    mine = list(case.findings.values_list("finding_id", flat=True))
    _ids, carriers = carriers_of(mine, case.shop_id, actor=actor)
    case.findings.exclude(finding_id__in=carriers).update(is_open=True)


def numbers_of(finding_ids: Iterable[int]) -> set[str]:
    """The order numbers and waybills that findings speak of."""
    rows = Finding.objects.filter(pk__in=list(finding_ids)).values_list("order__number", "waybill")
    return {number for row in rows for number in row}
