"""What the lines of a label say: waybill, courier, receiver, city, order. Pure: lines in, fields out.

A Chinese express label has the same order everywhere: courier and date, waybill, routing code, hub, receiver (收),
sender (寄), goods and order. A photo may be turned, so «above» is found from the lines themselves.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from statistics import mean

from orders.couriers import couriers
from orders.labels.lines import Line, text_angle
from orders.labels.weighing import Candidate, Code, Known, nobody_knows, weigh
from orders.places import ADDRESS, CJK

MASKS = str.maketrans(dict.fromkeys("＊★☆✱×￥¥…·•", "*"))
PERSON = re.compile(rf"([{CJK}])[{CJK}]{{0,3}}\d?\*+\s*(?:86)?1[\d*]*?(\d{{4}})(?!\d)")
ORDER = re.compile(r"(?<!\d)\d{16,21}(?!\d)")
ROUTING = re.compile(r"\d{3}[A-Z]\d{2}\d{3}|[A-Z]?\d{3}[- ][A-Z0-9]{2,5}[- ]\d{3}")


@dataclass(frozen=True)
class Fields:
    """What was read; "" where nothing was. `sure` is how sure the waybill is, from 0 to 1: certain only where a code
    and what stands beside it leave no other."""

    waybill: str = ""
    courier: str = ""  # its code
    receiver_surname: str = ""
    phone_tail: str = ""
    city: str = ""
    order: str = ""
    sure: float = 0.0
    source: str = ""  # of the waybill: barcode, qr or ocr
    candidates: tuple[Candidate, ...] = ()  # what the waybill can be


def fields_of(lines: Iterable[Line], codes: Collection[Code] = (), known: Known = nobody_knows) -> Fields:
    """The fields of a label, from its lines of text and what its barcodes say."""
    rows = [(line, _plain(line.text)) for line in lines]
    courier = _courier(rows)
    weighed = weigh(codes, [line for line, _text in rows], courier=courier, known=known)
    height = _height(rows)
    person, surname, tail = _receiver(rows, height)
    return Fields(
        waybill=weighed.number,
        courier=courier or next((one.courier for one in weighed.candidates), ""),
        receiver_surname=surname,
        phone_tail=tail,
        city=_city(rows, height, person),
        order=_order(rows, weighed.number),
        sure=weighed.sure,
        source=weighed.source,
        candidates=weighed.candidates,
    )


def _plain(text: str) -> str:
    """Without spaces, in narrow characters, every sign of masking as *."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).translate(MASKS)).upper()


Rows = list[tuple[Line, str]]
Height = Callable[[Line], float]


def _courier(rows: Rows) -> str:
    """By its name, one character off at most."""
    texts = [text for _line, text in rows]
    for off in (0, 1):
        for courier in couriers().values():
            for name in (courier.zh.upper(), *map(str.upper, courier.names)):
                if len(name) >= (2 if off == 0 else 4) and any(_alike(text, name, off) for text in texts):
                    return courier.code
    return ""


def _alike(text: str, name: str, off: int) -> bool:
    if off == 0:
        return text.startswith(name)
    return len(text) == len(name) and sum(a != b for a, b in zip(text, name, strict=True)) <= off


def _order(rows: Rows, waybill: str) -> str:
    for _line, text in sorted(rows, key=lambda row: "单" not in row[1]):
        for number in ORDER.findall(text):
            if number != waybill:
                return number
    return ""


def _height(rows: Rows) -> Height:
    """How far up the label a line lies, across the run of its text: goods and order lie under routing code and hub."""
    top = [line for line, text in rows if "转运中心" in text or "集散" in text or ROUTING.fullmatch(text)]
    bottom = [line for line, text in rows if ORDER.search(text)]
    angle = math.radians(text_angle([line for line, _text in rows]))
    up_x, up_y = math.sin(angle), -math.cos(angle)
    if top and bottom:
        over_x = mean(line.x for line in top) - mean(line.x for line in bottom)
        over_y = mean(line.y for line in top) - mean(line.y for line in bottom)
        if over_x * up_x + over_y * up_y < 0:  # the photo was taken from the other side
            up_x, up_y = -up_x, -up_y
    return lambda line: line.x * up_x + line.y * up_y


def _receiver(rows: Rows, height: Height) -> tuple[Line | None, str, str]:
    """The uppermost line with a masked name and a telephone, unless it is the sender's: that one stands below the
    receiver's address, or beside 寄. Rather nobody than the sender."""
    people = []
    for line, text in rows:
        named = PERSON.search(re.sub(rf"^[收寄](?=[{CJK}])", "", text))
        if named and not text.startswith("寄"):
            people.append((height(line), line, named.group(1), named.group(2)))
    if not people:
        return None, "", ""
    at, line, surname, tail = max(people, key=lambda person: person[0])
    above = any(height(other) > at for other, text in rows if ADDRESS.match(text) and not PERSON.search(text))
    marks = {text: abs(height(other) - at) for other, text in rows if text in ("收", "寄")}
    if above or marks.get("寄", math.inf) < min(marks.get("收", math.inf), line.thickness):
        return None, "", ""
    return line, surname, tail


def _city(rows: Rows, height: Height, person: Line | None) -> str:
    """The city of the uppermost address that is not above the receiver."""
    best: tuple[float, str] | None = None
    for line, text in rows:
        found = ADDRESS.search(text)
        if not found or text.startswith("寄") or (PERSON.search(text) and line is not person):
            continue
        if best is None or height(line) > best[0]:
            best = height(line), found.group("city") or found.group("own")
    return best[1] if best else ""
