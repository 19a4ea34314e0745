"""Provinces and cities of China as files and labels write them, told by their names (`rules/places.yaml`)."""

import re
import unicodedata
from collections import defaultdict
from functools import cache, lru_cache
from pathlib import Path

import yaml

FILE = Path(__file__).parent / "rules" / "places.yaml"
CJK = r"\u4e00-\u9fff"
REGIONS = "内蒙古自治区|广西壮族自治区|西藏自治区|宁夏回族自治区|新疆维吾尔自治区"
OWN = "北京|上海|天津|重庆"  # cities that are their own province
ADDRESS = re.compile(  # on a label, where a province has its full name
    rf"(?:{REGIONS}|[{CJK}]{{2,3}}省|(?:{OWN})(?=(?:{OWN})市))(?P<city>[{CJK}]{{1,9}}?(?:市|自治州|地区|盟))"
    rf"|(?P<own>(?:{OWN})市)(?=[{CJK}]{{1,5}}[区县])"
)
BETWEEN = re.compile(
    r"[\s\u200b-\u200f\u2060\ufeff,，.。、·/|;；:：>\-_—~+&#*()（）\[\]【】\"'`=]+"
)  # what parts an address, or stands around it
FILLING = re.compile(r"(?:省|自治区)?直辖(?:县级)?(?:行政单位|行政区划)?|市辖区")
PEOPLES = re.compile(
    r"(?:朝鲜|土家|藏|羌|彝|布依|苗|侗|哈尼|壮|傣|白|景颇|傈僳|回|哈萨克|蒙古|柯尔克孜|黎|维吾尔)族?(?=.*自治)"
)
STREET = re.compile(r"[东西南北中一二三]{0,2}(?:路|街|巷|道|大街|大道|胡同)")  # «江苏路398号» is no province
ENDINGS = re.compile(r"(?:特别行政区|自治区|自治州|自治县|地区|林区|[省市盟县])$")
DISTRICT = re.compile(rf"[{CJK}]{{1,6}}?[区县市旗]")


@cache
def _places() -> dict[str, list[str]]:
    return yaml.safe_load(FILE.read_text("utf-8"))


def short(place: str) -> str:
    """«内蒙古自治区» → «内蒙古», «上海市» → «上海», «海北藏族自治州» → «海北»: without the words for its kind."""
    if place in ("内蒙古自治区", "西藏自治区"):
        return place.removesuffix("自治区")
    cut = ENDINGS.sub("", PEOPLES.sub("", place))
    return cut if len(cut) > 1 else place


Named = list[tuple[str, str, str]]  # as written, province, city; the longest first


def _by_head(names: list[tuple[str, str, str]]) -> dict[str, Named]:
    found: dict[str, Named] = defaultdict(list)
    for written, province, city in sorted(set(names), key=lambda row: -len(row[0])):
        found[written[:2]].append((written, province, city))
    return found


@cache
def _provinces() -> dict[str, Named]:
    return _by_head([(name, full, "") for full in _places() for name in (full, short(full))])


@cache
def _cities() -> dict[str, Named]:
    """By their names with the word for their kind, of all provinces."""
    return _by_head([(city, full, city) for full, cities in _places().items() for city in cities if full != city])


@cache
def _cities_of(province: str) -> dict[str, Named]:
    cities = _places()[province]
    return _by_head([(name, province, city) for city in cities for name in (city, short(city))])


@cache
def _all_cities() -> dict[str, Named]:
    """By either name, where it is only one city's."""
    names = [(short(city), full, city) for full, cities in _places().items() for city in cities]
    written = [name for name, _full, _city in names]
    full_names = [row for rows in _cities().values() for row in rows]
    return _by_head([*full_names, *(row for row in names if written.count(row[0]) == 1)])


def _first(names: dict[str, Named], text: str) -> tuple[str, str, str] | None:
    named = (row for row in names.get(text[:2], ()) if text.startswith(row[0]))
    return next((row for row in named if not STREET.match(text, len(row[0]))), None)


@lru_cache(maxsize=4096)
def place_in(address: str) -> tuple[str, str]:
    """«浙江省 杭州市 西湖区 …», «浙江,杭州,…», «广东省深圳市***» → province and city by their full names, whatever
    parts the address; nothing more of it is kept. ("", "") where it begins with no place that is known."""
    text = BETWEEN.sub("", unicodedata.normalize("NFKC", address[:120]))
    text = text.lstrip("0123456789").removeprefix("中国").removeprefix("大陆")  # a postcode, the country
    found = _first(_cities(), text)  # «吉林市昌邑区»: the city, not its province
    if found:
        return found[1], found[2]
    if (found := _first(_provinces(), text)) is None:
        found = _first(_all_cities(), text)
        is_one = found is not None and (text == found[0] or DISTRICT.match(text[len(found[0]) :]))
        return (found[1], found[2]) if found and is_one else ("", "")
    province, cities = found[1], _places()[found[1]]
    if cities == [province]:
        return province, province
    rest = FILLING.sub("", text[len(found[0]) :][:40])
    city = _first(_cities_of(province), rest)
    return province, city[2] if city else ""


@lru_cache(maxsize=4096)
def city_in(text: str) -> str:
    """The city that a short text names, «杭州», «浙江省杭州市», by its full name; "" where none is known by it."""
    return place_in(text)[1]


def same_place(city: str, wanted: str) -> bool:
    """Whether two files mean the same city: «杭州» and «杭州市» do."""
    return short(city) == short(wanted)


def is_elsewhere(city: str, wanted: str) -> bool:
    """Whether two texts name two cities that are known and differ. «义乌市» and «金华市» do not: nobody here knows
    where 义乌 lies."""
    one, other = city_in(city), city_in(wanted)
    return bool(one and other) and one != other
