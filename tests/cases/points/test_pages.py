"""The pages of points: who sees which, and the way from a case to the decision and the appeal."""

import uuid
from collections.abc import Callable
from typing import Any

from cases.models import Appeal, Deduction
from cases.points_account import balance_of
from cases.services import acknowledge_rule
from people.actor import Actor
from tests.cases.points.factories import a_rule, an_error, propose, taken
from tests.cast import Cast


def test_account_is_seen_by_the_person_and_their_managers_alone(cast: Cast, sign_in: Callable[..., Any]) -> None:
    taken(cast)
    mine = sign_in(cast.mei).get("/cases/points/")
    assert mine.context["balance"] == -2
    assert "申诉" in mine.content.decode()
    path = f"/cases/points/people/{cast.mei.pk}/"
    seen = {p.number: sign_in(p).get(path).status_code for p in (cast.mei, cast.wang, cast.li, cast.chen)}
    assert seen == {"1001": 403, "1002": 403, "1003": 200, "2001": 404}
    assert "-2" in sign_in(cast.mei).get(f"{path}month.csv?month=2026-11").getvalue().decode("utf-8-sig")


def test_people_are_listed_by_name_whatever_their_points(cast: Cast, sign_in: Callable[..., Any]) -> None:
    taken(cast)
    rows = sign_in(cast.li).get("/cases/points/people/").context["rows"]
    assert [row.employee.name for row in rows] == sorted(row.employee.name for row in rows)
    assert {row.employee.number: row.balance for row in rows}["1001"] == -2


def test_deduction_goes_from_the_case_to_the_decision_to_the_appeal(cast: Cast, sign_in: Callable[..., Any]) -> None:
    acknowledged = a_rule(cast)
    mei, wang, li = map(sign_in, (cast.mei, cast.wang, cast.li))
    assert acknowledged.text in mei.get("/cases/points/").content.decode()
    mei.post(f"/cases/points/rules/{acknowledged.pk}/acknowledge/")
    case = an_error(cast)
    assert "deduction/" in wang.get(f"/cases/{case.pk}/").content.decode()
    wang.post(f"/cases/{case.pk}/deduction/", {"client_id": uuid.uuid4(), "evidence": "扫描记录"})
    deduction = Deduction.objects.get()
    page = wang.get(f"/cases/{case.pk}/").content.decode()
    assert "已经提过或扣过分" in page and "不扣分" not in page
    assert "扫描记录" in li.get("/cases/points/decisions/").content.decode()
    li.post(f"/cases/points/deductions/{deduction.pk}/", {"word": "yes"})
    mei.post(f"/cases/points/deductions/{deduction.pk}/appeal/", {"client_id": uuid.uuid4(), "text": "不是我"})
    asked = Appeal.objects.get()
    page = li.post(f"/cases/points/appeals/{asked.pk}/", {"word": "yes", "reason": "好"}, follow=True)
    asked.refresh_from_db()
    assert asked.is_upheld is None
    assert "message" in page.content.decode()
    sign_in(cast.sun).post(f"/cases/points/appeals/{asked.pk}/", {"word": "yes", "reason": "不是他"})
    assert balance_of(cast.mei) == 0


def test_decision_without_its_reason_comes_back_with_what_is_decided_and_the_words_that_were_offered(
    cast: Cast, sign_in: Callable[..., Any]
) -> None:
    acknowledge_rule(rule=a_rule(cast), actor=Actor.of(cast.mei))
    deduction = propose(cast, an_error(cast))
    li = sign_in(cast.li)
    li.cookies["django_language"] = "en"
    page = li.post(f"/cases/points/deductions/{deduction.pk}/", {"word": "no"}).content.decode()
    assert f"{cast.mei.name} · −2 · {deduction.case.number}" in page
    assert "Approve" in page and "Refuse" in page


def test_amounts_carry_the_same_sign_everywhere(cast: Cast, sign_in: Callable[..., Any]) -> None:
    taken(cast)
    for address in ("/cases/points/", f"/cases/points/people/{cast.mei.pk}/", "/cases/points/people/"):
        page = sign_in(cast.mei if address == "/cases/points/" else cast.li).get(address).content.decode()
        assert ">−2<" in page and ">-2<" not in page


def test_case_says_why_no_deduction_is_possible(cast: Cast, sign_in: Callable[..., Any]) -> None:
    a_rule(cast)
    page = sign_in(cast.wang).get(f"/cases/{an_error(cast).pk}/").content.decode()
    assert "/deduction/" not in page
    assert "扣分：" in page and "还没有确认这条规则" in page
