"""The pages on one duty, on one's own past, and on somebody who leaves."""

from datetime import timedelta

import pytest
import time_machine

from duties.models import Duty
from duties.services import complete_duty
from duties.ticking import spare_absent
from kernel import clock
from people.actor import Actor
from people.models import Roster
from tests.cast import Cast
from tests.duties.drafts import owe


@pytest.mark.parametrize(
    ("who", "status"), [("mei", 302), ("wang", 302), ("li", 302), ("zhao", 302), ("sun", 302), ("chen", 404)]
)
def test_duty_opens_for_its_owner_and_for_those_who_read_the_site(cast: Cast, sign_in, who: str, status: int) -> None:
    duty = owe(cast, "k")
    assert sign_in(getattr(cast, who)).get(f"/duties/{duty.pk}/").status_code == status


def test_colleagues_duty_is_not_found(cast: Cast, sign_in) -> None:
    duty = owe(cast, "k", assignee=cast.wang)
    assert sign_in(cast.mei).get(f"/duties/{duty.pk}/").status_code == 404


def test_lead_reassigns_and_the_record_says_so(cast: Cast, sign_in) -> None:
    duty, client = owe(cast, "k"), sign_in(cast.wang)
    assert client.post(f"/duties/{duty.pk}/reassign/", {"to": cast.chen.pk}).status_code == 422
    assert client.post(f"/duties/{duty.pk}/reassign/", {"to": cast.li.pk, "note": "away"}).status_code == 302
    page = client.get(f"/duties/{duty.pk}/record/")
    assert [e.kind for e in page.context["events"]] == ["opened", "reassigned"]
    assert page.context["duty"].assignee == cast.li


@pytest.mark.parametrize("kind", Duty.IN_PERSON)
def test_what_is_owed_in_person_is_given_to_nobody_else(cast: Cast, sign_in, kind: str) -> None:
    duty, client = owe(cast, "k", kind=kind), sign_in(cast.wang)
    page = client.get(f"/duties/{duty.pk}/record/").content.decode()
    assert "转给别人" not in page and "免做" in page
    assert client.post(f"/duties/{duty.pk}/reassign/", {"to": cast.li.pk}).status_code == 403
    duty.refresh_from_db()
    assert duty.assignee == cast.mei


def test_record_of_a_moved_deadline_says_from_when(cast: Cast, sign_in) -> None:
    with time_machine.travel("2026-11-23 04:00Z", tick=False):
        duty = owe(cast, "k", kind=Duty.Kind.MODULE, due_at=clock.now() + timedelta(minutes=30))
        Roster.objects.create(employee=cast.mei, day=clock.today(cast.site.zone), is_leave=True)
        spare_absent(clock.now())
        assert "因请假从 12:30 顺延" in sign_in(cast.li).get(f"/duties/{duty.pk}/record/").content.decode()


def test_record_that_is_settled_offers_no_work_to_do(cast: Cast, sign_in) -> None:
    duty, client = owe(cast, "k"), sign_in(cast.mei)
    assert "去做" in client.get(f"/duties/{duty.pk}/record/").content.decode()
    complete_duty(duty=duty, actor=Actor.of(cast.mei), at=clock.now())
    page = client.get(f"/duties/{duty.pk}/record/").content.decode()
    assert "去做" not in page and "打开看" in page


def test_record_says_that_anyone_may_take_it_only_while_it_is_open(cast: Cast, sign_in) -> None:
    duty, client = owe(cast, "k", is_claimable=True), sign_in(cast.wang)
    assert "谁都可以接" in client.get(f"/duties/{duty.pk}/record/").content.decode()
    assert client.post(f"/duties/{duty.pk}/waive/", {"reason": "no parcels"}).status_code == 302
    assert "谁都可以接" not in client.get(f"/duties/{duty.pk}/record/").content.decode()


def test_lead_waives_with_a_reason(cast: Cast, sign_in) -> None:
    duty, client = owe(cast, "k"), sign_in(cast.wang)
    assert client.post(f"/duties/{duty.pk}/waive/", {"reason": ""}).status_code == 422
    assert client.post(f"/duties/{duty.pk}/waive/", {"reason": "no parcels"}).status_code == 302
    assert Duty.objects.get(pk=duty.pk).waived_reason == "no parcels"
    assert client.post(f"/duties/{duty.pk}/waive/", {"reason": "again"}).status_code == 409


@pytest.mark.parametrize(("who", "status"), [("mei", 403), ("zhao", 403), ("chen", 404)])
@pytest.mark.parametrize("action", ["reassign", "waive"])
def test_others_decide_nothing(cast: Cast, sign_in, action: str, who: str, status: int) -> None:
    duty = owe(cast, "k")
    answer = sign_in(getattr(cast, who)).post(f"/duties/{duty.pk}/{action}/", {"reason": "x", "to": cast.li.pk})
    assert answer.status_code == status


@pytest.mark.parametrize("count", [3, 30])
def test_history_takes_few_statements_however_long(cast: Cast, sign_in, statements, count: int) -> None:
    for n in range(count):
        duty = owe(cast, f"n{n}", shop=cast.shop, due_at=clock.now() - timedelta(hours=n))
        complete_duty(duty=duty, actor=Actor.of(cast.mei), at=clock.now() - timedelta(hours=n, minutes=1))
    owe(cast, "open")
    client = sign_in(cast.mei)
    with statements() as spent:
        page = client.get("/duties/history/")
    assert spent() == 5  # session, employee, memberships, count, duties
    assert {row.status for row in page.context["rows"]} == {"on_time"}
    assert len(page.context["rows"]) == count


def test_leaving_shows_what_is_open_and_hands_it_over(cast: Cast, sign_in) -> None:
    duty, client = owe(cast, "k"), sign_in(cast.sun)
    page = client.get(f"/employees/{cast.mei.pk}/leave/")
    assert [d.pk for d in page.context["page"]] == [duty.pk]
    assert client.post(f"/employees/{cast.mei.pk}/leave/").status_code == 302
    assert Duty.objects.get(pk=duty.pk).assignee == cast.li
    assert client.post(f"/employees/{cast.mei.pk}/leave/").status_code == 404


@pytest.mark.parametrize("who", ["mei", "wang", "li", "zhao", "chen"])
def test_only_an_administrator_lets_people_go(cast: Cast, sign_in, who: str) -> None:
    assert sign_in(getattr(cast, who)).post(f"/employees/{cast.mei.pk}/leave/").status_code == 403
