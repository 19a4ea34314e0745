"""Whoever is given work is told of it, with who gave it and by when it is wanted; nobody is told what they took."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from cases.services import assign_case, log_contact, take_case
from duties.models import Duty
from duties.services import DutyDraft, let_go, open_duty, reassign_duty
from duties.ticking import spare_absent
from kernel import clock
from notifications.models import Notice
from people.actor import Actor
from people.models import Roster
from tests.cases.factories import close, hear, make_case, name
from tests.cases.test_responsibility import react, rule
from tests.cast import Cast
from tests.duties.drafts import owe

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


def told() -> list[tuple[str, str]]:
    """(whom, what) of every notice that gives work."""
    rows = Notice.objects.filter(key__startswith="given:").select_related("recipient").order_by("id")
    return [(notice.recipient.name, notice.title["zh"]) for notice in rows]


def case_given(cast: Cast) -> tuple[str, str]:
    case = make_case(cast)
    assign_case(case=case, to=cast.mei, actor=Actor.of(cast.wang))
    return cast.mei.name, f"交给你：单号不符 {case.number}"


def case_opened_for_somebody(cast: Cast) -> tuple[str, str]:
    case = make_case(cast, owner=cast.wang)
    return cast.wang.name, f"交给你：单号不符 {case.number}"


def promise_to_be_followed_up(cast: Cast) -> tuple[str, str]:
    case = make_case(cast, opened_by=cast.wang, owner=cast.wang)
    said = {"whom": "courier", "channel": "phone", "said": "在查", "follow_up_at": clock.now() + timedelta(hours=2)}
    log_contact(case=case, actor=Actor.of(cast.mei), client_id=uuid.uuid4(), **said)
    return cast.wang.name, f"交给你：跟进异常单 {case.number}"


def corrective_action(cast: Cast) -> tuple[str, str]:
    draft = {name: value for name, value in vars(owe(cast, "draft")).items() if name in DutyDraft.__annotations__}
    told = {**draft, "key": "k", "kind": Duty.Kind.CORRECTION, "site": cast.site, "assignee": cast.mei}
    open_duty(DutyDraft(**told), actor=Actor.of(cast.wang))
    return cast.mei.name, "交给你：检查 draft"


def retraining(cast: Cast) -> tuple[str, str]:
    rule(cast)
    case = make_case(cast)
    hear(cast, case)
    name(cast, case, cast.mei)
    close(cast, case)
    react()
    react()
    return cast.mei.name, f"交给你：{Duty.objects.get(kind=Duty.Kind.MODULE).title['zh']}"


def check_reassigned(cast: Cast) -> tuple[str, str]:
    duty = owe(cast, "k", kind=Duty.Kind.CASE)
    for _ in range(2):
        reassign_duty(duty=duty, to=cast.wang, actor=Actor.of(cast.li))
    return cast.wang.name, "交给你：检查 k"


def work_of_a_leaver(cast: Cast) -> tuple[str, str]:
    owe(cast, "k", kind=Duty.Kind.CASE)
    let_go(employee=cast.mei, actor=Actor.of(cast.sun))
    return cast.li.name, "交给你：检查 k"


def work_of_the_absent(cast: Cast) -> tuple[str, str]:
    owe(cast, "k", shift=cast.day_shift, shift_date=NOON.date(), due_at=NOON + timedelta(minutes=30))
    Roster.objects.create(employee=cast.mei, day=NOON.date(), is_leave=True)
    Roster.objects.create(employee=cast.wang, day=NOON.date(), shift=cast.day_shift)
    spare_absent(NOON)
    return cast.wang.name, "交给你：检查 k"


GIVING = (
    *(case_given, case_opened_for_somebody, promise_to_be_followed_up, corrective_action),
    *(retraining, check_reassigned, work_of_a_leaver, work_of_the_absent),
)


@pytest.mark.parametrize("give", GIVING, ids=lambda give: give.__name__)
def test_whoever_is_given_work_is_told_once(cast: Cast, give: Callable[[Cast], tuple[str, str]]) -> None:
    with time_machine.travel(NOON, tick=False):
        assert give(cast) == told()[-1]
        assert len(told()) == 1


def test_notice_says_who_gave_it_and_by_when_it_is_wanted_there(cast: Cast) -> None:
    cast.site.zone = "Europe/Berlin"
    cast.site.save()
    with time_machine.travel(NOON, tick=False):
        reassign_duty(duty=owe(cast, "k", kind=Duty.Kind.CASE), to=cast.wang, actor=Actor.of(cast.li))
    said = Notice.objects.get().body
    assert said["zh"] == f"{cast.li.name} · 应完成：2026-11-23 07:00（{cast.site.name}）"
    assert said["en"] == f"{cast.li.name} · Wanted by 2026-11-23 07:00 ({cast.site.name})"


def test_who_takes_work_is_told_nothing(cast: Cast) -> None:
    take_case(case=make_case(cast), actor=Actor.of(cast.mei))
    make_case(cast, owner=cast.mei)
    assert told() == []
