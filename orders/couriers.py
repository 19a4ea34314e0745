"""Couriers: their codes, the names that files use, what their numbers look like."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from django.utils.translation import get_language

FILE = Path(__file__).parent / "rules" / "couriers.yaml"


@dataclass(frozen=True)
class Courier:
    code: str
    zh: str
    en: str
    names: tuple[str, ...]
    pattern: str
    prefix: str = ""


@cache
def couriers() -> dict[str, Courier]:
    """Every known courier by code."""
    rows = yaml.safe_load(FILE.read_text("utf-8"))
    return {code: Courier(code=code, **{**row, "names": tuple(row["names"])}) for code, row in rows.items()}


@cache
def _codes() -> dict[str, str]:
    return {name.upper(): c.code for c in couriers().values() for name in (*c.names, c.zh, c.en, c.code)}


def courier_code(name: str) -> str:
    """«圆通速递» → yto; an unknown name is kept as it is, in at most 20 characters."""
    name = name.strip()
    return _codes().get(name.upper(), name[:20])


def courier_in(text: str) -> str:
    """The courier that a text names, «中通快递:75…» → zto; nothing when it names none."""
    text = text.upper()
    return next((code for name, code in _codes().items() if not name.isascii() and name in text), "")


def couriers_by_number(number: str) -> list[str]:
    """Whose numbers look like this one; several, where patterns overlap. A parcel of several (JDX…-1-2) counts."""
    whole = re.sub(r"(?:-\d{1,3})+-?$", "", number)
    return [courier.code for courier in couriers().values() if re.match(courier.pattern, whole)]


def courier_name(code: str) -> str:
    """yto → «圆通速递» or «YTO», in the active language."""
    courier = couriers().get(code)
    if courier is None:
        return code
    return courier.en if (get_language() or "").startswith("en") else courier.zh
