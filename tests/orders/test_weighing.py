"""Of the numbers on a label the waybill is the one that most speaks for; what can be another is told."""

import pytest

from orders.labels.lines import Line
from orders.labels.weighing import Code, Weighed, is_gtin, weigh

YT, SF, ZTO, YUNDA, EMS = "YT9900000001802", "SF1987600001805", "75412865105032", "467907501507399", "9876500001234"
GOODS, ORDER, PHONE = "6901234567892", "4141700000000000001", "13812345678"


def printed(*texts: str, score: float = 0.97) -> list[Line]:
    return [Line(text, 300, 100 + 40 * n, 0, 20 * len(text), 30, score) for n, text in enumerate(texts)]


def codes(*texts: str) -> list[Code]:
    return [Code(text) for text in texts]


@pytest.mark.parametrize(
    "other",
    [
        "1234567890",
        GOODS,
        ORDER,
        PHONE,
        "18412345678-1234",
        "4008208820",
        "571A12008",
        "571-A12-008",
        "260517-607198974342268",
        "https://scan.example.cn/p/8A3F9C21D7E45B",
        "https://shop.example.cn/item?id=612345678901234&tid=4141700000000000001",
        "LAMP-1",
        "",
    ],
)
@pytest.mark.parametrize("waybill", [YT, SF, "JDVA12345678901", "DPK360000002094", "EA123456789CN"])
def test_courier_shaped_number_wins_over_every_other_code(waybill: str, other: str) -> None:
    for first, second in ((waybill, other), (other, waybill)):
        weighed = weigh(codes(first, second))
        assert (weighed.number, weighed.sure) == (waybill, 1.0)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("https://ucmp.example.cn/wx?p1=SF1987600001805&src=20261121140000", SF),
        ("https://scan.example.cn/t/YT9900000001802", YT),
        ("https%3A%2F%2Fscan.example.cn%2Ft%3FmailNo%3DYT9900000001802", YT),
        ("https://scan.example.cn/t?orderNo=260517607198974&mailNo=75412865105032", ZTO),
        ("MMM={'k1':'571W','k2':'571AE','k3':'003','k4':'T6','k5':'SF1987600001805','k6':'','k7':'40410000'}", SF),
        ('{"waybillNo":"467907501507399","orderNo":"4141700000000000001"}', YUNDA),
        ("YT9900000001802|571-A12-008|杭州", YT),
        ("运单号:75412865105032;订单号:260517607198974", ZTO),
        ("JDVA12345678901-1-2-", "JDVA12345678901-1-2"),
    ],
)
def test_number_is_found_in_what_a_qr_code_says(text: str, number: str) -> None:
    assert weigh([Code(text, is_matrix=True)]).number == number


def test_digits_alone_are_certain_only_with_the_couriers_name_or_the_print() -> None:
    assert weigh(codes(ZTO)).sure == 0.8
    assert weigh(codes(ZTO), courier="zto").sure == 1.0
    assert weigh(codes(ZTO), printed("7541 2865 1050 32")).sure == 1.0
    assert weigh(codes(ZTO), known=lambda _numbers: {ZTO: "waybill"}).sure == 1.0
    assert weigh(codes(ZTO), printed(ZTO), courier="sf").sure < 1


def test_number_without_a_couriers_look_is_a_persons_to_say_also_where_it_is_printed() -> None:
    assert weigh(codes("1234567890"), printed("1234567890")).sure == 0.5


@pytest.mark.parametrize("word", ["防伪码", "商品条码：", "订单号:", "货号 ", "电话"])
def test_number_that_the_print_calls_something_else_is_no_waybill(word: str) -> None:
    assert weigh(codes("123456789012"), printed(f"{word}123456789012")) == Weighed()
    assert weigh((), printed(f"{word}123456789012")) == Weighed()


@pytest.mark.parametrize("word", ["运单号：", "快递单号 ", "No. ", ""])
def test_printed_number_is_read_behind_its_name_and_never_certain(word: str) -> None:
    weighed = weigh((), printed(f"{word}YT99 0000 0001 802", GOODS, "订单4141700000000000001"))
    assert (weighed.number, weighed.source) == (YT, "ocr")
    assert 0.9 < weighed.sure < 1


def test_known_order_and_goods_are_no_waybill_and_a_known_waybill_is() -> None:
    def known(_numbers: list[str]) -> dict[str, str]:
        return {YUNDA: "goods", ZTO: "order", "1234567890": "waybill"}

    weighed = weigh(codes(YUNDA, ZTO, "1234567890"), known=known)
    assert (weighed.number, weighed.sure, len(weighed.candidates)) == ("1234567890", 1.0, 1)


@pytest.mark.parametrize("known", [{}, {YT: "waybill"}, {SF: "waybill"}, {YT: "waybill", SF: "waybill"}])
def test_two_numbers_that_can_be_it_are_both_told_and_neither_is_certain(known: dict[str, str]) -> None:
    weighed = weigh(codes(YT, SF), printed(YT, SF), known=lambda _numbers: known)
    assert weighed.sure < 1
    assert {one.number for one in weighed.candidates} == {YT, SF}


def test_print_that_differs_by_a_digit_is_told() -> None:
    weighed = weigh(codes(YT), printed("YT9900000001820"))
    assert (weighed.number, weighed.sure) == (YT, 0.9)
    assert [one.number for one in weighed.candidates] == [YT, "YT9900000001820"]


def test_goods_code_of_a_book_is_not_taken_for_a_waybill_of_ems() -> None:
    assert is_gtin("9787111128069")
    weighed = weigh(codes("9787111128069", YT), printed(YT), courier="yto")
    assert (weighed.number, weighed.sure, len(weighed.candidates)) == (YT, 1.0, 1)
    assert weigh(codes("9787111128069")).sure < 1
    assert weigh(codes(EMS), printed(EMS), courier="ems").sure == 1.0


def test_number_repeated_at_the_edges_outweighs_one_that_stands_once() -> None:
    weighed = weigh([Code("123456789012", times=1, is_matrix=True), Code("998877665544", times=3, is_matrix=True)])
    assert weighed.number == "998877665544"


def test_label_without_any_waybill_has_none() -> None:
    assert weigh(codes(GOODS, ORDER, PHONE), printed(GOODS, f"订单{ORDER}", PHONE, "571-A12-008")) == Weighed()
    assert weigh() == Weighed()


@pytest.mark.parametrize(("goods", "said"), [(GOODS, GOODS), ("0036000291452", "036000291452"), (GOODS, f"0{GOODS}")])
def test_number_in_a_goods_code_is_never_the_waybill_wherever_else_it_stands(goods: str, said: str) -> None:
    """Neither read from the print, nor in a Code 128 beside it, nor where somebody entered it as one."""
    picture = [Code(goods, is_goods=True)]
    assert weigh(picture, printed(said)) == Weighed()
    assert weigh([*picture, Code(said)], known=lambda _numbers: {said: "waybill"}) == Weighed()
    assert weigh([*picture, Code(YT)], printed(said, YT)).number == YT
