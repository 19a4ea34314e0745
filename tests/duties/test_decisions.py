"""What waits for a decision stands on the Today of those who decide."""

import uuid
from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from cases.services import resolve_case
from checklists.services import decide_held
from duties.selectors import Decision
from kernel import clock
from people.actor import Actor
from people.models import Employee, Membership, Role
from people.scope import scope_of
from tests.cases.factories import make_case
from tests.cast import SINCE, Cast, make_employee
from tests.checklists.conftest import answer, morning, run, schedule
from tests.things import appeal, deduction

__all__ = ["answer", "morning", "run", "schedule"]  # fixtures

SignIn = Callable[[Employee], Client]


def waits(client: Client) -> list[Decision]:
    return client.get("/").context["decisions"]


def test_manager_sees_a_proposed_deduction_and_its_proposer_does_not(cast: Cast, sign_in: SignIn) -> None:
    deduction(cast)
    Membership.objects.create(employee=cast.wang, role=Role.MANAGER, site=cast.site, starts_on=SINCE)
    page = sign_in(cast.li).get("/").content.decode()
    assert 'href="/cases/points/decisions/"' in page and "1 笔扣分或申诉" in page
    for person in (cast.wang, cast.mei, cast.zhao, cast.chen):
        assert waits(sign_in(person)) == []


def test_appeal_waits_for_who_had_no_part_in_it(cast: Cast, sign_in: SignIn) -> None:
    appeal(cast)
    hu = make_employee("1009", "胡军")
    Membership.objects.create(employee=hu, role=Role.MANAGER, site=cast.site, starts_on=SINCE)
    assert [row.url for row in waits(sign_in(hu))] == ["/cases/points/decisions/"]
    assert waits(sign_in(cast.sun)) == []  # approved it


def test_resolved_case_waits_for_a_lead_until_it_is_closed(cast: Cast, sign_in: SignIn) -> None:
    case, scope = make_case(cast, owner=cast.mei), scope_of(cast.mei)
    words = {"resolution": "no_fault", "cause": "other", "note": "没问题", "client_id": uuid.uuid4()}
    resolve_case(case=case, actor=Actor(cast.mei, scope), **words)
    [decision] = waits(sign_in(cast.wang))
    rows = sign_in(cast.wang).get(decision.url).context["page"].object_list
    assert ([row.pk for row in rows], decision.text) == ([case.pk], "1 张异常单已解决，待关闭")
    assert waits(sign_in(cast.mei)) == []


def test_held_answer_waits_for_a_lead_until_it_is_decided(cast: Cast, run, answer, sign_in: SignIn, morning) -> None:
    given = clock.now()
    morning.shift(timedelta(hours=4))
    held = answer(run, "printer", cast.mei, answered_at=given).answer
    [decision] = waits(sign_in(cast.wang))
    assert decision.url == f"/checks/{run.pk}/record/" and waits(sign_in(cast.mei)) == []
    decide_held(answer=held, actor=Actor.of(cast.wang), is_accepted=True)
    assert waits(sign_in(cast.wang)) == []


def test_who_decides_nothing_is_asked_nothing(cast: Cast, sign_in: SignIn, statements) -> None:
    counts = []
    for person in (cast.mei, cast.wang, cast.li):
        client = sign_in(person)
        client.get("/")
        with statements() as spent:
            client.get("/")
        counts.append(spent())
    assert counts[1] - counts[0] <= 2 and counts[2] - counts[0] <= 3
