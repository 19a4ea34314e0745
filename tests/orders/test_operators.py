"""Names in the label log stay text until they are matched to an employee."""

from typing import Any

import pytest

from kernel.errors import NotAllowed, Refused
from orders.models import Operator
from orders.selectors import sides_of
from orders.services import match_operator
from orders.services.operators import meet_operators
from people.actor import Actor
from people.models import Employee
from records.models import LedgerEntry
from tests.cast import Cast, make_member
from tests.orders.factories import make_label, make_order


def match(cast: Cast, operator: Operator, employee: Employee | None, by: Employee | None = None) -> Operator:
    by = by or cast.li
    return match_operator(operator=operator, employee=employee, actor=Actor.of(by))


def test_exact_name_or_number_of_one_person_is_matched_by_itself(cast: Cast) -> None:
    meet_operators(shop=cast.shop, texts=["陈梅", "1002", "打单01", "陈晨", ""])
    assert dict(Operator.objects.values_list("text", "employee__name")) == {
        "陈梅": "陈梅",
        "1002": "王建国",
        "打单01": None,
        "陈晨": None,  # works elsewhere
    }


def test_name_that_two_people_have_stays_text(cast: Cast) -> None:
    for n in (1, 2):
        person = make_member(cast, n)
        person.name = "李伟"
        person.save()
    meet_operators(shop=cast.shop, texts=["李伟"])
    assert Operator.objects.get().employee is None


def test_what_a_manager_said_is_kept_when_the_name_comes_again(cast: Cast) -> None:
    meet_operators(shop=cast.shop, texts=["陈梅"])
    match(cast, Operator.objects.get(), cast.wang)
    match(cast, Operator.objects.get(), cast.wang)
    meet_operators(shop=cast.shop, texts=["陈梅"])
    assert Operator.objects.get().employee == cast.wang
    assert LedgerEntry.objects.filter(kind="operator.matched").count() == 1


def test_only_a_manager_of_the_shop_matches_and_only_people_of_its_site(cast: Cast) -> None:
    meet_operators(shop=cast.shop, texts=["打单01"])
    operator = Operator.objects.get()
    for by in (cast.mei, cast.wang, cast.zhao, cast.chen):
        with pytest.raises(NotAllowed):
            match(cast, operator, cast.mei, by)
    with pytest.raises(Refused):
        match(cast, operator, cast.chen)
    match(cast, operator, cast.mei)
    assert match(cast, operator, None).employee is None


def test_order_tells_the_employee_beside_the_name(cast: Cast, sign_in: Any) -> None:
    order = make_order(cast.shop, waybill="SF1")
    make_label(order, "SF1", printed_by="打单01")
    meet_operators(shop=cast.shop, texts=["打单01"])
    assert sides_of(order).labels[0].operator is None
    client = sign_in(cast.li)
    page = client.post(f"/orders/operators/{Operator.objects.get().pk}/", {"employee": "陈梅"}, follow=True)
    assert "陈梅 1001" in page.content.decode()
    assert sides_of(order).labels[0].operator == cast.mei
    assert "打单01 · 陈梅" in client.get(f"/orders/{order.pk}/").content.decode()
