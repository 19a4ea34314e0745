"""Opening a case: once per key, with a number of its year."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from cases.kinds import kind_of
from cases.models import Case, CaseCounter, CaseEvent, CaseOrder, CaseWaybill
from cases.services.carrying import carriers_of, carry, case_to_join, join_case, numbers_of
from cases.services.timeline import tell
from duties.models import Duty
from duties.services import DutyDraft, open_duty
from kernel import clock
from kernel.errors import Conflict, Refused
from orders.couriers import courier_name
from orders.models import Finding, Order, Verification
from people.actor import Actor
from people.models import Employee, Role, Shop
from records.canonical import canonical_text, sha256
from records.services import append_entry, chain_name

TIME_TO_ACT = {  # how long a case may stay open, by severity, where nobody says a time
    Case.Severity.HIGH: timedelta(hours=4),
    Case.Severity.NORMAL: timedelta(hours=24),
    Case.Severity.LOW: timedelta(hours=72),
}


@transaction.atomic
def open_case(
    *,
    shop: Shop,
    kind: str,
    source: str,
    actor: Actor,
    key: str,
    cause: str = "",
    severity: str = Case.Severity.NORMAL,
    note: str = "",
    orders: Iterable[str] = (),
    waybills: Iterable[str] = (),
    finding_ids: Iterable[int] = (),
    owner: Employee | None = None,
    due_at: datetime | None = None,
    refund_condition: str = "",
    figure: str = "",
    figure_count: int | None = None,
    told: dict[str, Any] | None = None,
) -> Case:
    """Opens a case, once per key; without an owner anyone of the site may take it. What open cases carry already joins
    them: where nothing is left over, or the same figure failed into one, that case is returned, with what is new.

    A kind that is not known (authored checklists name kinds) is kept as "other": nobody on the floor is held up by it.
    The same key with other numbers or words is a Conflict. Unless `due_at` is given, it is due by the platform's
    earliest deadline of what it is about, see `deadline_of`. `figure` and its count then: the failed figure's; `told`
    names the check that failed (its title and path).
    """
    actor.require(Role.EMPLOYEE, shop_id=shop.pk)
    order_numbers, waybill_numbers, findings = _numbers(orders), _numbers(waybills), sorted(set(finding_ids))
    digest = opening_digest(
        shop=shop, kind=kind, source=source, note=note, orders=order_numbers, waybills=waybill_numbers
    )
    known = _known(key, digest)
    if known:
        return known
    now = clock.now()
    year = now.astimezone(shop.site.tz).year
    _lock_counter(year)
    known = _known(key, digest)  # somebody with the same key may have held the counter
    if known:
        return known
    ids, carriers = carriers_of(findings, shop.pk, actor=actor)
    free, told = [pk for pk in ids if pk not in carriers], told or {}
    if carriers:
        theirs = numbers_of(carriers) - numbers_of(free)
        order_numbers = [n for n in order_numbers if n not in theirs]
        waybill_numbers = [n for n in waybill_numbers if n not in theirs]
        if carrier := case_to_join(shop.pk, ids, carriers, figure):
            numbers = {"orders": order_numbers, "waybills": waybill_numbers}
            return join_case(carrier, key=key, actor=actor, note=note, finding_ids=free, told=told, **numbers)
    number = take_numbers(year, 1)[0]
    case = Case.objects.create(
        key=key,
        digest=digest,
        number=number,
        shop=shop,
        kind=kind if kind in Case.Kind.values else Case.Kind.OTHER,
        cause=Case.Cause(cause) if cause else "",
        source=Case.Source(source),
        severity=Case.Severity(severity),
        note=note,
        opened_by=actor.person,
        opened_at=now,
        due_at=due_at or deadline_of(shop.pk, free, order_numbers, now, severity),
        refund_condition=Case.RefundCondition(refund_condition) if refund_condition else "",
        figure=figure,
        figure_count=figure_count,
    )
    CaseOrder.objects.bulk_create([CaseOrder(case=case, number=n) for n in order_numbers])
    CaseWaybill.objects.bulk_create([CaseWaybill(case=case, number=n) for n in waybill_numbers])
    carry(case, free)
    case.duty = open_duty(case_duty(case, owner=owner), actor=actor)
    case.save(update_fields=["duty"])
    tell(case, CaseEvent.Kind.OPENED, actor, note=note, to=owner, told=told)
    append_entry(
        chain=chain_name(shop_id=shop.pk),
        kind="case.opened",
        actor=actor.ref,
        subject=f"case:{case.pk}",
        payload=opening_payload(case),
    )
    return case


def deadline_of(
    shop_id: int, finding_ids: Iterable[int], order_numbers: Iterable[str], now: datetime, severity: str
) -> datetime:
    """When a case is due: the earliest deadline of the platform among its findings and the orders still to be shipped.
    One that has passed already costs by the hour, and leaves the time of an urgent case; where the platform sets none
    it is 4, 24 or 72 h by severity."""
    findings = Finding.objects.filter(pk__in=list(finding_ids), shop=shop_id, due_at__isnull=False)
    orders = Order.objects.to_ship().filter(shop=shop_id, number__in=list(order_numbers), ship_by__isnull=False)
    said = (*findings.values_list("due_at", flat=True), *orders.values_list("ship_by", flat=True))
    moments = [moment for moment in said if moment]
    if moments and min(moments) <= now:
        moments = [now + TIME_TO_ACT[Case.Severity.HIGH], *(m for m in moments if m > now)]
    return min(moments, default=now + TIME_TO_ACT[Case.Severity(severity)])


@transaction.atomic
def open_by_hand(
    *,
    shop: Shop,
    source: str,
    actor: Actor,
    client_id: uuid.UUID,
    finding: int | None = None,
    parcel: int | None = None,
    **words: Any,
) -> Case:
    """Opens a case that somebody filled in. Where it came from is theirs to say among `Case.BY_HAND` alone: that it
    came from an alert or from the bench, the alert or the stopped parcel of this shop says."""
    found = Finding.objects.filter(pk=finding or 0, shop=shop).values_list("pk", flat=True)
    stopped = Verification.objects.filter(pk=parcel or 0, shop=shop, verdict=Verification.Verdict.STOPPED)
    if found:
        source = Case.Source.FINDING
    elif stopped.exists():
        source = Case.Source.BENCH
    elif source not in Case.BY_HAND:
        raise Refused(field="source")
    key = f"page:{client_id}"
    return open_case(shop=shop, source=source, actor=actor, key=key, finding_ids=found, **words)


@transaction.atomic
def open_cases(*, finding_ids: Iterable[int], actor: Actor, client_id: uuid.UUID) -> list[Case]:
    """One case for each shop, courier and cause of these findings, so that a courier station is called once; once per
    client_id. Findings that are settled or in a case already are left out."""
    prefix = f"board:{client_id}:"
    if known := list(Case.objects.filter(key__startswith=prefix).order_by("id")):
        return known
    rows = Finding.objects.filter(actor.scope.at_shops(), pk__in=list(finding_ids), state=Finding.State.OPEN)
    groups: dict[tuple[int, str, str], list[Finding]] = defaultdict(list)
    for finding in rows.select_related("order", "shop__site").order_by("id"):
        actor.require(Role.EMPLOYEE, shop_id=finding.shop_id)
        groups[finding.shop_id, finding.courier, finding.cause].append(finding)
    return [
        open_case(
            shop=findings[0].shop,
            kind=Counter(kind_of(finding) for finding in findings).most_common(1)[0][0],
            source=Case.Source.FINDING,
            cause=cause,
            actor=actor,
            key=f"{prefix}{shop_id}:{courier}:{cause}",
            note=_words_of(findings),
            orders=[finding.order.number for finding in findings],
            waybills=[finding.waybill for finding in findings],
            finding_ids=[finding.pk for finding in findings],
        )
        for (shop_id, courier, cause), findings in sorted(groups.items())
    ]


def _words_of(findings: list[Finding]) -> str:
    """«无揽收 × 12 · 中通快递», in the language of whoever opens it."""
    kinds = Counter(finding.get_code_display() for finding in findings)
    words = [f"{name} × {n}" for name, n in kinds.most_common()]
    return " · ".join([*words, *filter(None, [courier_name(findings[0].courier)])])


def case_duty(case: Case, *, owner: Employee | None) -> DutyDraft:
    """The duty of a case: its owner's, or without an owner for anyone of the site to take."""
    return DutyDraft(
        key=f"case:{case.pk}",
        obligation="case",
        kind=Duty.Kind.CASE,
        subject_id=case.pk,
        title=duty_title(case),
        site=case.shop.site,
        shop=case.shop,
        assignee=owner,
        opens_at=case.opened_at,
        due_at=case.due_at,
        is_claimable=owner is None,
    )


KIND_WORDS = {  # authored in both languages, because a duty's title is read by people of either
    Case.Kind.MISMATCH: {"zh": "单号不符", "en": "Waybill does not match"},
    Case.Kind.NO_PICKUP: {"zh": "无揽收", "en": "No pickup"},
    Case.Kind.UNSHIPPED: {"zh": "超时未发货", "en": "Not shipped in time"},
    Case.Kind.STALLED: {"zh": "物流停滞", "en": "Tracking stands still"},
    Case.Kind.HOLD: {"zh": "退款或改址拦截", "en": "Refund or address hold"},
    Case.Kind.WRONG_GOODS: {"zh": "错发漏发", "en": "Wrong or missing goods"},
    Case.Kind.LOST: {"zh": "丢件破损", "en": "Lost or damaged parcel"},
    Case.Kind.CHECK: {"zh": "检查异常", "en": "Failed check"},
    Case.Kind.OTHER: {"zh": "其他", "en": "Other"},
}


def duty_title(case: Case) -> dict[str, str]:
    words = KIND_WORDS[Case.Kind(case.kind)]
    return {"zh": f"{words['zh']} {case.number}", "en": f"{words['en']} {case.number}"}


def opening_payload(case: Case) -> dict[str, object]:
    return {"number": case.number, "kind": case.kind, "source": case.source, "content": case.digest}


def opening_digest(
    *, shop: Shop, kind: str, source: str, note: str, orders: Iterable[str], waybills: Iterable[str]
) -> str:
    """What a case was opened with, as SHA-256: the same key with another digest is a conflict."""
    return sha256(
        canonical_text(
            {
                "shop": shop.pk,
                "kind": str(kind),
                "source": str(source),
                "note": note,
                "orders": list(orders),
                "waybills": list(waybills),
            }
        )
    )


def take_numbers(year: int, count: int) -> list[str]:
    """The next case numbers of a year; the counter stays locked until the caller commits."""
    counter = _lock_counter(year)
    first = counter.last + 1
    counter.last += count
    counter.save(update_fields=["last"])
    return [f"C-{year}-{n:06d}" for n in range(first, first + count)]


def _lock_counter(year: int) -> CaseCounter:
    CaseCounter.objects.get_or_create(year=year)
    return CaseCounter.objects.select_for_update(of=("self",)).get(year=year)


def _known(key: str, digest: str) -> Case | None:
    known = Case.objects.select_related("shop__site", "duty").filter(key=key).first()
    if known and known.digest != digest:
        raise Conflict
    return known


def _numbers(values: Iterable[str]) -> list[str]:
    return sorted({str(v).strip() for v in values if str(v).strip()})
