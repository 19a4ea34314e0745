"""Couriers: their codes, the names that files use, what their numbers look like."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

import yaml
from django.utils.translation import get_language

from kernel import clock

RULES = Path(__file__).parent / "rules"
FILE, NAMES = RULES / "couriers.yaml", RULES / "courier_names.yaml"
BRACKETS = re.compile(r"[(\[【][^)\]】]*[)\]】]")
KIND = re.compile(  # the words for what a courier is and which of its services, at the end of its name
    r"(?:快递包裹|快递|速递|速运|物流|快件|包裹|国内|标快|特快|标准|经济|电商|陆运|空运|有限|公司|集团|股份|服务|EXPRESS|LOGISTICS"
    r"|[-_·/]+)$"
)
WORDS = re.compile(r"[\u4e00-\u9fff]+|[A-Z0-9&]+")


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
    """Every courier whose numbers have a known look, by code."""
    rows = yaml.safe_load(FILE.read_text("utf-8"))
    return {code: Courier(code=code, **{**row, "names": tuple(row["names"])}) for code, row in rows.items()}


@dataclass(frozen=True)
class Names:
    """Names that count from a day on, as they are compared → the courier's code; and the couriers' own names."""

    codes: dict[str, str]
    said: dict[str, tuple[str, str]]


@lru_cache(maxsize=8)
def _names_on(day: date) -> Names:
    codes = {folded(name): c.code for c in couriers().values() for name in (*c.names, c.zh, c.en, c.code)}
    said = {c.code: (c.zh, c.en) for c in couriers().values()}
    for row in yaml.safe_load(NAMES.read_text("utf-8")):
        if row["starts_on"] <= day:
            codes.update({folded(name): row["code"] for name in (*row["names"], row["code"])})
            if "zh" in row:
                said[row["code"]] = (row["zh"], row["en"])
                codes[folded(row["zh"])] = row["code"]
    return Names(codes, said)


def _names() -> Names:
    return _names_on(clock.today(clock.company_zone()))


def folded(name: str) -> str:
    """A name as it is compared: wide characters, case and spaces make no difference."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).upper()


def courier_code(name: str) -> str:
    """«圆通速递», «中通快递(ZTO)», «jtexpress» → the courier's code; a name that nobody knows is kept as it is, in at
    most 20 characters, and is no courier's."""
    return _code_on(clock.today(clock.company_zone()), name.strip())


@lru_cache(maxsize=4096)
def _code_on(day: date, name: str) -> str:
    codes, text = _names_on(day).codes, folded(name)
    for part in (text, BRACKETS.sub("", text), *BRACKETS.findall(text)):
        if code := _code_of(part.strip("()[]【】"), codes):
            return code
    found = {_code_of(part, codes) for part in WORDS.findall(text)}  # «ZTO中通», «圆通速递_YTO»
    if len(found) == 1 and (code := found.pop()):
        return code
    return re.sub(r"[\s,:;]+", " ", unicodedata.normalize("NFKC", name))[:20].strip()  # what others join it with


def _code_of(text: str, codes: dict[str, str]) -> str:
    while text:
        if code := codes.get(text):
            return code
        shorter = KIND.sub("", text)
        if shorter == text:
            break
        text = shorter
    return ""


def known_couriers() -> list[str]:
    """The codes of all couriers whose names are known; those with a known look of their numbers first."""
    return list(_names().said)


def is_known_courier(code: str) -> bool:
    return code in _names().said


def are_different(one: str, other: str) -> bool:
    """Whether two codes are of two couriers that are both known. A name that nobody knows is never equal to another and
    never different from it."""
    said = _names().said
    return one != other and one in said and other in said


def courier_in(text: str) -> str:
    """The courier that a text names, «中通快递:75…» → zto; nothing when it names none."""
    text = folded(text)
    if text.isascii():
        return ""
    named = ((name, code) for name, code in _names().codes.items() if not name.isascii() and name in text)
    return max(named, key=lambda pair: len(pair[0]), default=("", ""))[1]


def couriers_by_number(number: str) -> list[str]:
    """Whose numbers look like this one; several, where patterns overlap. A parcel of several (JDX…-1-2) counts."""
    whole = re.sub(r"(?:-\d{1,3})+-?$", "", number)
    return [courier.code for courier in couriers().values() if re.match(courier.pattern, whole)]


def courier_name(code: str) -> str:
    """yto → «圆通速递» or «YTO», in the active language."""
    zh, en = _names().said.get(code, (code, code))
    return en if (get_language() or "").startswith("en") else zh
