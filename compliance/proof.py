"""The proof of what people did: a person's duties with their ledger entries, the chains, one entry."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from compliance.selectors import Filters, chosen_duties, state_condition
from duties.models import Duty
from duties.selectors import PastRow, led, moved_by_leave, with_status
from people.models import Employee, Role, Shop, Site
from people.scope import Scope
from records.models import Chain, HeadSignature, LedgerEntry

SEALED: dict[str, tuple[str, str]] = {  # kind of duty → subject and kind of the entry that seals its completion
    Duty.Kind.MODULE: ("assignment", "module.completed"),
    Duty.Kind.RUN: ("run", "run.submitted"),
    Duty.Kind.REVIEW: ("run", "run.accepted"),
    Duty.Kind.CASE: ("case", "case.resolved"),
}


@dataclass(frozen=True)
class Proven:
    """A duty with its state, the deadline that it had before leave moved it (None: it did not), and the entry that
    seals what was done; None for what is not sealed by itself."""

    row: PastRow
    entry: LedgerEntry | None
    moved_from: datetime | None = None


def duties_of(employee: Employee, scope: Scope, filters: Filters, at: datetime) -> QuerySet[Duty]:
    """What counts for somebody, the latest first: all of one's own; of others, and of what a number of the matrix
    opens, just what the viewer leads, manages or audits."""
    rows = chosen_duties(scope, filters, at).filter(counts_for_id=employee.pk)
    if employee.pk == scope.employee_id and not (filters.period and scope.has_role(Role.LEAD, reading=True)):
        rows = Duty.objects.filter(counts_for_id=employee.pk)
        rows = rows.filter(kind=filters.kind) if filters.kind else rows
        rows = rows.filter(state_condition(filters.state, at)) if filters.state else rows
    return rows.select_related("shop", "assignee", "completed_by").order_by("-due_at", "-id")


def taken_from(employee: Employee, scope: Scope) -> QuerySet[Duty]:
    """What somebody held and others did, the latest first: it counts for those who did it."""
    rows = Duty.objects.filter(assignee=employee, completed_by__isnull=False).exclude(completed_by=employee)
    rows = rows if employee.pk == scope.employee_id else rows.filter(led(scope))
    return rows.select_related("shop", "assignee", "completed_by").order_by("-due_at", "-id")


def proven(duties: Iterable[Duty], at: datetime) -> list[Proven]:
    """A page of duties with their proof, in two queries more."""
    rows = list(duties)
    subjects = {f"{SEALED[d.kind][0]}:{d.subject_id}": d for d in rows if d.completed_at and d.kind in SEALED}
    entries = {
        (entry.subject, entry.kind): entry
        for entry in LedgerEntry.objects.filter(subject__in=subjects).defer("canonical").order_by("id")
    }
    moved = moved_by_leave(rows)
    return [Proven(row, _entry_of(row.duty, entries), moved.get(row.duty.pk)) for row in with_status(rows, at)]


def _entry_of(duty: Duty, entries: dict[tuple[str, str], LedgerEntry]) -> LedgerEntry | None:
    if duty.kind not in SEALED or not duty.completed_at:
        return None
    noun, kind = SEALED[duty.kind]
    return entries.get((f"{noun}:{duty.subject_id}", kind))


# --- chains


def chains_of(scope: Scope) -> QuerySet[Chain]:
    """The chains that a viewer may read: those of sites and shops led, managed or audited; the company's if granted."""
    rows = Chain.objects.order_by("name")
    if scope.is_administrator:
        return rows
    names = [f"site:{pk}" for pk in scope.site_ids(Role.LEAD)] + [f"shop:{pk}" for pk in scope.shop_ids(Role.LEAD)]
    return rows.filter(name__in=[*names, "company"] if scope.is_auditor else names)


@dataclass(frozen=True)
class ChainRow:
    """A chain under the name of its site or shop, with its latest signature."""

    chain: Chain
    name: str
    signature: HeadSignature | None


def chain_rows(chains: Iterable[Chain]) -> list[ChainRow]:
    """In three queries."""
    rows = list(chains)
    places: dict[str, Any] = {f"site:{site.pk}": site.name for site in Site.objects.all()}
    places |= {f"shop:{shop.pk}": shop.name for shop in Shop.objects.all()}
    signed: dict[str, HeadSignature] = {}
    heads = [(row.name, row.seq) for row in rows]
    for signature in HeadSignature.objects.filter(chain__in=rows, seq__in=[seq for _n, seq in heads]):
        signed[signature.chain_id] = signature
    return [ChainRow(row, places.get(row.name, ""), signed.get(row.name)) for row in rows]


def entries_of(chains: QuerySet[Chain], *, chain: str = "", kind: str = "", text: str = "") -> QuerySet[LedgerEntry]:
    """Entries within reach, the newest first; filtered by chain, the first word of their kind, subject or actor."""
    rows = LedgerEntry.objects.filter(chain__in=chains.values("pk")).order_by("-id")
    if chain:
        rows = rows.filter(chain=chain)
    if kind:
        rows = rows.filter(kind__startswith=f"{kind}.")
    if text.startswith(("employee:", "system")):
        rows = rows.filter(actor=text)
    elif text:
        rows = rows.filter(subject__startswith=text)
    return rows
