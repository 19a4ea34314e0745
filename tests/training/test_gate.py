"""Who is qualified, now and at any moment before: the grace of a week, urgent versions, paths."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from people.models import Membership, Role
from records.models import Fact
from tests.cast import SINCE, Cast
from tests.training.factories import make_assignment, make_module, take
from training.bulk import PastLearning, qualify_many
from training.models import Assignment, Attempt, Qualification
from training.selectors import missing_modules, qualifications_at
from training.services import assign_path, assign_version

NIGHT = datetime(2026, 11, 11, 22, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def that_night() -> Any:
    with time_machine.travel(NIGHT, tick=False) as traveller:
        yield traveller


def missing(cast: Cast, module_id: int, at: datetime) -> list[str]:
    return [m.slug for m in missing_modules(employee=cast.mei, module_ids=[module_id], at=at)]


def test_pass_counts_from_its_moment_on(cast: Cast, that_night: Any) -> None:
    assignment = make_assignment(cast)
    that_night.shift(timedelta(hours=1))
    take(assignment)
    assert missing(cast, assignment.module_id, NIGHT) == ["daily-order-check"]
    assert missing(cast, assignment.module_id, NIGHT + timedelta(hours=1)) == []


def test_earlier_version_qualifies_for_a_week(cast: Cast) -> None:
    assignment = make_assignment(cast)
    take(assignment)
    make_module(minutes=12)
    assert missing(cast, assignment.module_id, NIGHT + timedelta(days=6)) == []
    assert missing(cast, assignment.module_id, NIGHT + timedelta(days=7)) == ["daily-order-check"]


def test_week_runs_from_the_first_newer_version(cast: Cast, that_night: Any) -> None:
    assignment = make_assignment(cast)
    take(assignment)
    make_module(minutes=12)
    that_night.shift(timedelta(days=6))
    make_module(minutes=14)
    assert missing(cast, assignment.module_id, NIGHT + timedelta(days=8)) == ["daily-order-check"]


def test_urgent_version_leaves_no_grace(cast: Cast) -> None:
    assignment = make_assignment(cast)
    take(assignment)
    make_module(is_urgent=True)
    assert missing(cast, assignment.module_id, NIGHT + timedelta(minutes=1)) == ["daily-order-check"]


def test_past_moment_is_answered_as_it_was(cast: Cast, that_night: Any) -> None:
    assignment = make_assignment(cast)
    take(assignment)
    that_night.shift(timedelta(days=30))
    make_module(is_urgent=True)
    then, now = qualifications_at(cast.mei, NIGHT), qualifications_at(cast.mei, NIGHT + timedelta(days=30))
    assert [(s.is_qualified, s.current.number) for s in then] == [(True, 1)]
    assert [(s.is_qualified, s.current.number) for s in now] == [(False, 2)]


def test_gate_takes_a_statement_and_one_more_to_name_what_is_missing(cast: Cast, statements: Any) -> None:
    module_id = make_assignment(cast).module_id
    with statements() as count:
        missing(cast, module_id, NIGHT)
    assert count() <= 2


def test_role_brings_its_modules_once(cast: Cast) -> None:
    make_module()
    fact = Fact(kind="membership.changed", subject=cast.mei.ref)
    assign_path(fact)
    assign_path(fact)
    assert [a.employee for a in Assignment.objects.all()] == [cast.mei]
    assign_path(Fact(kind="membership.changed", subject=cast.li.ref))
    assert Assignment.objects.count() == 1


def test_new_version_is_assigned_to_whoever_has_the_role_and_not_learned_it(cast: Cast) -> None:
    first = make_module()
    assign_version(Fact(subject=f"module_version:{first.pk}"))
    mine = Assignment.objects.get()
    assert mine.employee == cast.mei
    second = make_module(minutes=12)
    assign_version(Fact(subject=f"module_version:{second.pk}"))
    assert Assignment.objects.count() == 1  # still owed: learned in its new version
    take(Assignment.objects.select_related("module__current").get())
    third = make_module(minutes=14)
    assign_version(Fact(subject=f"module_version:{third.pk}"))
    assert Assignment.objects.count() == 2


def test_past_learning_comes_in_bulk_once(cast: Cast) -> None:
    version = make_module()
    Membership.objects.create(employee=cast.chen, role=Role.EMPLOYEE, site=cast.site, starts_on=SINCE)
    words = {"version": version, "site": cast.site, "assigned_at": NIGHT - timedelta(days=20)}
    rows = [
        PastLearning(employee=cast.mei, passed_at=NIGHT - timedelta(days=18), failed=1, **words),
        PastLearning(employee=cast.chen, **words),
    ]
    qualify_many(rows)
    qualify_many(rows)
    assert Assignment.objects.count() == 2
    assert [(a.number, a.passed) for a in Attempt.objects.order_by("number")] == [(1, False), (2, True)]
    assert Qualification.objects.get().employee == cast.mei
