"""Provinces and cities of China as files and labels write them."""

import re

CJK = r"\u4e00-\u9fff"
REGIONS = "内蒙古自治区|广西壮族自治区|西藏自治区|宁夏回族自治区|新疆维吾尔自治区"
MUNICIPALITIES = ("北京", "上海", "天津", "重庆")
OWN = "|".join(MUNICIPALITIES)  # cities that are their own province
ADDRESS = re.compile(  # on a label, where a province has its full name
    rf"(?:{REGIONS}|[{CJK}]{{2,3}}省|(?:{OWN})(?=(?:{OWN})市))(?P<city>[{CJK}]{{1,9}}?(?:市|自治州|地区|盟))"
    rf"|(?P<own>(?:{OWN})市)(?=[{CJK}]{{1,5}}[区县])"
)
PROVINCES = (
    "河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|"
    "内蒙古|广西|西藏|宁夏|新疆"
)
UNSPACED = re.compile(  # in an order report: «浙江杭州市滨江区…», «上海市浦东新区…»
    rf"^(?P<province>(?:{PROVINCES})(?:省|(?:壮族|回族|维吾尔)?自治区)?|(?P<own>(?:{OWN})市?)(?=[{CJK}]))"
    rf"(?P<city>[{CJK}]{{1,9}}?(?:市|自治州|地区|盟))?"
)


def place_in(address: str) -> tuple[str, str]:
    """«浙江省 杭州市 西湖区 …», «浙江杭州市西湖区…» → province and city; nothing more of the address is kept."""
    parts = address.split()
    if len(parts) > 1:
        return parts[0][:20], parts[1][:20]
    found = UNSPACED.match(address.strip())
    if not found:
        return "", ""
    own = found["own"]
    return found["province"], (found["city"] or "" if not own else f"{own.removesuffix('市')}市")


def short(place: str) -> str:
    """«内蒙古自治区» → «内蒙古», «上海市» → «上海»: a place without the word for its kind."""
    for ending in ("维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "自治州", "地区", "省", "市"):
        if place.endswith(ending) and len(place) > len(ending):
            return place[: -len(ending)]
    return place


def same_place(city: str, wanted: str) -> bool:
    """Whether two files mean the same city: «杭州» and «杭州市» do."""
    return short(city) == short(wanted)
