"""The training gate: who is not qualified is refused, or held when offline, unless the lead lets them pass."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from checklists.errors import BadContent, NotQualified
from checklists.models import Run, Schedule
from checklists.services import Answered, give_pass, open_due_runs, publish_checklist
from kernel import clock
from people.actor import Actor
from tests.cast import Cast
from tests.checklists.conftest import make_content
from tests.training.factories import make_assignment, make_module, take

Give = Callable[..., Answered]


@pytest.fixture
def gated(schedule: Schedule) -> Run:
    """A run of a version that requires a module which nobody has learned."""
    make_module()
    publish_checklist(
        slug="morning", content=make_content(modules=["daily-order-check"]), actor=Actor.system("command")
    )
    open_due_runs(clock.now())
    return Run.objects.loaded().get()


def test_unqualified_is_refused(cast: Cast, gated: Run, answer: Give) -> None:
    with pytest.raises(NotQualified):
        answer(gated, "printer", cast.mei)


def test_unqualified_offline_is_held(cast: Cast, gated: Run, answer: Give, morning: Any) -> None:
    given = clock.now()
    morning.shift(timedelta(minutes=20))
    assert answer(gated, "printer", cast.mei, answered_at=given).answer.held == "unqualified"


def test_whoever_passed_the_quiz_answers(cast: Cast, gated: Run, answer: Give) -> None:
    take(make_assignment(cast))
    assert answer(gated, "printer", cast.mei).answer.counts


def test_pass_of_the_lead_lets_answer(cast: Cast, gated: Run, answer: Give) -> None:
    give_pass(run=gated, employee=cast.mei, actor=Actor.of(cast.wang), reason="大促缺人")
    assert answer(gated, "printer", cast.mei, client_id=uuid.uuid4()).answer.counts


def test_unknown_module_is_named(schedule: Schedule) -> None:
    with pytest.raises(BadContent, match="nowhere"):
        publish_checklist(slug="morning", content=make_content(modules=["nowhere"]), actor=Actor.system("command"))
