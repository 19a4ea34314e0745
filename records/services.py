"""Every write of the records room. Callers are inside their own atomic block."""

import logging
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from django_tasks import task

from kernel import clock
from kernel.databases import do_last, is_within_block
from records.canonical import GENESIS, canonical_text, entry_text, sha256
from records.models import Chain, Commitment, Fact, LedgerEntry, Reaction
from records.seals import check

logger = logging.getLogger(__name__)
COMPANY = "company"
MAX_ATTEMPTS = 5
CLAIM = timedelta(minutes=5)  # a worker that has not finished a reaction by then is taken for dead


def chain_name(*, site_id: int | None = None, shop_id: int | None = None) -> str:
    """The chain that an event belongs to: its shop's, else its site's, else the company's."""
    if shop_id is not None:
        return f"shop:{shop_id}"
    return f"site:{site_id}" if site_id is not None else COMPANY


def append_entry(
    *, chain: str, kind: str, actor: str, subject: str, payload: dict[str, Any], at: datetime | None = None
) -> None:
    """Hands in one entry; it is sealed when the outermost block of this transaction ends."""
    append_entries(
        chain=chain, entries=[{"kind": kind, "actor": actor, "subject": subject, "payload": payload, "at": at}]
    )


def append_entries(*, chain: str, entries: Iterable[dict[str, Any]]) -> None:
    """Hands in many entries, each {kind, actor, subject, payload, at?}. Raises, before anything is handed in, where a
    kind is registered by no room, or a payload has another shape or no canonical form."""
    given = [{**entry, "chain": chain, "at": entry.get("at") or clock.now()} for entry in entries]
    for entry in given:
        check(entry["kind"], entry["payload"])
        canonical_text(entry["payload"])
    with nullcontext() if is_within_block() else transaction.atomic():  # no savepoint for each entry
        for entry in given:
            do_last(_seal, entry)


def _seal(entries: list[dict[str, Any]]) -> None:
    """Seals what one unit of work handed in: chain by chain in the order of their names, each in the order of time."""
    of_chain: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in entries:
        of_chain[entry.pop("chain")].append(entry)
    for chain in sorted(of_chain):
        _extend(chain, sorted(of_chain[chain], key=lambda entry: entry["at"]))


def _extend(chain: str, entries: list[dict[str, Any]]) -> None:
    """Appends to one chain; its head is locked until the commit, which comes next."""
    heads = Chain.objects.select_for_update(of=("self",)).filter(pk=chain)
    head = heads.first()
    if head is None:
        Chain.objects.bulk_create([Chain(name=chain)], ignore_conflicts=True)
        head = heads.get()
    made = []
    for entry in entries:
        text = entry_text(chain=chain, seq=head.seq + 1, prev=head.head or GENESIS, **entry)
        head.seq, head.head = head.seq + 1, sha256(text)
        columns = {key: entry[key] for key in ("at", "kind", "actor", "subject")}
        made.append(LedgerEntry(chain=head, seq=head.seq, hash=head.head, canonical=text, **columns))
    LedgerEntry.objects.bulk_create(made, batch_size=2000)
    Chain.objects.filter(pk=chain).update(seq=head.seq, head=head.head)


def seal_export(*, actor: str, subject: str, what: str, form: str, filters: Iterable[str] = ()) -> None:
    """That somebody took rows out of the product: what, in which form, and which filters were on (not what they said:
    a filter may name a person)."""
    payload = {"what": what, "form": form, "filters": sorted(name[:40] for name in filters)[:20]}
    append_entry(chain=COMPANY, kind="export.made", actor=actor, subject=subject, payload=payload)


def commit_many(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """commit_personal for many (person, value); set-based."""
    made = []
    for person, value in pairs:
        salt = secrets.token_hex(32)
        made.append(Commitment(person=person, digest=sha256(salt + value), salt=salt))
    Commitment.objects.bulk_create(made, batch_size=2000)
    return [row.digest for row in made]


def commit_personal(*, person: str, value: str) -> str:
    """A digest that stands for a personal value in an entry; the salt goes when the person is erased."""
    salt = secrets.token_hex(32)
    digest = sha256(salt + value)
    Commitment.objects.create(person=person, digest=digest, salt=salt)
    return digest


def reactions_to(kind: str) -> list[Callable[[Fact], None]]:
    return import_string(settings.REACTIONS).get(kind, [])


def reaction_name(reaction: Callable[[Fact], None]) -> str:
    return f"{reaction.__module__}.{reaction.__qualname__}"


def record_fact(
    *,
    kind: str,
    key: str,
    subject: str,
    site_id: int | None = None,
    shop_id: int | None = None,
    payload: dict[str, Any] | None = None,
) -> Fact:
    """Tells higher rooms, once per key, inside the caller's transaction; the worker runs the reactions."""
    fact, is_new = Fact.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "subject": subject,
            "site": site_id,
            "shop": shop_id,
            "payload": payload or {},
            "at": clock.now(),
        },
    )
    reactions = reactions_to(kind) if is_new else []
    if reactions:
        Reaction.objects.bulk_create([Reaction(fact=fact, name=reaction_name(r)) for r in reactions])
        answer_fact.enqueue(fact.pk)
    return fact


def run_reactions(*, fact_id: int) -> int:
    """Runs what the fact is still owed and nobody else is at. Returns how many were done.

    A reaction is idempotent and makes its own transactions: a long one would otherwise keep people's writes waiting.
    """
    fact = Fact.objects.filter(pk=fact_id).first()
    if fact is None:
        return 0
    known = {reaction_name(r): r for r in reactions_to(fact.kind)}
    done = 0
    for owed in Reaction.objects.filter(fact=fact, state=Reaction.State.WAITING):
        mine = Reaction.objects.filter(pk=owed.pk, state=Reaction.State.WAITING)
        now, attempts = clock.now(), owed.attempts + 1
        free = mine.filter(_unclaimed(now))
        if attempts > MAX_ATTEMPTS:  # each worker that took it died
            free.update(state=Reaction.State.FAILED, claimed_at=None, error="its workers died")
            continue
        if not free.update(claimed_at=now, attempts=attempts):
            continue
        try:
            if owed.name in known:
                known[owed.name](fact)
            done += mine.update(state=Reaction.State.DONE, done_at=clock.now())
        except Exception as error:  # a reaction that fails is tried again by the tick, then kept as failed
            logger.exception("reaction %s to fact %s failed", owed.name, fact.key)
            state = Reaction.State.FAILED if attempts >= MAX_ATTEMPTS else Reaction.State.WAITING
            mine.update(state=state, claimed_at=None, error=str(error)[:2000])
    return done


@transaction.atomic
def owe_again(*, key: str) -> None:
    """Reactions to a fact that were given up are asked for anew."""
    failed = Reaction.objects.filter(fact__key=key, state=Reaction.State.FAILED)
    if failed.update(state=Reaction.State.WAITING, attempts=0, claimed_at=None, error=""):
        answer_fact.enqueue(Fact.objects.get(key=key).pk)


def _unclaimed(now: datetime) -> Q:
    return Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM)


@task
def answer_fact(fact_id: int) -> int:
    """The worker's way into run_reactions."""
    return run_reactions(fact_id=fact_id)


def requeue_facts(now: datetime) -> int:
    """Asks again for reactions that wait for more than a minute, say because their worker died."""
    waiting = (
        Reaction.objects.filter(_unclaimed(now), state=Reaction.State.WAITING, fact__at__lt=now - timedelta(minutes=1))
        .values_list("fact_id", flat=True)
        .distinct()[:500]
    )
    for fact_id in waiting:
        answer_fact.enqueue(fact_id)
    return len(waiting)
