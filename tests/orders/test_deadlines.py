"""Whose word a deadline is stands wherever it is shown."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

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


def test_export_of_cases_says_whose_the_earliest_deadline_is_beside_when_it_is_due_here(
    cast: Cast, sign_in: SignIn, statements: Any
) -> None:
    due = clock.now() + timedelta(hours=5)
    order = make_order(cast.shop, "4140000000000000009", ship_by=due, deadline_source="platform")
    picked = make_order(cast.shop, "4140000000000000008", status="shipped")
    finding = make_finding(picked, code="no_pickup_24h", due_at=due)
    make_case(cast, orders=[order.number], due_at=due + timedelta(hours=1))
    make_case(cast, finding_ids=[finding.pk])
    make_case(cast)
    client, spent_on = sign_in(cast.li), []
    client.get("/cases/export.csv")  # what the process keeps is kept from now on
    for n in range(2):
        with statements() as spent:
            sheet = b"".join(client.get("/cases/export.csv?sort=number&status=all")).decode("utf-8-sig")
        spent_on.append(spent())
        make_case(cast, finding_ids=[make_finding(picked, code="stalled", waybill=f"SF{n}", due_at=due).pk])
    head, *rows = list(csv.reader(io.StringIO(sheet)))
    at, whose = head.index("最早时限"), head.index("谁的时限")
    moment = f"{due.astimezone(cast.site.tz):%Y-%m-%d %H:%M}"
    assert [(row[at], row[whose]) for row in rows][:3] == [
        (moment, "平台时限"),
        (moment, "推算时限（按有日期的规则推算）"),
        ("", ""),
    ]
    assert spent_on[0] == spent_on[1]
