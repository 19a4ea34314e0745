"""What a pattern of waybill numbers says, in words: «^YT\\d{13}$» → «YT + 13 位数字»."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

PART = re.compile(
    r"(?P<what>\\d|\[A-Z0-9\]|\[A-Z\])(?:\{(?P<least>\d+)(?:,(?P<most>\d+))?\})?"
    r"|\[(?P<set>[A-Z0-9-]+)\]|\((?P<either>[A-Z0-9|]+)\)|(?P<same>[A-Z0-9]+)"
)


def pattern_words(pattern: str) -> str:
    """The pattern as it stands where it is written in a way that has no words here."""
    spelt = [_alternative(each) for each in re.split(r"\|(?![^(]*\))", pattern)]
    return _(" or ").join(spelt) if all(spelt) else pattern


def _alternative(text: str) -> str:
    text = text.removeprefix("^").removesuffix("$")
    parts = list(PART.finditer(text))
    return " + ".join(map(_part, parts)) if "".join(p[0] for p in parts) == text else ""


def _part(found: re.Match[str]) -> str:
    if what := found["what"]:
        least, most = int(found["least"] or 1), found["most"]
        n = f"{least}–{most}" if most else str(least)
        if what == r"\d":
            return ngettext("%(n)s digit", "%(n)s digits", int(most or least)) % {"n": n}
        if what == "[A-Z]":
            return ngettext("%(n)s letter", "%(n)s letters", int(most or least)) % {"n": n}
        return ngettext("%(n)s letter or digit", "%(n)s letters or digits", int(most or least)) % {"n": n}
    if found["set"]:
        return _(" or ").join(each.replace("-", "–") for each in re.findall(r".-.|.", found["set"]))
    return _(" or ").join(found["either"].split("|")) if found["either"] else found["same"]
