"""Points are given by facts, once, as the rule of the day says."""

import uuid

import pytest

from cases.models import Case, PointEntry
from cases.services import (
    NotDeductible,
    acknowledge_rule,
    reopen_case,
    reward_points,
    set_reward,
)
from kernel import clock
from kernel.errors import NotAllowed, Refused
from people.actor import Actor
from records.models import Fact, LedgerEntry
from tests.cases.factories import close, make_case
from tests.cases.points.factories import a_rule, an_error, propose, react
from tests.cast import Cast


def test_mismatch_caught_at_the_bench_gives_points_once_however_often_the_case_closes(cast: Cast) -> None:
    case = close(cast, make_case(cast, source="bench"))
    react()
    reopen_case(case=case, actor=Actor.of(cast.wang), client_id=uuid.uuid4(), note="还差一单")
    close(cast, case)
    react()
    entry = PointEntry.objects.get()
    assert (entry.employee, entry.points, entry.occasion, entry.by) == (cast.mei, 2, "caught", None)
    assert LedgerEntry.objects.filter(kind="points.entered").count() == 1


def test_case_without_fault_or_not_from_the_bench_gives_nothing(cast: Cast) -> None:
    close(cast, make_case(cast, source="person"))
    said = {"cause": "other", "resolution": "no_fault", "client_id": uuid.uuid4()}
    Case.objects.filter(pk=make_case(cast, source="bench").pk).update(
        status="closed", closed_at=clock.now(), cause=said["cause"], resolution=said["resolution"]
    )
    for case in Case.objects.all():
        reward_points(Fact(kind="case.closed", subject=f"case:{case.pk}"))
    assert not PointEntry.objects.exists()


def test_own_error_that_was_reported_gives_points_and_can_never_cost_any(cast: Cast) -> None:
    acknowledge_rule(rule=a_rule(cast), actor=Actor.of(cast.mei))
    case = an_error(cast, is_own_report=True)
    with pytest.raises(NotDeductible, match="自己报告"):
        propose(cast, case)
    close(cast, case)
    react()
    assert [(e.employee, e.points) for e in PointEntry.objects.all()] == [(cast.mei, 1)]


def test_reward_follows_the_rule_of_the_day_and_can_be_turned_off(cast: Cast) -> None:
    today = clock.today(cast.site.zone)
    who = {"actor": Actor.of(cast.li)}
    set_reward(shop=cast.shop, occasion="caught", points=4, starts_on=today, **who)
    set_reward(shop=cast.shop, occasion="own_report", points=0, starts_on=today, **who)
    close(cast, make_case(cast, source="bench"))
    close(cast, an_error(cast, is_own_report=True))
    react()
    assert [e.points for e in PointEntry.objects.all()] == [4]
    with pytest.raises(Refused):
        set_reward(shop=cast.shop, occasion="caught", points=21, starts_on=today, **who)
    with pytest.raises(NotAllowed):
        set_reward(shop=None, occasion="caught", points=1, starts_on=today, **who)
