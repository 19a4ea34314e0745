"""What platforms say of refunds and returns, in words of many kinds (`rules/aftersale.yaml`, dated)."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

import yaml

from kernel import clock

FILE = Path(__file__).parent / "rules" / "aftersale.yaml"
NOTHING, REQUESTED, REFUNDED, UNKNOWN = "", "requested", "refunded", "unknown"
TO_SHIP = ("to_ship", "part_shipped")  # states of an order that waits
AMOUNT = "amount"  # an order report that tells an amount and no word
MEANINGS = {"open": REQUESTED, "done": REFUNDED, "part": NOTHING, "none": NOTHING}
PRICE = re.compile(r"¥\d+(?:\.\d+)?元?|\d+(?:\.\d+)?元")
ZERO = re.compile(r"[¥￥]?0+(?:\.0+)?元?")
LINES = re.compile(r"[;|、\n]+")  # several lines of an order in one cell
MARKS = re.compile(r"[\s,.;:!?()\[\]【】、。·—_\-/|>+~\"']+")


@lru_cache(maxsize=8)
def _words_on(day: date) -> dict[str, str]:
    """Word as it is compared → open, done, part, none or type; the latest word on it counts."""
    rows = sorted(yaml.safe_load(FILE.read_text("utf-8")), key=lambda row: row["starts_on"])
    return {
        _folded(str(word)): kind
        for row in rows
        if row["starts_on"] <= day
        for kind in ("type", *MEANINGS)
        for word in row.get(kind, ())
    }


def _folded(text: str) -> str:
    return MARKS.sub("", text).upper()


def _bare(text: str) -> str:
    return PRICE.sub("", unicodedata.normalize("NFKC", text))


def state_of(text: str, explained: Mapping[str, str] | None = None) -> str:
    """What a cell says: requested, refunded, "" for neither, or unknown. `explained` holds words that a manager said
    the meaning of."""
    if not text:
        return NOTHING
    if explained and text in explained:
        return explained[text]
    return _state_on(clock.today(clock.company_zone()), text)


@lru_cache(maxsize=4096)
def _state_on(day: date, text: str) -> str:
    if ZERO.fullmatch(text):
        return NOTHING  # an amount
    lines = [part for part in LINES.split(_bare(text)) if _folded(part)]
    return of_lines([_line_state(_words_on(day), part) for part in lines]) if lines else NOTHING


def _line_state(words: dict[str, str], text: str) -> str:
    kinds = [words.get(_folded(text))]
    if kinds[0] is None:
        kinds = [words.get(_folded(part)) for part in MARKS.split(text) if part]
    if None in kinds:
        return UNKNOWN
    far = [kind for kind in kinds if kind != "type"]
    if not far:
        return REQUESTED
    is_doubtful = "open" in far and far[-1] in ("none", "part")  # «待商家处理,无售后»
    return UNKNOWN if is_doubtful else MEANINGS[far[-1] or ""]


def worst(states: Collection[str]) -> str:
    """Of several things said about one line, what a parcel must heed first."""
    return next((state for state in (REQUESTED, UNKNOWN, REFUNDED) if state in states), NOTHING)


def of_lines(states: Collection[str]) -> str:
    """Of the lines of one order: an open one holds all; refunded only when every line is."""
    found = worst(states)
    return NOTHING if found == REFUNDED and set(states) != {REFUNDED} else found


def refund_of(said: str, lines: Collection[str], *, is_to_ship: bool, claims: str = NOTHING) -> str:
    """What holds for an order: `said` by its order report, `lines` by its item report, `claims` by its list
    of after-sales where they were imported. A part of the money that went back already holds nothing."""
    if (found := worst([said, *lines, claims])) in (REQUESTED, UNKNOWN):
        return found
    if claims == REFUNDED:
        return REFUNDED
    if REFUNDED in lines:
        return of_lines(lines)
    if said == AMOUNT:
        return REQUESTED if is_to_ship else REFUNDED
    return said
