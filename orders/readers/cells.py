"""Cells as exports write them, turned into values; what cannot be read is refused, never guessed."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
EMPTY = {"", "-", "--", "无", "null", "None"}
RUINED = re.compile(r"^\d+(\.\d+)?[eE]\+?\d+$")
SEPARATORS = re.compile(r"[,，;；、|/\s]+")
FRACTION = re.compile(r"\.\d+$")
FORMATS = ("%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y-%m-%d")
CHILD = re.compile(r"^(JD[A-Z0-9]+?)-\d+-\d+-?$")
NAMED = re.compile(r"^[^\x00-\x7f]+[:(]*|[^\x00-\x7f)]+$")  # what is not ASCII before or behind
NO = re.compile(r"^no[:：.]", re.IGNORECASE)


class BadCell(Exception):
    """A row that is refused: `code` says why, `column` and `value` where."""

    def __init__(self, code: str, column: str = "", value: str = "") -> None:
        self.code, self.column, self.value = code, column, value[:120]
        super().__init__(code)


def plain(cell: str) -> str:
    """The text of a cell without what spreadsheets and exports wrap around it: ="…", a leading ' or TAB, «-»."""
    text = cell.strip().lstrip("\ufeff")
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    text = text.strip(" \t'\"")
    return "" if text in EMPTY else text


def number(cell: str, column: str) -> str:
    """An identifier. One that Excel turned into 4.14E+18 has lost digits: refused."""
    text = plain(cell)
    if RUINED.match(text):
        raise BadCell("number_ruined_by_excel", column, text)
    return text[:-2] if text.endswith(".0") and text[:-2].isdigit() else text


def numbers(cell: str, column: str) -> tuple[str, ...]:
    """Several identifiers of one cell, each once, in order; «No:», a courier's name before it («中通快递:75…») and the
    tail of JD child parcels are taken off, and words without a digit («无需物流») are none."""
    found: dict[str, None] = {}
    for part in SEPARATORS.split(plain(cell)):
        text = CHILD.sub(r"\1", NO.sub("", part.strip()).upper())
        if not text.isascii():
            text = NAMED.sub("", text)
        if any(map(str.isdigit, text)):
            found[number(text, column)[:40]] = None
    return tuple(found)


def moment(cell: str, column: str) -> datetime | None:
    """A date and time, in Asia/Shanghai as all these exports write it; None when the cell is empty."""
    text = plain(cell).replace("T", " ")
    if not text:
        return None
    text = FRACTION.sub("", text)
    try:
        found = datetime.fromisoformat(text)  # as nearly all write it; ten times as quick as a form
        return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
    except ValueError:
        text = text.replace("年", "-").replace("月", "-").replace("日", " ").strip()
    for form in FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
    raise BadCell("bad_date", column, text)


def cents(cell: str, column: str) -> int:
    """«12.3元» → 1230; text such as «无退款申请» and an empty cell → 0."""
    text = plain(cell).replace("元", "").replace("¥", "").replace(",", "").strip()
    if not re.match(r"^-?\d", text):
        return 0
    try:
        return round(float(text) * 100)
    except ValueError:
        raise BadCell("bad_amount", column, text) from None


def count(cell: str) -> int:
    """A quantity; «1.0» → 1, nothing → 1."""
    digits = re.match(r"\d+", plain(cell))
    return min(int(digits.group()), 100_000) if digits else 1
