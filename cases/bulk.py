"""Past cases, set-based: for the demo company and for histories brought along from elsewhere."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from cases.models import Case, CaseEvent, CaseFinding, CaseOrder, CaseWaybill, ContactLog
from cases.services.carrying import carriers_of
from cases.services.contacts import contact_payload
from cases.services.opening import duty_title, opening_digest, opening_payload, take_numbers
from cases.services.timeline import CASE_SETTLED, RESOLVED
from duties.events import past_events
from duties.models import Duty, DutyEvent
from kernel.presence import present
from people.actor import Actor
from people.models import Employee, Shop
from records.services import append_entries, chain_name

BATCH = 2000


@dataclass(frozen=True, kw_only=True)
class PastContact:
    """Somebody spoken to; a promise with a time to ask again was followed up at `done_at`, or still waits."""

    at: datetime
    by: Employee
    whom: str
    channel: str
    said: str
    promised: str = ""
    follow_up_at: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PastCase:
    """One case of the past; `shop` has its `site` loaded.

    Resolved when `resolved_at` is given (with cause and resolution), closed when `closed_at` is; `key` makes it once.
    """

    key: str
    shop: Shop
    kind: str
    source: str
    opened_by: Employee
    opened_at: datetime
    due_at: datetime
    cause: str = ""
    severity: str = Case.Severity.NORMAL
    status: str = Case.Status.OPEN  # of one that is not resolved: open or waiting for somebody
    note: str = ""
    orders: tuple[str, ...] = ()
    waybills: tuple[str, ...] = ()
    finding_ids: tuple[int, ...] = ()
    owner: Employee | None = None
    contacts: tuple[PastContact, ...] = ()
    resolution: str = ""
    resolution_note: str = ""
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: Employee | None = None

    @property
    def end_status(self) -> str:
        if self.closed_at:
            return Case.Status.CLOSED
        return Case.Status.RESOLVED if self.resolved_at else self.status

    @property
    def doer(self) -> Employee:
        return self.owner or self.opened_by


@transaction.atomic
def record_cases(rows: list[PastCase]) -> list[Case]:
    """Creates past cases with duties, timeline, contacts and ledger entries; a key that exists is left out."""
    known = set(Case.objects.filter(key__in=[r.key for r in rows]).values_list("key", flat=True))
    rows = sorted((r for r in rows if r.key not in known), key=lambda r: r.opened_at)
    if not rows:
        return []
    cases = Case.objects.bulk_create(_cases(rows), batch_size=BATCH)
    pairs = list(zip(rows, cases, strict=True))
    duties = Duty.objects.bulk_create([_duty(row, case) for row, case in pairs], batch_size=BATCH)
    for case, duty in zip(cases, duties, strict=True):
        case.duty = duty
    Case.objects.bulk_update(cases, ["duty"], batch_size=500)
    CaseOrder.objects.bulk_create([CaseOrder(case=c, number=n) for r, c in pairs for n in r.orders], batch_size=BATCH)
    CaseWaybill.objects.bulk_create(
        [CaseWaybill(case=c, number=n) for r, c in pairs for n in r.waybills], batch_size=BATCH
    )
    _take_findings(pairs)
    CaseEvent.objects.bulk_create([e for r, c in pairs for e in _events(r, c)], batch_size=BATCH)
    follow_ups = _record_contacts(pairs)
    opened = [(duty, row.opened_by) for (row, _case), duty in zip(pairs, duties, strict=True)]
    events = [event for duty, by in [*opened, *follow_ups] for event in past_events(duty, opened_by=by)]
    DutyEvent.objects.bulk_create(events, batch_size=BATCH)
    _seal(pairs)
    return cases


def _take_findings(pairs: list[tuple[PastCase, Case]]) -> None:
    """What a case works on; a finding that still stands is in its case from now on, unless an open one has it."""
    for row, case in pairs:
        if row.finding_ids:
            ids, carriers = carriers_of(row.finding_ids, row.shop.pk, actor=Actor.system("demo"))
            made = [CaseFinding(case=case, finding_id=pk) for pk in ids]
            for one in made:
                one.is_open = case.is_active and one.finding_id not in carriers
            CaseFinding.objects.bulk_create(made)


def _cases(rows: list[PastCase]) -> list[Case]:
    by_year: dict[int, list[PastCase]] = defaultdict(list)
    for row in rows:
        by_year[row.opened_at.astimezone(row.shop.site.tz).year].append(row)
    numbers = {
        row.key: number
        for year, its in sorted(by_year.items())
        for row, number in zip(its, take_numbers(year, len(its)), strict=True)
    }
    return [
        Case(
            key=row.key,
            digest=opening_digest(
                shop=row.shop,
                kind=row.kind,
                source=row.source,
                note=row.note,
                orders=sorted(row.orders),
                waybills=sorted(row.waybills),
            ),
            number=numbers[row.key],
            shop=row.shop,
            kind=Case.Kind(row.kind),
            cause=Case.Cause(row.cause) if row.cause else "",
            source=Case.Source(row.source),
            severity=Case.Severity(row.severity),
            status=Case.Status(row.end_status),
            note=row.note,
            opened_by=row.opened_by,
            opened_at=row.opened_at,
            due_at=row.due_at,
            resolution=Case.Resolution(row.resolution) if row.resolution else "",
            resolved_at=row.resolved_at or row.closed_at,
            closed_at=row.closed_at,
        )
        for row in rows
    ]


def _duty(row: PastCase, case: Case) -> Duty:
    done = row.resolved_at or row.closed_at
    return Duty(
        key=f"case:{case.pk}",
        obligation="case",
        kind=Duty.Kind.CASE,
        subject_id=case.pk,
        title=duty_title(case),
        site=row.shop.site,
        shop=row.shop,
        assignee=row.owner,
        is_claimable=row.owner is None and done is None,
        opens_at=row.opened_at,
        due_at=row.due_at,
        completed_at=done,
        completed_by=row.doer if done else None,
        outcome="resolved" if done else "",
        reminded_at=row.due_at if done else None,
        escalated_at=row.due_at if done else None,
    )


def _events(row: PastCase, case: Case) -> list[CaseEvent]:
    kinds = CaseEvent.Kind
    told = [CaseEvent(case=case, kind=kinds.OPENED, at=row.opened_at, by=row.opened_by, status="open", note=row.note)]
    if row.end_status in Case.ACTIVE and row.end_status != Case.Status.OPEN:
        at = row.contacts[-1].at if row.contacts else row.opened_at
        told.append(CaseEvent(case=case, kind=kinds.STATUS, at=at, by=row.doer, status=row.end_status))
    if row.owner and row.owner != row.opened_by:
        told[0].to = row.owner
    if case.resolved_at:
        words = {"cause": row.cause, "resolution": row.resolution, "note": row.resolution_note}
        told.append(
            CaseEvent(
                case=case, kind=kinds.RESOLVED, at=case.resolved_at, by=row.doer, status=Case.Status.RESOLVED, **words
            )
        )
    if row.closed_at:
        words = {"cause": row.cause, "resolution": row.resolution}
        told.append(
            CaseEvent(
                case=case,
                kind=kinds.CLOSED,
                at=row.closed_at,
                by=row.closed_by or row.doer,
                status=Case.Status.CLOSED,
                **words,
            )
        )
    for contact in row.contacts:
        if contact.done_at:
            told.append(
                CaseEvent(case=case, kind=kinds.FOLLOWED_UP, at=contact.done_at, by=row.doer, status=Case.Status.OPEN)
            )
    return told


def _record_contacts(pairs: list[tuple[PastCase, Case]]) -> list[tuple[Duty, Employee]]:
    """The contacts, then the duties of those that were to be followed up; returns these with whoever spoke."""
    said = [(row, case, contact) for row, case in pairs for contact in row.contacts]
    logs = ContactLog.objects.bulk_create(
        [
            ContactLog(
                case=case,
                whom=ContactLog.Whom(c.whom),
                channel=ContactLog.Channel(c.channel),
                said=c.said,
                promised=c.promised,
                follow_up_at=c.follow_up_at,
                at=c.at,
                by=c.by,
                client_id=uuid.uuid5(uuid.NAMESPACE_URL, f"{row.key}:{number}"),
            )
            for number, (row, case, c) in enumerate(said)
        ],
        batch_size=BATCH,
    )
    waiting = [(row, case, c, log) for (row, case, c), log in zip(said, logs, strict=True) if c.follow_up_at]
    duties = Duty.objects.bulk_create(
        [_follow_up(row, case, contact, log) for row, case, contact, log in waiting], batch_size=BATCH
    )
    for (_row, _case, _contact, log), duty in zip(waiting, duties, strict=True):
        log.duty = duty
    ContactLog.objects.bulk_update([log for *_, log in waiting], ["duty"], batch_size=500)
    return [(duty, contact.by) for (_row, _case, contact, _log), duty in zip(waiting, duties, strict=True)]


def _follow_up(row: PastCase, case: Case, contact: PastContact, log: ContactLog) -> Duty:
    done, over = contact.done_at, case.resolved_at if contact.done_at is None else None
    is_late = bool(over and contact.follow_up_at and contact.follow_up_at < over)
    return Duty(
        key=f"follow_up:{log.pk}",
        obligation="follow_up",
        kind=Duty.Kind.FOLLOW_UP,
        subject_id=log.pk,
        title={"zh": f"跟进异常单 {case.number}", "en": f"Follow up on case {case.number}"},
        site=row.shop.site,
        shop=row.shop,
        assignee=row.owner or contact.by,
        opens_at=contact.at,
        due_at=present(contact.follow_up_at),
        completed_at=done,
        completed_by=row.doer if done else None,
        missed_at=over if is_late else None,
        waived_at=None if is_late else over,
        waived_by=row.doer if over and not is_late else None,
        waived_reason=RESOLVED if over and not is_late else "",
        outcome="done" if done else CASE_SETTLED if over else "",
        reminded_at=contact.follow_up_at if done or over else None,
        escalated_at=contact.follow_up_at if done or over else None,
    )


def _seal(pairs: list[tuple[PastCase, Case]]) -> None:
    """The entries of each shop's chain, in the order in which things happened."""
    entries: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row, case in pairs:
        chain, subject = chain_name(shop_id=row.shop.pk), f"case:{case.pk}"
        entries[chain].append(
            {
                "kind": "case.opened",
                "actor": row.opened_by.ref,
                "subject": subject,
                "payload": opening_payload(case),
                "at": row.opened_at,
            }
        )
        for contact in row.contacts:
            payload = contact_payload(case, contact.whom, contact.channel, contact.said, contact.promised)
            told = {"kind": "case.contacted", "actor": contact.by.ref, "subject": subject, "payload": payload}
            entries[chain].append({**told, "at": contact.at})
        ends = [("case.resolved", "resolved", case.resolved_at, row.doer)]
        ends.append(("case.closed", "closed", row.closed_at, row.closed_by or row.doer))
        for kind, status, at, by in ends:
            if at:
                payload = {"number": case.number, "status": status, "cause": row.cause, "resolution": row.resolution}
                entries[chain].append({"kind": kind, "actor": by.ref, "subject": subject, "payload": payload, "at": at})
    for chain, its in sorted(entries.items()):
        append_entries(chain=chain, entries=sorted(its, key=lambda e: e["at"]))
