"""A case says whom to call and what to say, filled with its facts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import CourierStation
from cases.sayings import to_say
from cases.services import StationKnown, UnknownPlaceholder, save_saying, save_station
from kernel.errors import NotAllowed
from orders.models import Waybill
from people.actor import Actor
from people.models import Employee, Shop
from tests.cases.factories import make_case
from tests.cast import Cast
from tests.orders.factories import make_finding, make_order

WORDS = {
    "courier": "yto",
    "name": "余杭一部",
    "person": "老周",
    "phone": "0571-86001234",
    "chat": "",
    "hours": "",
    "is_active": True,
}


def book(cast: Cast, **more: Any) -> CourierStation:
    by = more.pop("by", cast.wang)
    return save_station(site=more.pop("site", cast.site), actor=Actor.of(by), **{**WORDS, "is_active": True, **more})


def test_case_names_the_station_of_its_courier_and_fills_the_words(cast: Cast) -> None:
    order = make_order(cast.shop, city="杭州市")
    evidence = {"warehouse": {"courier": "yto", "waybill": "YT1"}}
    finding = make_finding(order, code="no_pickup_24h", cause="courier", evidence=evidence)
    case = make_case(cast, kind="no_pickup", waybills=["YT1", "YT2"], orders=[order.number], finding_ids=[finding.pk])
    station = book(cast)
    book(cast, courier="zto", name="中通")
    book(cast, name="停用的", is_active=False)
    said = to_say(case)
    assert said.stations == [station]
    courier = next(s.text for s in said.sayings if s.whom == "courier")
    assert courier == (
        f"您好，{cast.shop.name}。以下 2 个单号已打单上传，还没有揽收记录，请帮忙查一下：\nYT1\nYT2\n"
        f"若已揽收请补录，若未揽收请说明今天几点来取。异常单 {case.number}。"
    )


def test_line_of_what_is_not_known_is_left_out(cast: Cast) -> None:
    case = make_case(cast, kind="mismatch", cause="courier", waybills=["YT1"])
    courier = next(s.text for s in to_say(case).sayings if s.whom == "courier")
    assert "收件信息不符" in courier
    assert "收件城市" not in courier and "{" not in courier


def test_courier_is_not_blamed_for_another_cause(cast: Cast) -> None:
    case = make_case(cast, kind="mismatch", cause="sync_delay", waybills=["YT1"])
    courier = next(s.text for s in to_say(case).sayings if s.whom == "courier")
    assert courier.startswith(f"您好，{cast.shop.name}。请协助核实以下单号：")


def test_courier_is_known_by_the_orders_waybill_where_no_finding_tells(cast: Cast) -> None:
    make_order(cast.shop, waybill="YT1")
    Waybill.objects.update(courier="yto")
    book(cast)
    assert [s.name for s in to_say(make_case(cast, waybills=["YT1"])).stations] == ["余杭一部"]


def test_book_is_a_leads_and_holds_a_station_once(cast: Cast) -> None:
    book(cast)
    with pytest.raises(StationKnown):
        book(cast)
    with pytest.raises(NotAllowed):
        book(cast, name="二部", by=cast.mei)
    with pytest.raises(NotAllowed):
        book(cast, name="二部", site=cast.other_site)


def test_lead_writes_the_book_on_its_pages(cast: Cast, sign_in: Any) -> None:
    client, sent = sign_in(cast.wang), {**WORDS, "site": cast.site.pk, "is_active": "on"}
    assert client.post("/cases/stations/new/", sent).status_code == 302
    assert client.post("/cases/stations/new/", sent).status_code == 422
    station = CourierStation.objects.get()
    assert client.post(f"/cases/stations/{station.pk}/", {**sent, "phone": "13800000000"}).status_code == 302
    assert "13800000000" in sign_in(cast.mei).get("/cases/stations/").content.decode()
    assert "13800000000" not in sign_in(cast.chen).get("/cases/stations/").content.decode()


def test_shops_own_words_come_before_the_common_and_the_shipped_ones(cast: Cast) -> None:
    case = make_case(cast, kind="no_pickup", waybills=["YT1"])

    def courier() -> str:
        return next(s.text for s in to_say(case).sayings if s.whom == "courier")

    def say(text: str, shop: Shop | None, by: Employee) -> None:
        words = {"whom": "courier", "kind": "no_pickup", "cause": "", "text": text}
        save_saying(shop=shop, actor=Actor.of(by), **words)

    shipped = courier()
    say("通用：{waybills}", None, cast.sun)
    assert courier() == "通用：YT1"
    say("山野：{waybills} {city}\n异常单 {case}", cast.shop, cast.wang)
    assert courier() == f"异常单 {case.number}"
    say("", cast.shop, cast.wang)
    assert courier() == "通用：YT1"
    say("", None, cast.sun)
    assert courier() == shipped


def test_words_of_a_shop_are_its_leads_and_common_ones_an_administrators(cast: Cast) -> None:
    words = {"whom": "courier", "kind": "", "cause": "", "text": "您好"}
    for by, shop in ((cast.mei, cast.shop), (cast.wang, cast.other_shop), (cast.li, None)):
        with pytest.raises(NotAllowed):
            save_saying(shop=shop, actor=Actor.of(by), **words)


@pytest.mark.parametrize("text", ["{phone}", "{", "{waybills!x}", "{0}", "{waybills.__class__}"])
def test_placeholder_that_stands_for_nothing_is_refused(cast: Cast, text: str) -> None:
    words = {"whom": "courier", "kind": "", "cause": "", "text": text}
    with pytest.raises(UnknownPlaceholder):
        save_saying(shop=cast.shop, actor=Actor.of(cast.wang), **words)


def test_page_shows_how_the_words_read_in_the_newest_case(cast: Cast, sign_in: Any) -> None:
    case = make_case(cast, kind="stalled", waybills=["YT7"])
    client = sign_in(cast.wang)
    page = client.get(f"/cases/sayings/edit/?shop={cast.shop.pk}&whom=courier&kind=stalled&cause=")
    assert "YT7" in page.context["example"]
    sent = {"shop": cast.shop.pk, "whom": "courier", "kind": "stalled", "cause": "", "text": "查 {phone}"}
    assert client.post("/cases/sayings/edit/", sent).status_code == 422
    assert client.post("/cases/sayings/edit/", {**sent, "text": "查 {waybills}"}).status_code == 302
    assert next(s.text for s in to_say(case).sayings if s.whom == "courier") == "查 YT7"


def test_words_are_written_and_read_with_chinese_placeholders(
    cast: Cast, sign_in: Callable[[Employee], Client]
) -> None:
    slot = {"shop": cast.shop.pk, "whom": "courier", "kind": "lost", "cause": ""}
    url = reverse("cases:saying_edit")
    assert "{单号}" in sign_in(cast.wang).get(url, slot).content.decode()
    sign_in(cast.wang).post(url, {**slot, "text": "请查件：{单号}，{个数} 件，{异常单}。"})
    case = make_case(cast, kind="lost", waybills=["YT1"])
    assert next(s.text for s in to_say(case).sayings if s.whom == "courier") == f"请查件：YT1，1 件，{case.number}。"
    assert "请查件：{单号}，{个数} 件，{异常单}。" in sign_in(cast.wang).get(url, slot).content.decode()
    refused = sign_in(cast.wang).post(url, {**slot, "text": "{电话}"})
    assert (refused.status_code, "这里不能用 {电话}" in refused.content.decode()) == (422, True)
