"""Kinds of ledger entries: each registered once by its room, with its words and the shape of its payload.

A room's `seals.py` is read when the program starts. Words are translated like any other text; an entry's own text holds
the name alone, which is never changed: what is sealed keeps it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Shape = Mapping[str, type | UnionType]  # key → type; a key that ends in "?" may be absent


class UnknownKind(LookupError):
    """An entry of a kind that no room has registered."""


@dataclass(frozen=True)
class Kind:
    """`room` is whose it is; the ledger's page shows the kinds of one room together."""

    name: str
    words: Promise
    shape: Shape
    room: str


KINDS: dict[str, Kind] = {}
NOUNS: dict[str, Promise] = {}  # what an entry is about: the word before the number of its reference
ROOMS: dict[str, Promise] = {}


def register(
    room: str, words: Promise, *, nouns: Mapping[str, Promise], kinds: Mapping[str, tuple[Promise, Shape]]
) -> None:
    """Makes a room's kinds known; a name that is taken already is a mistake of whoever wrote it."""
    if taken := KINDS.keys() & kinds.keys() or NOUNS.keys() & nouns.keys():
        raise ValueError(f"{room} registers again: {sorted(taken)}")
    ROOMS[room] = words
    NOUNS.update(nouns)
    KINDS.update({name: Kind(name, said, shape, room) for name, (said, shape) in kinds.items()})


def check(kind: str, payload: Mapping[str, object]) -> None:
    """Raises UnknownKind, or ValueError where a payload is not of the shape that its kind has."""
    known = KINDS.get(kind)
    if known is None:
        raise UnknownKind(f"{kind} is registered by no room")
    wanted = {key.rstrip("?"): shape for key, shape in known.shape.items()}
    lacking = {key for key in known.shape if not key.endswith("?")} - payload.keys()
    wrong = [key for key, value in payload.items() if key not in wanted or not isinstance(value, wanted[key])]
    if lacking or wrong:
        raise ValueError(f"{kind}: lacking {sorted(lacking)}, not of its shape {sorted(wrong)}")


register(
    "records",
    _("exports"),
    nouns={"company": _("company"), "system": _("system"), "chain": _("chain")},
    kinds={"export.made": (_("exported"), {"what": str, "form": str, "filters": list})},
)
