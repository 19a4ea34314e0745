"""Cells as exports write them, turned into values; what cannot be read is refused, never guessed."""

import re
import unicodedata
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
EMPTY = {"", "-", "--", "—", "——", "/", "\\", "无", "null", "NULL", "None", "none", "N/A", "#N/A"}
WRAPPED = " \t\r\n'\"`´‘’“”\u00a0\u3000"
WRAPPING = "='\"`"
UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f]")  # takes no room
RUINED = re.compile(r"^\d+(\.\d+)?[eE]\+?\d+$")
SEPARATORS = re.compile(r"[,，;；、|/\t\r\n]+")
SHORTEST = 9  # characters of a number; what a space parts into less is one number, written in groups
WHOLE = re.compile(r"^(\d+)\.0+$")
IDENTIFIER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{3,39}")
FORMATS = (
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d",
    "%Y-%m-%d",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d %H:%M",
    "%Y.%m.%d",
    "%Y%m%d %H:%M:%S",
    "%Y-%m-%d %I:%M:%S %p",
    "%Y/%m/%d %I:%M:%S %p",
    "%Y-%m-%d %I:%M %p",
    "%Y/%m/%d %I:%M %p",
)
BY_LENGTH = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}  # of digits alone
CHINESE_DATE = re.compile(r"^(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日?")
CHINESE_TIME = re.compile(r"(\d{1,2})\s*[时点:]\s*(?:(\d{1,2})\s*分?)?(?::?\s*(\d{1,2})\s*秒?)?$")
HALF_DAY = re.compile(r"(上午|早上|凌晨|下午|晚上|中午)\s*(\d{1,2})(?=[:时点])")
FRACTION = re.compile(r"(:\d{2}:\d{2})[.,:]\d{1,9}(?=$|[+Z-])")
SERIAL = re.compile(r"^[2-9]\d{4}(?:\.\d+)?$")  # days since 1900, from 1954 to 2173
EPOCH = re.compile(r"^1\d{9}(?:\d{3})?$")  # seconds or milliseconds since 1970
NEVER = re.compile(
    r"(?:0000|1900|1970)[-/]0?[01][-/]0?[01](?:\D|$)|0001-01-01 "
)  # how a tool writes that there is none
WEEKDAY = re.compile(r"[(]?(?:星期|周)[一二三四五六日天][)]?")
ZONE = re.compile(r"(?<=\d) ?(\+\d{2}):?(\d{2})(?: [A-Z]{2,4} ?)?$")
DAY_ZERO = datetime(1899, 12, 30)
FIRST_YEAR, LAST_YEAR = 2000, 2099
CHILD = re.compile(r"^(JD[A-Z0-9]+?)-\d+-\d+-?$")
ODD = re.compile(r"[^A-Z0-9.+-]")
RUN = re.compile(r"[A-Z0-9][A-Z0-9-]*")
NO = re.compile(r"^no[:：.]", re.IGNORECASE)
SPLIT = re.compile(r"^(\d{10,})(?:-\d{1,2}|_\d{1,2})$")  # the second parcel of an order, as ERP systems number it
COUNTED = re.compile(r"^[x×*]?\s*(\d[\d,]*)(?:\.\d+)?\s*[^\d.,]*$")
HARMLESS = re.compile(r"[^\u3400-\u9fff]|[年月日时分秒点上下午早晚凌晨中元件个]")
MOBILE = re.compile(r"1[3-9]\d{9}")
DIGITS_KEPT = 15  # of a number that a spreadsheet took for one to reckon with


class BadCell(Exception):
    """A row that is refused: `code` says why, `column` and `value` where. A value that may name a buyer is left out."""

    def __init__(self, code: str, column: str = "", value: str = "", *, is_told: bool = False) -> None:
        self.code, self.column = code, column
        self.value = value[:120] if is_told or _is_harmless(value) else ""
        super().__init__(code)


def _is_harmless(value: str) -> bool:
    return not HARMLESS.sub("", value) and not (MOBILE.fullmatch(value.strip()) or "@" in value)


def plain(cell: str) -> str:
    """The text of a cell without what spreadsheets and exports wrap around it: ="…", a leading ' or TAB, «-», and
    without characters that nobody sees."""
    if not cell:
        return ""
    text = cell.strip()
    if text.isalnum():
        return "" if text in EMPTY else text
    if text[:1] in WRAPPING or text[-1:] in WRAPPING or not text.isascii():
        text = UNSEEN.sub("", text).replace("\u00a0", " ").strip()
        if text.startswith('="') and text.endswith('"'):
            text = text[2:-1]
        text = text.strip(WRAPPED)
    return "" if text in EMPTY else text


def narrow(cell: str) -> str:
    """The same in narrow characters: ４６３ is 463, ＹＴ is YT, ： is :."""
    text = plain(cell)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text).strip(WRAPPED)
    return "" if text in EMPTY else text


def number(cell: str, column: str) -> str:
    """An identifier. One that Excel turned into 4.14E+18 has lost digits: refused."""
    text = "".join(narrow(cell).split())
    if RUINED.match(text):
        raise BadCell("number_ruined_by_excel", column, text)
    found = WHOLE.match(text)
    return found[1] if found else text


def order_number(cell: str, column: str) -> str:
    """The platform's number of an order or of one of its lines; refused where the cell holds none. «…0443-1», as ERP
    systems write an order that they split, is the order …0443."""
    text = number(cell, column)
    if len(several := [part for part in SEPARATORS.split(text) if IDENTIFIER.fullmatch(part)]) > 1:
        raise BadCell("several_orders", column, ", ".join(several))
    if not IDENTIFIER.fullmatch(text) or not any(map(str.isdigit, text)):
        raise BadCell("no_order_number", column, cell.strip())
    return whole_order(text)


def whole_order(text: str) -> str:
    found = SPLIT.match(text)
    return found[1] if found else text


def numbers(cell: str, column: str) -> tuple[str, ...]:
    """Several identifiers of one cell, each once, in order; «No:», a courier's name around it («中通快递:75…») and the
    tail of JD child parcels are taken off, and words without a digit («无需物流») are none."""
    if cell.isascii() and cell.isalnum() and not RUINED.match(cell):
        return () if cell.isalpha() else (cell.upper()[:40],)
    found: dict[str, None] = {}
    for part in (one for some in SEPARATORS.split(narrow(cell)) for one in _ungrouped(some)):
        text = CHILD.sub(r"\1", NO.sub("", part.strip(WRAPPED)).upper())
        if ODD.search(text):
            text = max((run for run in RUN.findall(text) if any(map(str.isdigit, run))), key=len, default="")
        if any(map(str.isdigit, text)):
            found[number(text.rstrip("-"), column)[:40]] = None
    return tuple(found)


def _ungrouped(text: str) -> list[str]:
    """«YT1… YT2…» are two numbers, «4634 0000 0001» is one."""
    parts = text.split()
    numbers = [part for part in parts if any(map(str.isdigit, part))]
    return parts if all(len(part) >= SHORTEST for part in numbers) else ["".join(parts)]


def has_lost_digits(cell: str) -> bool:
    """Whether a number is longer than a spreadsheet keeps, and has nothing but zeros where it would be cut."""
    text = number_text(cell)
    return text is not None and not text[DIGITS_KEPT:].strip("0")


def number_text(cell: str) -> str | None:
    """A number of more digits than a spreadsheet keeps, else None."""
    text = narrow(cell)
    return text if len(text) > DIGITS_KEPT and text.isdecimal() and text[0] != "0" else None


def moment(cell: str, column: str) -> datetime | None:
    """A date and time, in Asia/Shanghai as all these exports write it; None when the cell is empty. Days since 1900 and
    milliseconds since 1970 are moments too; one outside this century is refused."""
    if not cell:
        return None
    text = cell if len(cell) == 19 and cell[0] == "2" and cell.isascii() else narrow(cell)  # as nearly all write it
    if not text or NEVER.match(text):
        return None
    if (found := _iso(text) or _counted(text) or _iso(_spelled(text)) or _formed(_spelled(text))) is None:
        raise BadCell("bad_date", column, text)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadCell("bad_date", column, text)
    if found.tzinfo is None:
        return found.replace(microsecond=0, tzinfo=SHANGHAI)
    return found.replace(microsecond=0) if found.microsecond else found


def _iso(text: str) -> datetime | None:
    """Ten times as quick as a form."""
    if len(text) < 10 or text.isdecimal():
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _counted(text: str) -> datetime | None:
    if SERIAL.match(text):
        return DAY_ZERO + timedelta(seconds=round(float(text) * 86400))
    if EPOCH.match(text):
        seconds = int(text) / (1000 if len(text) == 13 else 1)
        return datetime.fromtimestamp(seconds, SHANGHAI)
    if text.isdecimal() and len(text) in BY_LENGTH:
        return _formed(text, (BY_LENGTH[len(text)],))
    return None


def _spelled(text: str) -> str:
    """A moment in Chinese, or with parts of a second, in the signs that forms know."""
    text = WEEKDAY.sub(" ", ZONE.sub(r"\1:\2", FRACTION.sub(r"\1", text.replace("T", " "))))
    text = HALF_DAY.sub(_hour, text)
    if date := CHINESE_DATE.match(text):
        rest = text[date.end() :].strip()
        time = CHINESE_TIME.match(rest)
        text = "{}-{:0>2}-{:0>2} ".format(*date.groups()) + (
            ":".join(f"{part or 0:0>2}" for part in time.groups()) if time else rest
        )
    return re.sub(r"\s+", " ", text).strip()


def _hour(found: re.Match[str]) -> str:
    hour = int(found[2])
    return f" {hour + 12 if found[1] in ('下午', '晚上') and hour < 12 else hour}"


def _formed(text: str, forms: tuple[str, ...] = FORMATS) -> datetime | None:
    for form in forms:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def cents(cell: str, column: str) -> int:
    """«12.3元» → 1230; text such as «无退款申请» and an empty cell → 0."""
    if not cell or cell == "0.00":
        return 0
    text = narrow(cell).replace("元", "").replace("¥", "").replace("CNY", "").replace(",", "").strip()
    if not re.match(r"^[+-]?\.?\d", text):
        return 0
    try:
        return round(float(text) * 100)
    except ValueError:
        raise BadCell("bad_amount", column, text) from None


def quantity(cell: str, column: str) -> int:
    """«1.0», «2件», «×3»; nothing → 1. Less than nothing is refused."""
    if cell == "1" or not (text := narrow(cell)):
        return 1
    found = COUNTED.match(text)
    if not found:
        raise BadCell("bad_quantity", column, text)
    return min(int(found[1].replace(",", "")), 100_000)


def ordinal(text: str) -> int:
    """Which parcel of how many; 1 where it is not said."""
    digits = re.search(r"\d+", narrow(text))
    return min(int(digits.group()), 1000) if digits else 1
