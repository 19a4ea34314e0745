"""Rules of deductions: discussed, told, acknowledged; nothing is taken without one."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases.services import (
    NotDeductible,
    acknowledge_rule,
    end_point_rule,
)
from kernel import clock
from kernel.errors import NotAllowed, Refused
from notifications.models import Notice
from people.actor import Actor
from tests.cases.points.factories import a_rule, an_error, propose
from tests.cast import Cast


def test_deductions_are_off_until_a_rule_is_recorded(cast: Cast) -> None:
    with pytest.raises(NotDeductible, match="没有针对"):
        propose(cast, an_error(cast))


def test_rule_says_when_and_how_it_was_discussed_and_the_database_insists(cast: Cast) -> None:
    with pytest.raises(Refused):
        a_rule(cast, discussed_on=clock.today(cast.site.zone) + timedelta(days=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        a_rule(cast, discussed_how=" ")
    with pytest.raises(IntegrityError), transaction.atomic():
        a_rule(cast, text="")
    with pytest.raises(NotAllowed):
        a_rule(cast, by=cast.wang)
    with pytest.raises(Refused):
        a_rule(cast, points=6)


def test_staff_of_the_shop_are_told_of_a_rule_and_others_not(cast: Cast) -> None:
    a_rule(cast)
    told = set(Notice.objects.values_list("recipient__number", flat=True))
    assert cast.mei.number in told
    assert cast.chen.number not in told


def test_rule_counts_for_nobody_before_they_acknowledged_it(cast: Cast, morning: Any) -> None:
    rule = a_rule(cast)
    case = an_error(cast)
    with pytest.raises(NotDeductible, match="没有确认"):
        propose(cast, case)
    acknowledge_rule(rule=rule, actor=Actor.of(cast.mei))
    acknowledge_rule(rule=rule, actor=Actor.of(cast.mei))
    assert rule.acknowledgements.count() == 1
    with pytest.raises(NotDeductible, match="没有确认"):
        propose(cast, case)
    assert propose(cast, an_error(cast)).points == 2


def test_rule_that_ended_or_begins_later_takes_nothing(cast: Cast) -> None:
    rule = a_rule(cast)
    acknowledge_rule(rule=rule, actor=Actor.of(cast.mei))
    end_point_rule(rule=rule, actor=Actor.of(cast.li))
    acknowledge_rule(
        rule=a_rule(cast, starts_on=clock.today(cast.site.zone) + timedelta(days=1)), actor=Actor.of(cast.mei)
    )
    with pytest.raises(NotDeductible, match="没有针对"):
        propose(cast, an_error(cast))
