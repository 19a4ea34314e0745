"""What a number looks like tells slips even where only the order report is known, and accuses no new kind of number."""

import pytest
import time_machine
from django.utils import translation

from kernel.clock import day_of
from orders.couriers import couriers
from orders.matching.shapes import Shapes
from orders.models import Finding, Label, Rule, TrackingEvent, Waybill
from orders.pattern_words import pattern_words
from orders.ruling import BadRule, checked_value, is_pattern, rules_of
from orders.services import reconcile_orders, set_rule
from people.actor import Actor
from tests.cast import Cast
from tests.orders.factories import SAMPLED_AT, SHANYE, YUNQI, imported, make_order, samples
from tests.orders.test_matching import planted

TOLD_BY_SHAPE = {"letter_o_for_zero", "missing_character", "wrong_courier"}


def shapes(*, own: bool = False) -> Shapes:
    rules = {code: courier.pattern for code, courier in couriers().items()}
    prefixes = {code: courier.prefix for code, courier in couriers().items()}
    return Shapes(rules, prefixes, lambda _courier, _number: own)


@pytest.mark.parametrize(
    ("number", "courier", "fault"),
    [
        ("YT8962646785389", "yto", None),
        ("YT89626467853O9", "yto", "letter_o_for_zero"),
        ("YT896264678538", "yto", "missing_character"),
        ("YT8962646785389", "zto", "wrong_courier"),
        ("73652706291262", "sto", "missing_character"),
        ("773277027280336", "yto", "wrong_courier"),
        ("12345", "yto", None),
        ("ANYTHING", "own-van", None),
        ("", "yto", None),
    ],
)
def test_number_is_told_by_its_look(number: str, courier: str, fault: str | None) -> None:
    assert shapes().fault(number, courier) == fault
    assert shapes(own=True).fault(number, courier) is None


@pytest.mark.parametrize(("folder", "names"), [("shanye-csv", SHANYE[:1]), ("yunqi-xlsx", YUNQI[:1])])
def test_orders_alone_tell_malformed_numbers_and_accuse_no_sound_order(
    cast: Cast, folder: str, names: tuple[str, ...]
) -> None:
    with time_machine.travel(SAMPLED_AT, tick=False):
        imported(cast.shop, *samples(folder, names))
        reconcile_orders(shop_id=cast.shop.pk)
    found = set(Finding.objects.filter(code__in=TOLD_BY_SHAPE).values_list("order__number", "code"))
    wanted = {(order, fault) for order, fault in planted(folder) if fault in TOLD_BY_SHAPE}
    assert found <= wanted
    left = Waybill.objects.filter(order__number__in=[order for order, _fault in wanted - found])
    assert all(shapes().fits(waybill.number, waybill.courier) for waybill in left)  # STO's have 14 to 17 digits
    assert len(wanted - found) <= 1


def test_new_kind_of_number_that_the_shop_uses_often_is_no_fault(cast: Cast) -> None:
    for n in range(12):
        make_order(cast.shop, f"41400000000000000{n:02}", f"YT99{n:010}1", status="shipped").waybills.update(
            courier="yto"
        )
    make_order(cast.shop, "4140000000000000099", "YT999O12345", status="shipped").waybills.update(courier="yto")
    reconcile_orders(shop_id=cast.shop.pk)
    assert not Finding.objects.exists()


def test_number_that_the_courier_recorded_is_not_accused_by_its_look(cast: Cast) -> None:
    order = make_order(cast.shop, waybill="YT896264678538", status="shipped")
    order.waybills.update(courier="yto")
    reconcile_orders(shop_id=cast.shop.pk)
    assert [f.code for f in Finding.objects.standing()] == ["missing_character"]
    TrackingEvent.objects.create(
        shop=cast.shop, number="YT896264678538", courier="yto", at=order.ship_by, status="PICKED_UP"
    )
    reconcile_orders(shop_id=cast.shop.pk)
    assert not Finding.objects.standing().exists()


def test_label_with_the_same_number_clears_the_suspicion(cast: Cast) -> None:
    order = make_order(cast.shop, waybill="YT896264678538", status="shipped")
    order.waybills.update(courier="yto")
    reconcile_orders(shop_id=cast.shop.pk)
    label = Label.objects.create(
        shop=cast.shop, number="YT896264678538", courier="yto", printed_at=order.paid_at, printed_by="陈梅"
    )
    label.orders.create(shop=cast.shop, order_number=order.number)
    reconcile_orders(shop_id=cast.shop.pk)
    assert not Finding.objects.standing().exists()


def test_pattern_of_a_courier_is_a_dated_rule(cast: Cast) -> None:
    today = day_of(SAMPLED_AT, cast.site.zone)
    with time_machine.travel(SAMPLED_AT, tick=False):
        patterns = {**rules_of(cast.shop.pk, today)["courier_patterns"], "yto": r"^YT\d{12}$"}
        said = {"shop": cast.shop, "starts_on": today, "source": "圆通换了号段"}
        set_rule(key="courier_patterns", value=patterns, actor=Actor.of(cast.li), **said)
        order = make_order(cast.shop, waybill="YT896264678538", status="shipped")
        order.waybills.update(courier="yto")
        reconcile_orders(shop_id=cast.shop.pk)
    assert not Finding.objects.exists()


@pytest.mark.parametrize("pattern", ["(a{1,9}){1,9}$", r"^\d+$", "[", ".*", r"(\d)\1", "", None, "x" * 201])
def test_pattern_that_could_take_long_or_means_nothing_is_refused(pattern: str | None) -> None:
    assert not is_pattern(pattern)
    with pytest.raises(BadRule):
        checked_value("courier_patterns", {"yto": pattern})


def test_shipped_patterns_are_patterns() -> None:
    assert all(is_pattern(courier.pattern) for courier in couriers().values())


@time_machine.travel(SAMPLED_AT, tick=False)
def test_manager_edits_the_patterns_in_the_page(cast: Cast, sign_in) -> None:
    client, url = sign_in(cast.li), "/orders/rules/courier_patterns/"
    assert "圆通速递 ^YT" in client.get(url).context["form"].initial["patterns"]
    said = {"shop": cast.shop.pk, "starts_on": day_of(SAMPLED_AT, cast.site.zone), "source": "x"}
    assert client.post(url, {**said, "patterns": "圆通 ^YT\\d{12}$\n中通"}).status_code == 422
    assert client.post(url, {**said, "patterns": "圆通 ^YT\\d{12}$\nSF Express ^SF\\d{13}$"}).status_code == 302
    assert Rule.objects.get(key="courier_patterns").value == {"yto": r"^YT\d{12}$", "sf": r"^SF\d{13}$"}
    page = client.get(url).content.decode()
    assert "圆通速递：YT + 12 位数字" in page and "顺丰速运：SF + 13 位数字" in page


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"^SF[A-Z0-9]\d{12}$", "SF + 1 位字母或数字 + 12 位数字"),
        (r"^(77|43)\d{12,15}$", "77 或 43 + 12–15 位数字"),
        (r"^7[3-68]\d{12}$", "7 + 3–6 或 8 + 12 位数字"),
        (r"^[34]\d{14}$|^[A-Z]{2}\d{9}CN$", "3 或 4 + 14 位数字 或 2 个字母 + 9 位数字 + CN"),
        (r"^YT(\d|X)$", r"^YT(\d|X)$"),
    ],
)
def test_pattern_is_told_in_words(pattern: str, words: str) -> None:
    with translation.override("zh-hans"):
        assert pattern_words(pattern) == words


def test_every_shipped_pattern_has_words() -> None:
    assert [c.pattern for c in couriers().values() if pattern_words(c.pattern) == c.pattern] == []
