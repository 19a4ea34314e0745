"""Which of the numbers on a label is its waybill. Pure: codes, lines of print and what is known go in, the numbers that
it can be come out, the likeliest first.

A label carries more than its waybill: goods codes, order numbers, anti-counterfeiting codes, links, routing codes,
telephones. A checksum says that a code was read rightly, not that it is the right one.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from orders.couriers import couriers, couriers_by_number
from orders.labels.lines import Line
from orders.words import number_in

SHORTEST = 9  # characters of a waybill
MOST_SURE = 0.99  # of what is only read from the print, until a person says so
RIVALLED, DISPUTED, SHAPED, UNSHAPED = 0.6, 0.9, 0.8, 0.5

WAYBILL = re.compile(r"[A-Z]{0,3}[A-Z0-9]{0,2}\d{9,15}|[A-Z]{2}\d{9}CN")
PHONE = re.compile(r"(?:86)?1[3-9]\d{9}(?:[-转]\d{1,4})?|(?:400|800|95)\d{3,8}")
ORDER = re.compile(r"\d{18,21}|\d{6}-?\d{15}")
ROUTING = re.compile(r"[A-Z]?\d{3}[- ]?[A-Z]\d{2}[- ]?\d{2,3}|[A-Z]?\d{3}[- ][A-Z0-9]{2,5}[- ]\d{2,3}")
GTIN_LENGTHS = (8, 12, 13, 14)
TOKEN = re.compile(r"[A-Z0-9_一-鿿]+(?:-\d{1,3}(?![A-Z0-9]))*(?:-(?=$|[^A-Z0-9]))?")
LOOKALIKES = str.maketrans("OQDILSB", "0001158")
OF_WAYBILL = re.compile(r"MAIL|WAYBILL|BILL|EXPRESS|TRACK|LOGIS|^K5$|运单|快递|物流|面单|邮件")
OF_OTHERS = re.compile(
    r"ORDER|TRADE|SKU|ITEM|GOODS|PROD|TEL|PHONE|MOBILE|TIME|DATE|SHOP|STORE|^TID$|订单|交易|商品|货|条码|防伪|溯源|电话|手机|退"
)


@dataclass(frozen=True)
class Code:
    """What a barcode says, and how often the picture shows it. `is_matrix`: a QR code, DataMatrix or the like;
    `is_goods`: EAN, UPC or ITF-14, which only goods and their cartons carry."""

    text: str
    is_matrix: bool = False
    times: int = 1
    is_goods: bool = False


@dataclass(frozen=True)
class Candidate:
    """A number that may be the waybill. `courier`: whose numbers look like it; `source`: barcode, qr or ocr;
    `is_shaped`: it looks like a courier's and nothing speaks against that courier; `is_strong`: more than its look says
    so; `score`: how sure the OCR is of its print, 0 where it was not found there."""

    number: str
    courier: str = ""
    source: str = "barcode"
    weight: int = 0
    is_shaped: bool = False
    is_strong: bool = False
    score: float = 0.0


@dataclass(frozen=True)
class Weighed:
    """The likeliest number ("" where none is), how sure it is (0 to 1), what else it can be."""

    number: str = ""
    sure: float = 0.0
    source: str = ""
    candidates: tuple[Candidate, ...] = ()


@dataclass
class _Seen:
    """One number as the picture shows it."""

    number: str
    texts: set[str] = field(default_factory=set)  # of the codes that say it
    sources: set[str] = field(default_factory=set)
    times: int = 0
    is_linked: bool = False  # it stands in an address or a longer text
    hint: str = ""  # the word before it
    scores: list[float] = field(default_factory=list)


Known = Callable[[list[str]], dict[str, str]]  # numbers → which of them is a known waybill, order or goods


def nobody_knows(_numbers: list[str]) -> dict[str, str]:
    return {}


def weigh(
    codes: Collection[Code] = (), lines: Iterable[Line] = (), *, courier: str = "", known: Known = nobody_knows
) -> Weighed:
    """Weighs every number of a label. `courier` is the code of the one that the label names."""
    seen: dict[str, _Seen] = {}
    goods = {code.text.lstrip("0") for code in codes if code.is_goods}  # UPC is EAN with a zero before it
    for code in codes:
        _see_code(seen, code)
    in_codes = set(seen)
    for line in lines:
        _see_line(seen, line)
    told = known(sorted({text for one in seen.values() for text in (one.number, *one.texts)}))
    is_known = {n: next((told[t] for t in (n, *one.texts) if t in told), "") for n, one in seen.items()}
    is_known |= {number: "goods" for number in seen if number.lstrip("0") in goods}
    weighed = [_weighed(one, courier, is_known[one.number]) for one in seen.values()]
    found = sorted((one for one in weighed if one), key=lambda one: (-one.weight, -one.score, one.number))
    if not found:
        return Weighed()
    best = found[0]
    others = [one for one in found[1:] if one.is_strong or one.weight >= best.weight - 2]
    misread = [one for one in others if one.source == "ocr" and best.number in in_codes and _alike(one, best)]
    rivals = [one for one in others if one not in misread]
    sure = _sure(best, is_rivalled=bool(rivals), is_disputed=bool(misread), is_known=bool(is_known[best.number]))
    return Weighed(best.number, sure, best.source, (best, *others))


def _sure(best: Candidate, *, is_rivalled: bool, is_disputed: bool, is_known: bool) -> float:
    """Certain is a code with a courier's look that the print repeats, or that nothing else on the label can be where
    it has a strong sign; print alone is never."""
    if best.source == "ocr":
        return min(best.score, RIVALLED if is_rivalled else MOST_SURE)
    if is_rivalled:
        return RIVALLED
    if is_disputed and not is_known:
        return DISPUTED
    if best.is_strong or (best.is_shaped and best.score):
        return 1.0
    return SHAPED if best.is_shaped else UNSHAPED


def _see_code(seen: dict[str, _Seen], code: Code) -> None:
    text = unicodedata.normalize("NFKC", unquote(code.text)).strip().upper()
    if ORDER.fullmatch(text) or PHONE.fullmatch(text):
        return
    is_text = code.is_matrix or "://" in text or "=" in text
    for hint, token in _tokens(text) if is_text else [("", number_in(text))]:
        one = seen.setdefault(token, _Seen(token))
        one.texts.add(text)
        one.sources.add("qr" if code.is_matrix else "barcode")
        one.times += code.times
        one.is_linked |= is_text and token != text
        one.hint = one.hint or hint


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """(the word before, number) of everything in a longer text that has the look of a waybill."""
    before = ""
    for found in TOKEN.findall(text):
        if WAYBILL.fullmatch(found) or couriers_by_number(found):
            yield before, found.rstrip("-")
        else:
            before = found


def _see_line(seen: dict[str, _Seen], line: Line) -> None:
    """A line that is a number, in blocks or with its name before it; what a code said too is printed."""
    text = unicodedata.normalize("NFKC", line.text).upper()
    spoken = re.match(r"[^A-Z0-9]*(?:NO\b)?[^A-Z0-9]*", text).group(0)  # type: ignore[union-attr]
    whole = re.sub(r"\s+", "", text[len(spoken) :])
    numbers = {number for number in seen if _stands_in(number, whole)}
    if not numbers:
        numbers = {n for n in (plain_number(whole), *text.split()) if WAYBILL.fullmatch(n)}
    for number in numbers:
        one = seen.setdefault(number, _Seen(number, sources={"ocr"}))
        one.scores.append(line.score)
        one.hint = one.hint or re.sub(r"[\W_]+", "", spoken)


def _stands_in(number: str, text: str) -> bool:
    number, text = number.translate(LOOKALIKES), text.translate(LOOKALIKES)
    return re.search(rf"(?<!\d){re.escape(number)}(?!\d)", text) is not None


def plain_number(text: str) -> str:
    """Digits for the letters that OCR sees in their place, after a courier's prefix."""
    if re.fullmatch(r"[A-Z]{2}\d{9}CN", text):
        return text
    prefix = re.match(r"[A-Z]{0,3}", text).group(0)[:2]  # type: ignore[union-attr]
    if not any(c.prefix and c.prefix.startswith(prefix) for c in couriers().values()):
        prefix = ""
    return prefix + text[len(prefix) :].translate(LOOKALIKES)


def _weighed(one: _Seen, courier: str, known: str) -> Candidate | None:
    """What speaks for a number and against it; None for what cannot be a waybill."""
    number, theirs = one.number, couriers_by_number(one.number)
    has_prefix = number.endswith("CN") or any(couriers()[code].prefix for code in theirs)
    if len(number) < SHORTEST or not any(c.isdigit() for c in number) or known in ("order", "goods"):
        return None
    is_named, is_meant = courier in theirs, bool(OF_WAYBILL.search(one.hint))
    is_contrary = bool(courier and theirs and not is_named)
    is_goods_like = is_gtin(number) and not (is_named or is_meant)
    looks_otherwise = PHONE.fullmatch(number) or ORDER.fullmatch(number) or ROUTING.fullmatch(number)
    is_of_others = (is_goods_like and not theirs) or (OF_OTHERS.search(one.hint) and not has_prefix)
    if (looks_otherwise or is_of_others) and known != "waybill":
        return None
    weights = (
        (8, known == "waybill"),
        (6, has_prefix),
        (4, bool(theirs)),
        (3, is_named),
        (3, "barcode" in one.sources or one.times > 1),
        (2, "qr" in one.sources),
        (2, bool(one.scores)),
        (2, is_meant),
        (-4, is_contrary),
        (-2, is_goods_like),
        (-2, one.is_linked and not theirs),
    )
    is_shaped = bool(theirs) and not (is_contrary or is_goods_like)
    source = next((name for name in ("barcode", "qr") if name in one.sources), "ocr")
    return Candidate(
        number,
        courier if is_named else next(iter(theirs), ""),
        source,
        sum(points for points, holds in weights if holds),
        is_shaped=is_shaped,
        is_strong=known == "waybill" or (is_shaped and (has_prefix or is_named or is_meant)),
        score=_score(one.scores),
    )


def _score(scores: list[float]) -> float:
    doubt = 1.0
    for score in scores:
        doubt *= 1 - score
    return round(1 - doubt, 4)


def _alike(one: Candidate, other: Candidate) -> bool:
    """Whether the print may be the other number, read wrongly by the OCR."""
    a, b = one.number, other.number
    return len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) <= 2


def is_gtin(number: str) -> bool:
    """A goods code of GS1: its last digit is the check digit of the others, weighed 3 and 1 from the right."""
    if not (number.isdigit() and len(number) in GTIN_LENGTHS):
        return False
    digits = [int(digit) for digit in reversed(number)]
    return sum(digit * (3 if n % 2 else 1) for n, digit in enumerate(digits)) % 10 == 0
