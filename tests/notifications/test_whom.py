"""A pass, work sent back, work handed over, an activated plan: told to those whom it concerns, once."""

import uuid

import pytest
import time_machine

from checklists.services import give_pass
from contingency.services import activate_plan
from duties.services import reassign_duty
from kernel import clock
from notifications.models import Notice
from people.actor import Actor
from people.models import CheckIn, Employee
from tests.cast import Cast
from tests.checklists.conftest import MORNING, start_by_hand
from tests.contingency.factories import make_plan
from tests.duties.drafts import owe

pytestmark = pytest.mark.django_db


def told(who: Employee) -> list[str]:
    return [notice.title["zh"] for notice in Notice.objects.filter(recipient=who).order_by("id")]


def test_pass_is_told_to_who_may_work_by_it(cast: Cast) -> None:
    run = start_by_hand(cast)
    for _ in range(2):
        give_pass(run=run, employee=cast.mei, actor=Actor.of(cast.wang), reason="人手不够")
    assert told(cast.mei) == ["本班可以做：订单晨检"]


def test_duty_is_told_to_whom_it_was_given(cast: Cast) -> None:
    duty = owe(cast, "a", assignee=cast.wang)
    reassign_duty(duty=duty, to=cast.mei, actor=Actor.of(cast.wang))
    reassign_duty(duty=duty, to=cast.mei, actor=Actor.of(cast.wang))
    assert told(cast.mei) == ["交给你：检查 a"]
    reassign_duty(duty=duty, to=cast.wang, actor=Actor.of(cast.wang))
    assert told(cast.wang) == []


@time_machine.travel(MORNING, tick=False)
def test_activated_plan_is_told_to_who_answers_for_the_site_and_who_works_there_now(cast: Cast) -> None:
    CheckIn.objects.create(employee=cast.mei, shift=cast.day_shift, day=MORNING.date(), at=clock.now())
    said = {"site": cast.site, "actor": Actor.of(cast.wang), "client_id": uuid.uuid4()}
    for _ in range(2):  # said twice, told once
        activate_plan(plan=make_plan([cast.site]), reason="2 号机卡纸", **said)
    assert told(cast.mei) == told(cast.li) == told(cast.wang) == ["应急预案已启动：打印机故障"]
    assert told(cast.sun) == told(cast.chen) == []
