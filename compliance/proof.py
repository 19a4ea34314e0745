"""The proof of what people did: a person's duties with their ledger entries, the chains, one entry."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from cases.models import Case
from compliance.selectors import Filters, chosen_duties, state_condition
from compliance.words import kind_words, kinds_named, ref_of, ref_words
from duties.models import Duty
from duties.selectors import PastRow, led, moved_by_leave, with_status
from kernel import clock
from kernel.days import read_day
from kernel.ids import read_id
from orders.models import Finding
from people.models import Employee, Role, Shop, Site
from people.scope import Scope
from records.models import Chain, HeadSignature, LedgerEntry
from records.seals import KINDS
from records.signing import unsigned_before

MOST = 200  # people or things that one search means
SEALED: dict[str, tuple[str, str]] = {  # kind of duty → subject and kind of the entry of its own room
    Duty.Kind.MODULE: ("assignment", "module.completed"),
    Duty.Kind.RUN: ("run", "run.submitted"),
    Duty.Kind.REVIEW: ("run", "run.accepted"),
    Duty.Kind.CASE: ("case", "case.resolved"),
}


@dataclass(frozen=True)
class Proven:
    """A duty with its state, the deadline that it had before leave moved it (None: it did not), and the entry that
    seals what was done; None for what is not done, or was done before its kind was sealed."""

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
    subjects = [_sealed_as(d)[0] for d in rows if d.completed_at]
    entries = {
        (entry.subject, entry.kind): entry
        for entry in LedgerEntry.objects.filter(subject__in=subjects).defer("canonical").order_by("id")
    }
    moved = moved_by_leave(rows)
    return [
        Proven(row, entries.get(_sealed_as(row.duty)) if row.duty.completed_at else None, moved.get(row.duty.pk))
        for row in with_status(rows, at)
    ]


def _sealed_as(duty: Duty) -> tuple[str, str]:
    """Subject and kind of the entry that seals that a duty was done."""
    if duty.kind not in SEALED:
        return f"duty:{duty.pk}", "duty.completed"
    noun, kind = SEALED[duty.kind]
    return f"{noun}:{duty.subject_id}", kind


# --- chains


def chains_of(scope: Scope) -> QuerySet[Chain]:
    """The chains that a viewer may read: those of sites and shops led, managed or audited; the company's if granted."""
    rows, names = Chain.objects.order_by("name"), names_of(scope)
    return rows if names is None else rows.filter(name__in=names)


def names_of(scope: Scope) -> list[str] | None:
    """None: all."""
    if scope.is_administrator:
        return None
    names = [f"site:{pk}" for pk in scope.site_ids(Role.LEAD)] + [f"shop:{pk}" for pk in scope.shop_ids(Role.LEAD)]
    return [*names, "company"] if scope.is_auditor else names


@dataclass(frozen=True)
class ChainRow:
    """A chain under the name of its site or shop, with its latest signature, and since when something in it should have
    been signed and is not."""

    chain: Chain
    name: str
    signature: HeadSignature | None
    unsigned_since: datetime | None


def chain_rows(chains: QuerySet[Chain]) -> list[ChainRow]:
    """In four queries."""
    last = HeadSignature.objects.filter(chain=OuterRef("pk")).order_by("-seq").values("seq")[:1]
    late = LedgerEntry.objects.filter(chain=OuterRef("pk"), seq__gt=OuterRef("signed_seq"), at__lt=unsigned_before())
    rows = list(
        chains.annotate(signed_seq=Coalesce(Subquery(last), 0)).annotate(
            unsigned_since=Subquery(late.order_by("seq").values("at")[:1])
        )
    )
    places = place_names()
    signed: dict[str, HeadSignature] = {}
    for signature in HeadSignature.objects.filter(chain__in=rows, seq__in={row.signed_seq for row in rows}):
        chain = next(row for row in rows if row.pk == signature.chain_id)
        if chain.signed_seq == signature.seq:
            signed[chain.pk] = signature
    return [ChainRow(row, places.get(row.name, ""), signed.get(row.name), row.unsigned_since) for row in rows]


def place_names() -> dict[str, str]:
    names = {f"site:{pk}": name for pk, name in Site.objects.values_list("pk", "name")}
    return names | {f"shop:{pk}": name for pk, name in Shop.objects.values_list("pk", "name")}


def chain_words(name: str) -> str:
    """The name of its site or shop; the company's is called so."""
    return str(_("Company")) if name == "company" else place_names().get(name) or ref_words(name)


def zone_of(name: str) -> str:
    """The zone of the site, or of the shop's site, whose chain it is; "" for the company's and for none."""
    kind, _colon, pk = name.partition(":")
    asked = {"site": Site.objects.values_list("zone"), "shop": Shop.objects.values_list("site__zone")}
    number = read_id(pk)
    row = asked[kind].filter(pk=number).first() if kind in asked and number is not None else None
    return row[0] if row else ""


@dataclass(frozen=True)
class EntrySearch:
    """What is asked of the ledger: a chain, the kinds of one room, and words: a kind's, a person's name or number, a
    subject (检查 12), the number of an order, waybill or case, a day."""

    scope: Scope
    chain: str = ""
    room: str = ""
    text: str = ""

    def entries(self) -> QuerySet[LedgerEntry]:
        """Those within the viewer's reach, the newest first."""
        rows = LedgerEntry.objects.filter(chain__in=chains_of(self.scope).values("pk")).order_by("-id")
        if self.chain:
            rows = rows.filter(chain=self.chain)
        if self.room:
            rows = rows.filter(kind__in=[kind.name for kind in KINDS.values() if kind.room == self.room])
        return rows.filter(self._wanted()) if self.text else rows

    def _wanted(self) -> Q:
        refs = [*self._people(), *self._things()]
        said = ref_of(self.text)
        found = Q(kind__in=kinds_named(self.text)) | Q(subject__in=refs) | Q(actor__in=refs)
        if said.endswith(":"):
            found |= Q(subject__startswith=said)
        elif said != self.text or ":" in said:
            found |= Q(subject=said) | Q(actor=said)
        if day := read_day(self.text, clock.today(self.scope.zone)):
            start = datetime.combine(day, time(0), ZoneInfo(self.scope.zone))
            found |= Q(at__gte=start, at__lt=start + timedelta(days=1))
        return found

    def _people(self) -> Iterator[str]:
        """Whom the viewer may see at all, by name or number: the ledger itself knows opaque ids."""
        named = Q(name__icontains=self.text) | Q(number=Employee.normalize_username(self.text))
        known = Employee.objects.filter(self.scope.employees()).filter(named).order_by("pk")
        return (person.ref for person in known.only("pk")[:MOST])

    def _things(self) -> Iterator[str]:
        """What carries a number that people know: cases by their own, an order's or a waybill's; findings by order."""
        number = Q(number__iexact=self.text) | Q(orders__number=self.text) | Q(waybills__number=self.text)
        cases = Case.objects.filter(self.scope.at_shops("shop", Role.LEAD)).filter(number).distinct()
        yield from (f"case:{pk}" for pk in cases.values_list("pk", flat=True)[:MOST])
        findings = Finding.objects.filter(self.scope.at_shops("shop", Role.LEAD), order__number=self.text)
        yield from (f"finding:{pk}" for pk in findings.values_list("pk", flat=True)[:MOST])


@dataclass(frozen=True)
class EntryRow:
    """An entry in words; people by name where the viewer may see them."""

    entry: LedgerEntry
    words: str
    subject: str
    actor: str


def entry_rows(entries: Iterable[LedgerEntry], scope: Scope) -> list[EntryRow]:
    """In one query."""
    rows = list(entries)
    ids = {int(ref[9:]) for row in rows for ref in (row.subject, row.actor) if ref.startswith("employee:")}
    known = Employee.objects.filter(scope.employees(), pk__in=ids).values_list("pk", "name", "number")
    names = {f"employee:{pk}": f"{name} {number}" for pk, name, number in known}
    return [
        EntryRow(row, kind_words(row.kind), *(names.get(ref) or ref_words(ref) for ref in (row.subject, row.actor)))
        for row in rows
    ]
