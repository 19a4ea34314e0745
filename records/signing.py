"""The heads of the chains, signed, and told to places that whoever writes to the database does not write to.

The public key that counts is pinned outside the database: LEDGER_KEYS, else the file `ledger-keys` beside the key.
"""

import json
import logging
import os
import urllib.request
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Min, OuterRef, Subquery
from django.utils.translation import gettext as _
from django_tasks import task

from kernel import clock
from records.models import Chain, HeadSignature, LedgerEntry

logger = logging.getLogger(__name__)
SIGNED_WITHIN = timedelta(hours=1)
SLACK = timedelta(minutes=5)  # the clock runs every minute: what is signed within the hour may be signed a little later
BATCH = 500
PATIENCE = 20  # seconds that another server has to take the heads


@dataclass(frozen=True)
class Head:
    """A head as it was signed: a line of the second place, or a row of the database."""

    chain: str
    seq: int
    head: str
    at: str
    public_key: str
    signature: str

    @property
    def line(self) -> str:
        return json.dumps(vars(self), sort_keys=True)

    def is_signed(self, trusted: Iterable[str]) -> bool:
        """By one of the keys that count."""
        if self.public_key not in trusted:
            return False
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public_key))
            key.verify(bytes.fromhex(self.signature), signing_text(self.chain, self.seq, self.head))
        except (InvalidSignature, ValueError):
            return False
        return True


def head_of(row: HeadSignature) -> Head:
    return Head(row.chain_id, row.seq, row.head, row.at.isoformat(), row.public_key, row.signature)


def read_head(line: str) -> Head | None:
    """None for a line that is no head."""
    try:
        head = Head(**json.loads(line))
    except (ValueError, TypeError, RecursionError):
        return None
    texts = (head.chain, head.head, head.at, head.public_key, head.signature)
    return head if isinstance(head.seq, int) and all(isinstance(text, str) for text in texts) else None


# --- keys


@cache
def _signing_key(path: Path) -> Ed25519PrivateKey:
    if path.exists():
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    key = Ed25519PrivateKey.generate()
    raw = key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(raw)
    try:
        os.link(part, path)  # whole or not at all; of two at once, the first one's key holds
    except FileExistsError:
        key = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    finally:
        part.unlink()
    return key


def key_path() -> Path:
    return Path(settings.DATA_DIR) / "ledger-key"


def pins_path() -> Path:
    return Path(settings.DATA_DIR) / "ledger-keys"


def public_key(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def trusted_keys() -> frozenset[str]:
    """The public keys whose signatures count: those of LEDGER_KEYS alone, where it is set; else those that this
    installation pinned, and its own."""
    if settings.LEDGER_KEYS:
        return frozenset(settings.LEDGER_KEYS)
    pinned = pins_path().read_text("utf-8").split() if pins_path().exists() else []
    own = [public_key(_signing_key(key_path()))] if key_path().exists() else []
    return frozenset([*pinned, *own])


def _pin(public: str) -> None:
    known = pins_path().read_text("utf-8").split() if pins_path().exists() else []
    if public not in known:
        _append(pins_path(), f"{public}\n")


# --- signing


def signing_text(chain: str, seq: int, head: str) -> bytes:
    return f"{chain}\n{seq}\n{head}".encode()


@transaction.atomic
def sign_heads(now: datetime) -> int:
    """Signs the head of every chain that grew since its last signature: within the hour, and not more than once in it
    unless what is new is older than that (told offline). Returns how many."""
    key = _signing_key(key_path())
    public = public_key(key)
    _pin(public)
    last = HeadSignature.objects.filter(chain=OuterRef("pk")).order_by("-seq")
    chains = Chain.objects.filter(seq__gt=0).annotate(
        signed_seq=Subquery(last.values("seq")[:1]), signed_at=Subquery(last.values("at")[:1])
    )
    made = []
    for chain in chains:
        if chain.signed_at and (
            chain.signed_seq == chain.seq or not _is_due(chain, chain.signed_seq, chain.signed_at, now)
        ):
            continue
        made.append(
            HeadSignature(
                chain=chain,
                seq=chain.seq,
                head=chain.head,
                at=now,
                public_key=public,
                signature=key.sign(signing_text(chain.name, chain.seq, chain.head)).hex(),
            )
        )
    return len(HeadSignature.objects.bulk_create(made, ignore_conflicts=True))


def unsigned_before() -> datetime:
    """What was sealed before this moment must be signed by now."""
    return clock.now() - SIGNED_WITHIN - SLACK


def _is_due(chain: Chain, signed_seq: int, signed_at: datetime, now: datetime) -> bool:
    if now - signed_at >= SIGNED_WITHIN:
        return True
    new = LedgerEntry.objects.filter(chain=chain, seq__gt=signed_seq)
    oldest = new.aggregate(at=Min("at"))["at"]
    return oldest is not None and now - oldest > SIGNED_WITHIN


# --- the second place


def heads_path() -> Path:
    return Path(settings.LEDGER_HEADS_FILE or Path(settings.DATA_DIR) / "ledger-heads.jsonl")


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


@transaction.atomic
def keep_heads(now: datetime) -> int:
    """Writes what was signed to the second place, and asks the worker to send it where the settings say. A line that a
    crash lets be written twice says the same twice. Returns how many."""
    rows = list(HeadSignature.objects.select_for_update(of=("self",)).filter(kept_at=None).order_by("id")[:BATCH])
    if rows:
        _append(heads_path(), "".join(f"{head_of(row).line}\n" for row in rows))
        HeadSignature.objects.filter(pk__in=[row.pk for row in rows]).update(kept_at=now)
    if _is_sent_on() and HeadSignature.objects.filter(sent_at=None).exists():
        send_heads.enqueue()
    return len(rows)


def _is_sent_on() -> bool:
    return bool(settings.LEDGER_HEADS_WEBHOOK or (settings.LEDGER_HEADS_MAIL and settings.EMAIL_HOST))


@task
def send_heads() -> int:
    """Sends what was signed by mail and to the webhook; what could not be sent is sent with the next."""
    rows = list(HeadSignature.objects.filter(sent_at=None).order_by("id")[:BATCH])
    text = "".join(f"{head_of(row).line}\n" for row in rows)
    if not rows:
        return 0
    try:
        if settings.LEDGER_HEADS_MAIL and settings.EMAIL_HOST:
            EmailMessage(_("Heads of the ledger"), text, to=[settings.LEDGER_HEADS_MAIL]).send()
        if settings.LEDGER_HEADS_WEBHOOK:
            kind = {"Content-Type": "application/x-ndjson"}
            asked = urllib.request.Request(settings.LEDGER_HEADS_WEBHOOK, data=text.encode(), headers=kind)
            urllib.request.urlopen(asked, timeout=PATIENCE).close()
    except OSError as error:
        logger.warning("the heads of the ledger could not be sent: %s", error)
        return 0
    return HeadSignature.objects.filter(pk__in=[row.pk for row in rows]).update(sent_at=clock.now())


def has_kept_heads() -> bool:
    return heads_path().exists() and heads_path().stat().st_size > 0


def kept_heads(path: Path | None = None) -> Iterator[Head | None]:
    """The lines of a second place, None for one that cannot be read; nothing where there is no file."""
    path = path or heads_path()
    if path.exists():
        with path.open(encoding="utf-8", errors="replace") as lines:
            yield from (read_head(line) for line in lines if line.strip())
