"""Whose word a deadline is stands wherever it is shown."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cases.about import case_about
from kernel import clock
from people.models import Employee
from tests.cases.factories import make_case
from tests.cast import Cast
from tests.orders.factories import make_finding, make_order

SignIn = Callable[[Employee], Client]
WORDS = {"platform": "平台时限", "rule": "推算时限（付款时间加承诺时效）", "moved": "调整后时限（"}


@pytest.mark.parametrize("source", WORDS)
def test_pages_say_whose_deadline_it_is(cast: Cast, sign_in: SignIn, source: str) -> None:
    due = clock.now() + timedelta(hours=5)
    order = make_order(cast.shop, ship_by=due, deadline_source=source)
    finding = make_finding(order, code="due_within_12h", cause="due", due_at=due)
    case = make_case(cast, orders=[order.number], finding_ids=[finding.pk], due_at=due + timedelta(hours=1))
    client = sign_in(cast.mei)
    pages = (("orders:order_detail", order), ("orders:finding_detail", finding), ("cases:case_detail", case))
    for name, row in pages:
        page = client.get(reverse(name, args=[row.pk])).content.decode()
        assert WORDS[source] in page, name
        assert all(word not in page for other, word in WORDS.items() if other != source), name
    board = client.get(reverse("orders:board") + "?state=in_case").content.decode()
    assert ("推算" in board, "已调整" in board) == (source == "rule", source == "moved")


def test_deadline_of_a_rule_is_not_called_the_platforms(cast: Cast, sign_in: SignIn) -> None:
    order = make_order(cast.shop, status="shipped", deadline_source="platform", ship_by=clock.now())
    finding = make_finding(order, code="no_pickup_24h", due_at=clock.now() + timedelta(hours=3))
    about = case_about(make_case(cast, finding_ids=[finding.pk]))
    assert about.deadline and about.deadline.name == "推算时限"
    page = sign_in(cast.mei).get(reverse("orders:finding_detail", args=[finding.pk])).content.decode()
    assert "推算时限（按有日期的规则推算）" in page
