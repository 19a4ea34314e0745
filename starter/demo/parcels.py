"""A shop's parcels over weeks, told as its files tell them every evening: most go well, some are mended."""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

EVENING = time(18, 30)  # when the day's files are brought in
COURIERS = (
    ("圆通速递", "YT{:013d}"),
    ("中通快递", "7368{:010d}"),
    ("韵达快递", "4609{:011d}"),
    ("极兔速递", "JT{:013d}"),
)
CITIES = (
    ("广东省", "广州市"),
    ("四川省", "成都市"),
    ("湖北省", "武汉市"),
    ("山东省", "青岛市"),
    ("陕西省", "西安市"),
    ("福建省", "厦门市"),
)
GOODS = (
    ("棉麻抱枕套", 39),
    ("香薰蜡烛", 68),
    ("桌面收纳盒", 45),
    ("陶瓷餐具四件套", 129),
    ("遮光窗帘", 168),
    ("珊瑚绒毯", 99),
)
PRINTERS = ("陈梅", "周强", "刘洋", "孙丽", "吴磊")
# What goes wrong and how often, of a hundred troubles; the first four are the vital few.
FAULTS = {
    "sync_delay": 24,
    "no_pickup": 20,
    "wrong_digit": 13,
    "transposed": 10,
    "stalled": 8,
    "refund": 7,
    "late": 5,
    "missing": 4,
    "letter": 3,
    "wrong_courier": 3,
    "wrong_city": 3,
}
TYPED = ("wrong_digit", "transposed", "missing", "letter", "wrong_courier")  # what training makes rarer
TO_SHIP, SHIPPED, DONE, CLOSED = "买家已付款，等待卖家发货", "卖家已发货，等待买家确认", "交易成功", "交易关闭"
HEADERS = {
    "订单报表": "订单编号,订单状态,订单付款时间,订单创建时间,收货地址,宝贝标题,宝贝总数量,总金额,"
    "物流单号,物流公司,应发货时间,发货时间,退款金额",
    "面单打印记录": "打印时间,订单编号,运单号,快递公司,打单员,打印机,包裹,状态,备注",
    "物流轨迹": "运单号,快递公司,时间,城市,状态,描述",
}


@dataclass
class Parcel:
    """One order with its parcel. `platform` tells what the platform says from a moment on: (status, waybill, courier,
    refund)."""

    order: str
    waybill: str
    courier: str
    place: tuple[str, str]
    goods: tuple[str, int]
    paid_at: datetime
    printed_at: datetime
    printed_by: str
    shipped_at: datetime
    platform: list[tuple[datetime, tuple[str, str, str, int]]] = field(default_factory=list)
    events: list[tuple[datetime, str, str]] = field(default_factory=list)  # moment, city, state

    def said(self, since: datetime, until: datetime) -> list[str] | None:
        """The platform's row, if it changed between two moments."""
        told = [said for at, said in self.platform if at <= until]
        if not told or not any(since < at <= until for at, _said in self.platform):
            return None
        status, waybill, courier, refund = told[-1]
        title, yuan = self.goods
        ordered, ship_by = self.paid_at - timedelta(minutes=2), self.paid_at + timedelta(hours=48)
        address = f"{' '.join(self.place)} 中心区"
        shipped = spell(self.shipped_at) if waybill else ""
        return [
            *(self.order, status, spell(self.paid_at), spell(ordered), address, title, "1", f"{yuan}.00"),
            *(waybill, courier, spell(ship_by), shipped, f"{refund}.00"),
        ]


def spell(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def told_parcels(days: list[date], zone: tzinfo, chance: random.Random) -> list[Parcel]:
    """What the shop sent off on these days; about one parcel in four is some trouble, mistyped ones ever fewer."""
    parcels: list[Parcel] = []
    for n, day in enumerate(days):
        weights = [w * (1.2 - 0.8 * n / len(days)) if name in TYPED else w for name, w in FAULTS.items()]
        for _ in range(chance.randint(9, 16)):
            fault = chance.choices(list(FAULTS), weights)[0] if chance.random() < 0.27 else ""
            parcels.append(_parcel(len(parcels), datetime.combine(day, time(0), zone), fault, chance))
    return parcels


def _parcel(n: int, midnight: datetime, fault: str, chance: random.Random) -> Parcel:
    courier, number = chance.choice(COURIERS)

    def at(day: int, hour: float) -> datetime:
        return midnight + timedelta(days=day, hours=hour, minutes=chance.randint(0, 40), seconds=chance.randint(0, 59))

    printed_at = at(0, chance.uniform(9, 14))
    parcel = Parcel(
        order=f"43{n:07d}{chance.randint(0, 10**10 - 1):010d}",
        waybill=number.format(chance.randint(10**8, 10**10 - 1)),
        courier=courier,
        place=chance.choice(CITIES),
        goods=chance.choice(GOODS),
        paid_at=at(-1, chance.uniform(18, 23)),
        printed_at=printed_at,
        printed_by=chance.choice(PRINTERS),
        shipped_at=printed_at + timedelta(minutes=chance.randint(5, 40)),
    )
    arrival = 4 if fault == "wrong_city" else 2
    parcel.events = [
        (at(0, 16.5), "杭州市", "PICKED_UP"),
        (at(0, 20), "杭州市", "IN_TRANSIT"),
        (at(1, 9), parcel.place[1], "IN_TRANSIT"),
        (at(arrival, 9), parcel.place[1], "OUT_FOR_DELIVERY"),
        (at(arrival, 15), parcel.place[1], "SIGNED"),
    ]
    mended_at = at(1, 10)
    right, typed = (parcel.waybill, parcel.courier), (parcel.waybill, parcel.courier)
    if fault in TYPED:
        typed = _typed(parcel, fault, chance)
    elif fault == "sync_delay":
        parcel.shipped_at = mended_at
    elif fault == "late":
        parcel.printed_at = parcel.shipped_at = at(3, 10)
        parcel.events = [(moment + timedelta(days=3), city, state) for moment, city, state in parcel.events]
    elif fault == "no_pickup":
        parcel.events = [(moment + timedelta(days=2), city, state) for moment, city, state in parcel.events]
    elif fault == "stalled":
        late = timedelta(days=4)
        parcel.events[3:] = [(moment + late, city, state) for moment, city, state in parcel.events[3:]]
    elif fault == "wrong_city":
        other = next(city for _province, city in CITIES if city != parcel.place[1])
        parcel.events[2:2] = [(at(1, 9), other, "IN_TRANSIT"), (at(2, 10), other, "OUT_FOR_DELIVERY")]
        parcel.events.pop(4)
    said = [(parcel.paid_at, (TO_SHIP, "", "", 0)), (parcel.shipped_at, (SHIPPED, *typed, 0))]
    if fault == "refund":
        yuan = parcel.goods[1]
        said[1:] = [(at(0, 12), (TO_SHIP, "", "", yuan)), (at(1, 11), (CLOSED, "", "", yuan))]
        parcel.events = []
    else:
        if typed != right:
            said.append((mended_at, (SHIPPED, *right, 0)))
        said.append((parcel.events[-1][0] + timedelta(hours=5), (DONE, *right, 0)))
    parcel.platform = said
    return parcel


def _typed(parcel: Parcel, fault: str, chance: random.Random) -> tuple[str, str]:
    """The waybill and courier as somebody typed them."""
    number = parcel.waybill
    if fault == "wrong_courier":
        return number, next(name for name, _number in COURIERS if name != parcel.courier)
    i = chance.randrange(len(number) - 6, len(number) - 1)
    if fault == "missing":
        return number[:i] + number[i + 1 :], parcel.courier
    if fault == "letter" and "0" in number:
        return number[: number.rindex("0")] + "O" + number[number.rindex("0") + 1 :], parcel.courier
    if fault == "transposed" and number[i] != number[i + 1]:
        return number[:i] + number[i + 1] + number[i] + number[i + 2 :], parcel.courier
    return number[:i] + str((int(number[i]) + 1 + chance.randrange(8)) % 10) + number[i + 1 :], parcel.courier


def evening_files(parcels: list[Parcel], since: datetime, until: datetime) -> Iterator[tuple[str, bytes]]:
    """(name, content) of what platform, label log and couriers tell of between two moments."""
    orders = [row for parcel in parcels if (row := parcel.said(since, until))]
    labels = [
        [spell(p.printed_at), p.order, p.waybill, p.courier, p.printed_by, "P1", "1/1", "正常", ""]
        for p in parcels
        if p.events and since < p.printed_at <= until
    ]
    tracking = [
        [p.waybill, p.courier, spell(at), city, state, f"【{city}】"]
        for p in parcels
        for at, city, state in p.events
        if since < at <= until
    ]
    for (name, header), rows in zip(HEADERS.items(), (orders, labels, tracking), strict=True):
        if rows:
            text = io.StringIO()
            csv.writer(text).writerows([header.split(","), *rows])
            yield f"{name}-{until:%Y%m%d}.csv", text.getvalue().encode("utf-8-sig")
