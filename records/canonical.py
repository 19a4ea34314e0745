"""The canonical form of a ledger entry, final from the first entry (docs/adr/0002).

An entry is a JSON object {v, chain, seq, prev, at, kind, actor, subject, payload}, written as JSON text with keys
sorted by code point, no spaces, no escapes but those that JSON demands, in UTF-8. Numbers are integers: a float has
no single spelling, so it is refused; amounts are integer cents, shares are text. The hash is SHA-256 of that text.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

VERSION = 1
GENESIS = "0" * 64


def canonical_text(value: Any) -> str:
    """The one spelling of a JSON value. Raises TypeError on floats, non-text keys and anything JSON lacks."""
    _check(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def spell_moment(moment: datetime) -> str:
    """2026-11-23T00:30:00.000000Z: UTC, always six decimals."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entry_text(
    *, chain: str, seq: int, prev: str, at: datetime, kind: str, actor: str, subject: str, payload: dict[str, Any]
) -> str:
    return canonical_text(
        {
            "v": VERSION,
            "chain": chain,
            "seq": seq,
            "prev": prev,
            "at": spell_moment(at),
            "kind": kind,
            "actor": actor,
            "subject": subject,
            "payload": payload,
        }
    )


def _check(value: Any) -> None:
    if value is None or isinstance(value, (bool, str, int)):
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"the key {key!r} is not text")
            _check(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check(item)
    else:
        raise TypeError(f"{value!r} has no canonical form")
