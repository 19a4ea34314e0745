"""A deduction: proposed with evidence after hearing the person, approved by a second one."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases.models import Case, Deduction, PointEntry
from cases.points_account import balance_of
from cases.services import (
    NotDeductible,
    SecondPerson,
    acknowledge_rule,
)
from kernel.errors import Conflict, NotAllowed, Refused
from people.actor import Actor
from people.models import Employee
from tests.cases.factories import close, hear, make_case, name
from tests.cases.points.factories import NOW, a_rule, an_error, decide, propose, react
from tests.cast import Cast


def test_deduction_needs_a_responsible_person_evidence_and_their_statement(cast: Cast) -> None:
    acknowledge_rule(rule=a_rule(cast), actor=Actor.of(cast.mei))
    unnamed = make_case(cast, opened_by=cast.wang, cause="manual_entry")
    with pytest.raises(NotDeductible, match="责任人"):
        propose(cast, unnamed)
    Case.objects.filter(pk=unnamed.pk).update(responsible=cast.mei)
    with pytest.raises(NotDeductible, match="听取"):
        propose(cast, unnamed)
    with pytest.raises(Refused):
        propose(cast, an_error(cast), evidence="  ")
    with pytest.raises(NotAllowed):
        propose(cast, an_error(cast), by=cast.mei)


def test_case_that_the_person_opened_costs_them_nothing(cast: Cast) -> None:
    acknowledge_rule(rule=a_rule(cast), actor=Actor.of(cast.mei))
    case = an_error(cast)
    Case.objects.filter(pk=case.pk).update(opened_by=cast.mei)
    with pytest.raises(NotDeductible, match="自己报告"):
        propose(cast, case)


def test_deduction_counts_only_when_a_second_person_approves(cast: Cast, hu: Employee) -> None:
    acknowledge_rule(rule=a_rule(cast), actor=Actor.of(cast.mei))
    deduction = propose(cast, an_error(cast), by=cast.li)
    assert balance_of(cast.mei) == 0
    with pytest.raises(SecondPerson):
        decide(deduction, cast.li)
    with pytest.raises(NotAllowed):
        decide(deduction, cast.wang)
    decide(deduction, hu)
    decide(deduction, hu)
    assert balance_of(cast.mei) == -2
    with pytest.raises(Conflict):
        decide(deduction, hu, yes=False, reason="看错了")


def test_database_lets_nobody_approve_what_they_proposed(cast: Cast) -> None:
    acknowledge_rule(rule=a_rule(cast), actor=Actor.of(cast.mei))
    deduction = propose(cast, an_error(cast))
    with pytest.raises(IntegrityError), transaction.atomic():
        Deduction.objects.filter(pk=deduction.pk).update(is_approved=False, decided_by=cast.wang)


def test_refused_deduction_takes_nothing_and_may_be_proposed_again(cast: Cast) -> None:
    acknowledge_rule(rule=a_rule(cast), actor=Actor.of(cast.mei))
    case = an_error(cast)
    first = propose(cast, case)
    with pytest.raises(NotDeductible, match="已经提过"):
        propose(cast, case)
    with pytest.raises(Refused):
        decide(first, cast.li, yes=False)
    decide(first, cast.li, yes=False, reason="证据不足")
    assert not PointEntry.objects.exists()
    assert propose(cast, case).pk != first.pk


def test_proposing_twice_with_one_key_is_once(cast: Cast) -> None:
    acknowledge_rule(rule=a_rule(cast), actor=Actor.of(cast.mei))
    case, key = an_error(cast), uuid.uuid4()
    assert propose(cast, case, client_id=key) == propose(cast, case, client_id=key)
    with pytest.raises(Conflict):
        propose(cast, case, client_id=key, evidence="别的")


def test_month_takes_no_more_than_its_cap(cast: Cast, morning: Any) -> None:
    acknowledge_rule(rule=a_rule(cast), actor=Actor.of(cast.mei))
    for _n in range(2):
        decide(propose(cast, an_error(cast)), cast.li)
    third = propose(cast, an_error(cast))
    with pytest.raises(Refused, match="还能扣 1 分"):
        decide(third, cast.li)
    assert balance_of(cast.mei) == -4
    third.refresh_from_db()
    assert third.is_approved is None
    morning.move_to(NOW + timedelta(days=10))
    decide(third, cast.li)
    assert balance_of(cast.mei) == -6


def test_approval_asks_again_who_is_responsible(cast: Cast) -> None:
    acknowledge_rule(rule=a_rule(cast), actor=Actor.of(cast.mei))
    deduction = propose(cast, an_error(cast))
    name(cast, deduction.case, None)
    with pytest.raises(NotDeductible, match="不再"):
        decide(deduction, cast.li)
    assert balance_of(cast.mei) == 0


def test_own_report_counts_only_before_the_person_was_named(cast: Cast) -> None:
    acknowledge_rule(rule=a_rule(cast), actor=Actor.of(cast.mei))
    case = an_error(cast)
    hear(cast, case, is_own_report=True)
    decide(propose(cast, case), cast.li)
    close(cast, case)
    react()
    assert [entry.points for entry in PointEntry.objects.all()] == [-2]
