"""Verifying the ledger: each chain by itself, against its signatures, the second place, and what the rooms hold."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from records.canonical import GENESIS, canonical_text, sha256, spell_moment
from records.evidence import evidence_path
from records.models import Chain, Evidence, HeadSignature, LedgerEntry
from records.signing import Head, has_kept_heads, head_of, kept_heads, trusted_keys, unsigned_before

BATCH = 500
LONGEST = 1_000_000  # characters of an entry in a download: what is longer nobody sealed
MOST = 50  # faults of one chain that are told
FILES, SECOND = "files", "second place"  # what the reports are called that are of no chain
NO_CLAIM = frozenset({"unsigned", "second_gone"})  # nobody need have touched anything: the clock or a disk stood still


@dataclass(frozen=True)
class Sealed:
    """A sound entry, as a room's check gets it: `subject` is kind:id."""

    seq: int
    at: datetime
    kind: str
    subject: str
    payload: dict[str, Any]

    @property
    def subject_id(self) -> int:
        return int(self.subject.rpartition(":")[2])


Differences = Iterator[tuple[Sealed, str]]  # what a room holds differs from what was sealed, and how
Check = Callable[[list[Sealed]], Differences]


def differing_versions(
    entries: list[Sealed], versions: Iterable[Any], owner: str, *, named: str, digest: Callable[[Any], str], parts: str
) -> Differences:
    """A published version is frozen: its rows give the digest that was sealed. Before rows were sealed, the digest of
    the content alone can be compared. `owner` leads to whose it is, `named` to the content's digest in the payload."""
    known = {(getattr(version, owner), version.number): version for version in versions}
    for entry in entries:
        version = known.get((entry.subject_id, entry.payload["version"]))
        if version is None:
            yield entry, "the version is gone"
        elif version.digest != entry.payload[named]:
            yield entry, "the version names another content"
        elif "rows" in entry.payload and digest(version) != entry.payload["rows"]:
            yield entry, f"the version's {parts} are others"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, where, and how. Of the chain itself: changed, removed, inserted, reordered, head. Of its
    signatures: signature, key, unsigned, signature_gone. Against the second place: missing, rewritten, cut, second,
    second_gone. Of what the rooms hold: content (`subject` says of what), file. Of a download: export."""

    kind: str
    seq: int | None = None
    detail: str = ""
    subject: str = ""

    @property
    def is_touched(self) -> bool:
        """Whether somebody changed something, other than a clock or disk that stood still."""
        return self.kind not in NO_CLAIM


@dataclass(frozen=True)
class ChainReport:
    """What verifying one chain found; `fault`, `seq` and `detail` are those of the first fault."""

    chain: str
    entries: int
    head: str
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not self.faults

    @property
    def is_touched(self) -> bool:
        return any(fault.is_touched for fault in self.faults)

    @property
    def fault(self) -> str:
        return self.faults[0].kind if self.faults else ""

    @property
    def seq(self) -> int | None:
        return self.faults[0].seq if self.faults else None

    @property
    def detail(self) -> str:
        return self.faults[0].detail if self.faults else ""


def verify_ledger(
    second: Iterable[Head | None] | None = None, *, progress: Callable[[str, int], None] | None = None
) -> Iterator[ChainReport]:
    """Every chain that there is or that the second place knows, then the evidence files. `second`: lines kept
    elsewhere, in place of those that this installation keeps."""
    lines = _by_chain(kept_heads() if second is None else second)
    names = set(Chain.objects.values_list("name", flat=True)) | lines.keys() - {""}
    for name in sorted(names):
        yield verify_chain(name, second=lines.get(name, []), is_second_whole=bool(lines), progress=progress)
    if unread := len(lines.get("", [])):
        yield ChainReport(SECOND, 0, "", [Fault("second", detail=f"{unread} lines cannot be read")])
    yield verify_files(progress=progress)


def verify_chain(
    name: str,
    *,
    second: list[Head] | None = None,
    is_second_whole: bool | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> ChainReport:
    """Reads a chain from its first entry: recomputes each hash and link, compares what the rooms hold with what was
    sealed, then the head, its signatures and the second place."""
    if second is None:
        second = [line for line in kept_heads() if line and line.chain == name]
        is_second_whole = bool(second) or has_kept_heads()
    head = Chain.objects.filter(pk=name).first()
    if head is None:
        knows = f"the second place knows {len(second)} heads of it"
        return ChainReport(name, 0, "", [Fault("missing", max((line.seq for line in second), default=None), knows)])
    signed = list(HeadSignature.objects.filter(chain=head).order_by("seq"))
    walk = _Walk(name, {row.seq for row in signed} | {line.seq for line in second}, progress)
    faults = walk.read()
    if not walk.is_broken:
        if head.seq != walk.seq:
            faults.append(Fault("removed", walk.seq + 1, f"the head says {head.seq} entries"))
        elif walk.seq and head.head != walk.last:
            faults.append(Fault("head", head.seq, "the head's hash is not the last entry's"))
    faults += _of_signatures(signed, walk)
    faults += _of_second_place(second, signed, walk, is_whole=bool(is_second_whole))
    return ChainReport(name, walk.count, head.head, [*faults, *walk.differences])


def _by_chain(lines: Iterable[Head | None]) -> dict[str, list[Head]]:
    """The lines of each chain; under "" what says nothing."""
    found: dict[str, list[Head]] = {}
    for line in lines:
        found.setdefault(line.chain if line else "", []).append(line or Head("", 0, "", "", "", ""))
    return found


class _Walk:
    """One reading of a chain. Keeps the hashes that are asked for, and what the rooms' checks found."""

    def __init__(self, name: str, asked: set[int], progress: Callable[[str, int], None] | None) -> None:
        self.name, self.asked, self.progress = name, asked, progress
        self.seq, self.last, self.count = 0, GENESIS, 0
        self.is_broken = False
        self.hashes: dict[int, str] = {}
        self.waiting: dict[str, list[Sealed]] = {}
        self.differences: list[Fault] = []

    def read(self) -> list[Fault]:
        rows = LedgerEntry.objects.filter(chain=self.name).order_by("seq")
        for entry in rows.iterator(chunk_size=2000):
            fault = _fault(entry, self.name, self.seq + 1, self.last)
            if fault:
                self.is_broken = True
                return [fault]
            if entry.seq in self.asked:
                self.hashes[entry.seq] = entry.hash
            self.seq, self.last, self.count = entry.seq, entry.hash, self.count + 1
            self._compare(entry)
            if self.progress and self.count % 20_000 == 0:
                self.progress(self.name, self.count)
        for kind in list(self.waiting):
            self._ask(kind)
        return []

    def _compare(self, entry: LedgerEntry) -> None:
        if entry.kind not in _checks():
            return
        its = self.waiting.setdefault(entry.kind, [])
        its.append(Sealed(entry.seq, entry.at, entry.kind, entry.subject, json.loads(entry.canonical)["payload"]))
        if len(its) >= BATCH:
            self._ask(entry.kind)

    def _ask(self, kind: str) -> None:
        batch = self.waiting.pop(kind)
        try:
            for sealed, how in _checks()[kind](batch):
                if len(self.differences) < MOST:
                    self.differences.append(Fault("content", sealed.seq, f"{sealed.subject}: {how}", sealed.subject))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            how = f"{batch[0].subject} … {batch[-1].subject}: what was sealed cannot be read: {error!r}"
            self.differences.append(Fault("content", batch[0].seq, how))


def _of_signatures(signed: list[HeadSignature], walk: _Walk) -> Iterator[Fault]:
    trusted, covered = trusted_keys(), 0
    for row in signed:
        head = head_of(row)
        if head.public_key not in trusted:
            yield Fault("key", row.seq, f"signed with {row.public_key[:16]}…, which is not pinned here")
        elif not head.is_signed(trusted) or (not walk.is_broken and walk.hashes.get(row.seq) != row.head):
            yield Fault("signature", row.seq, "a signed head does not agree")
        else:
            covered = max(covered, row.seq)
    old = LedgerEntry.objects.filter(chain=walk.name, seq__gt=covered, at__lt=unsigned_before())
    if first := old.order_by("seq").first():
        yield Fault("unsigned", first.seq, f"unsigned since {spell_moment(first.at)}")


def _of_second_place(
    second: list[Head], signed: list[HeadSignature], walk: _Walk, *, is_whole: bool
) -> Iterator[Fault]:
    if not second:
        if kept := [row for row in signed if row.kept_at]:
            gone = "knows nothing of this chain" if is_whole else "is gone or empty"
            yield Fault("second" if is_whole else "second_gone", kept[-1].seq, f"the second place {gone}")
        return
    trusted, known = trusted_keys(), {row.seq: row.head for row in signed}
    for line in second:
        if not line.is_signed(trusted):
            yield Fault("second", line.seq, "a line of the second place is not signed with a key that is pinned here")
        elif not walk.is_broken and line.seq > walk.seq:
            yield Fault("cut", walk.seq + 1, f"the second place knows entry {line.seq}")
        elif not walk.is_broken and walk.hashes.get(line.seq) != line.head:
            yield Fault("rewritten", line.seq, "the second place has another head")
        elif known.get(line.seq) != line.head:
            yield Fault("signature_gone", line.seq, "the second place knows a signature that is not here")


def verify_files(*, progress: Callable[[str, int], None] | None = None) -> ChainReport:
    """Reads every evidence file that must be there, and compares it with its digest."""
    faults, count, seen = list[Fault](), 0, ""
    rows = Evidence.objects.filter(erased_at=None).order_by("digest", "id").values_list("digest", "owner")
    for digest, owner in rows.iterator(chunk_size=2000):
        if digest == seen:
            continue
        seen, count = digest, count + 1
        if (how := _wrong_file(digest)) and len(faults) < MOST:
            faults.append(Fault("file", detail=f"{owner}: {how}"))
        if progress and count % 1000 == 0:
            progress(FILES, count)
    return ChainReport(FILES, count, "", faults)


def _wrong_file(digest: str) -> str:
    try:
        with evidence_path(digest).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"the file {digest[:16]}… cannot be read: {error.strerror}"
    return "" if found == digest else f"the file {digest[:16]}… is another"


def compare_export(lines: Iterable[str], *, within: Collection[str] | None = None) -> ChainReport:
    """An auditor's download against today's chain: each line must stand there, at its number, letter by letter. Entries
    that came since are no fault. `within`: only a chain of these is looked at."""
    name, count, prev = "", 0, GENESIS
    today: Iterator[str] = iter(())
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n")
        if len(text) > LONGEST:
            return ChainReport(name, count, prev, [Fault("export", number, "the line is no entry: too long")])
        try:
            body = json.loads(text)
            chain, seq, before = str(body["chain"]), body["seq"], body["prev"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return ChainReport(name, count, prev, [Fault("export", number, "the line is not an entry")])
        if not name:
            name, rows = chain, LedgerEntry.objects.filter(chain=chain).order_by("seq")
            today = rows.values_list("canonical", flat=True).iterator(chunk_size=2000)
        if (chain, seq, before) != (name, number, prev) or (within is not None and name not in within):
            return ChainReport(name, count, prev, [Fault("export", number, "the download is not one whole chain")])
        if (now := next(today, None)) != text:
            fault = Fault("cut", number, "it is not there any more") if now is None else None
            return ChainReport(name, count, prev, [fault or Fault("rewritten", number, "it is another today")])
        prev, count = sha256(text), number
    return ChainReport(name, count, prev)


@cache
def _checks_at(path: str) -> dict[str, Check]:
    return import_string(path)


def _checks() -> dict[str, Check]:
    return _checks_at(settings.LEDGER_CHECKS)


def _fault(entry: LedgerEntry, chain: str, expected: int, prev: str) -> Fault | None:
    try:
        if sha256(entry.canonical) != entry.hash:
            return Fault("changed", entry.seq, "the text does not have the stored hash")
        body = json.loads(entry.canonical)
        spelled = canonical_text(body)
    except (ValueError, TypeError, RecursionError):
        return Fault("changed", entry.seq, "the text is not an entry")
    if not isinstance(body, dict) or not isinstance(body.get("payload"), dict):
        return Fault("changed", entry.seq, "the text is not an entry")
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
            return Fault(kind, entry.seq, f"the column {key} differs from the sealed text")
    if spelled != entry.canonical:
        return Fault("changed", entry.seq, "the text is not in canonical form")
    if entry.seq > expected:
        return Fault("removed", expected, f"the next entry is {entry.seq}")
    if body.get("prev") != prev:
        return Fault("inserted", entry.seq, "it does not follow the entry before it")
    return None
