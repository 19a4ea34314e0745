"""Reads of the records room: verifying chains, opening evidence."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from records.canonical import GENESIS, canonical_text, sha256, spell_moment
from records.models import Chain, HeadSignature, LedgerEntry
from records.services import signing_text


@dataclass(frozen=True)
class ChainReport:
    """What verifying one chain found. `fault` is empty when every entry is in place, else the first fault's kind:
    changed, removed, inserted, reordered, head, signature; `seq` is where."""

    chain: str
    entries: int
    head: str
    fault: str = ""
    seq: int | None = None
    detail: str = ""

    @property
    def is_sound(self) -> bool:
        return not self.fault


def verify_chain(name: str) -> ChainReport:
    """Reads a chain from its first entry, recomputes each hash and link, then its head and signatures."""
    head = Chain.objects.get(pk=name)
    prev, expected, count = GENESIS, 1, 0
    hashes: dict[int, str] = {}
    signed = {s.seq: s for s in HeadSignature.objects.filter(chain=head)}
    for entry in LedgerEntry.objects.filter(chain=head).order_by("seq").iterator(chunk_size=2000):
        fault = _fault(entry, name, expected, prev)
        if fault:
            return ChainReport(name, count, head.head, fault[0], fault[1], fault[2])
        if entry.seq in signed:
            hashes[entry.seq] = entry.hash
        prev, expected, count = entry.hash, entry.seq + 1, count + 1
    if head.seq != expected - 1:
        return ChainReport(name, count, head.head, "removed", expected, f"the head says {head.seq} entries")
    if count and head.head != prev:
        return ChainReport(name, count, head.head, "head", head.seq, "the head's hash is not the last entry's")
    for signature in signed.values():
        if hashes.get(signature.seq) != signature.head or not is_signed(signature):
            return ChainReport(name, count, head.head, "signature", signature.seq, "a signed head does not agree")
    return ChainReport(name, count, head.head)


def verify_ledger() -> Iterator[ChainReport]:
    for name in Chain.objects.order_by("name").values_list("name", flat=True):
        yield verify_chain(name)


def is_signed(signature: HeadSignature) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature.public_key)).verify(
            bytes.fromhex(signature.signature), signing_text(signature.chain_id, signature.seq, signature.head)
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def _fault(entry: LedgerEntry, chain: str, expected: int, prev: str) -> tuple[str, int, str] | None:
    if sha256(entry.canonical) != entry.hash:
        return "changed", entry.seq, "the text does not have the stored hash"
    try:
        body = json.loads(entry.canonical)
        spelled = canonical_text(body)
    except (ValueError, TypeError):
        return "changed", entry.seq, "the text is not an entry"
    columns = {
        "chain": chain,
        "seq": entry.seq,
        "kind": entry.kind,
        "actor": entry.actor,
        "subject": entry.subject,
        "at": spell_moment(entry.at),
    }
    for key, value in columns.items():
        if body.get(key) != value:
            kind = "reordered" if key == "seq" else "changed"
            return kind, entry.seq, f"the column {key} differs from the sealed text"
    if spelled != entry.canonical:
        return "changed", entry.seq, "the text is not in canonical form"
    if entry.seq > expected:
        return "removed", expected, f"the next entry is {entry.seq}"
    if body.get("prev") != prev:
        return "inserted", entry.seq, "it does not follow the entry before it"
    return None
