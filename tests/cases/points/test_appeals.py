"""Appeals and counter-entries: what was taken is given back by somebody who had no part in it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from cases.models import Appeal, Case, Deduction, PointEntry
from cases.points_account import balance_of
from cases.services import (
    SecondPerson,
    appeal_deduction,
    counter_points,
    decide_appeal,
)
from kernel.errors import Conflict, NotAllowed, Refused
from notifications.models import Notice
from people.actor import Actor
from people.models import Employee
from tests.cases.factories import close, make_case
from tests.cases.points.factories import NOW, an_error, decide, propose, react, taken
from tests.cast import Cast


def appeal(cast: Cast, deduction: Deduction, by: Employee | None = None, key: uuid.UUID | None = None) -> Appeal:
    text = "那天系统同步晚了，不是我录的"
    return appeal_deduction(
        deduction=deduction, text=text, actor=Actor.of(by or cast.mei), client_id=key or uuid.uuid4()
    )


def test_person_has_seven_days_to_appeal(cast: Cast, morning: Any) -> None:
    deduction = taken(cast)
    with pytest.raises(NotAllowed):
        appeal(cast, deduction, by=cast.wang)
    morning.move_to(NOW + timedelta(days=7, hours=1))
    with pytest.raises(Refused):
        appeal(cast, deduction)
    morning.move_to(NOW + timedelta(days=6, hours=23))
    key = uuid.uuid4()
    assert appeal(cast, deduction, key=key) == appeal(cast, deduction, key=key)
    with pytest.raises(Conflict):
        appeal(cast, deduction)


def test_appeal_is_decided_by_somebody_who_had_no_part_and_gives_the_points_back(cast: Cast, hu: Employee) -> None:
    deduction = taken(cast)
    asked = appeal(cast, deduction)
    assert Notice.objects.filter(recipient=hu, path="/cases/points/decisions/").exists()
    with pytest.raises(SecondPerson):
        decide_appeal(appeal=asked, is_upheld=True, reason="同步延迟", actor=Actor.of(cast.li))
    who = {"actor": Actor.of(hu)}
    with pytest.raises(Refused):
        decide_appeal(appeal=asked, is_upheld=True, reason=" ", **who)
    decide_appeal(appeal=asked, is_upheld=True, reason="同步延迟", **who)
    decide_appeal(appeal=asked, is_upheld=True, reason="同步延迟", **who)
    assert [e.points for e in PointEntry.objects.order_by("id")] == [-2, 2]
    assert balance_of(cast.mei) == 0


def test_rejected_appeal_leaves_the_points_taken(cast: Cast, hu: Employee) -> None:
    asked = appeal(cast, taken(cast))
    decide_appeal(appeal=asked, is_upheld=False, reason="扫描记录清楚", actor=Actor.of(hu))
    assert balance_of(cast.mei) == -2


def test_without_another_manager_an_administrator_is_asked(cast: Cast) -> None:
    appeal(cast, taken(cast))
    asked = Notice.objects.filter(path="/cases/points/decisions/").values_list("recipient__number", flat=True)
    assert cast.sun.number in set(asked)


def test_entry_is_countered_once_and_never_by_the_person(cast: Cast) -> None:
    close(cast, make_case(cast, source="bench", opened_by=cast.li))
    react()
    entry = PointEntry.objects.get()
    with pytest.raises(Refused, match="仍然"):
        counter_points(entry=entry, reason="重复", actor=Actor.of(cast.sun))
    Case.objects.update(resolution="no_fault")
    entry = PointEntry.objects.get()
    with pytest.raises(SecondPerson):
        counter_points(entry=entry, reason="重复", actor=Actor.of(cast.li))
    who = {"actor": Actor.of(cast.sun)}
    against = counter_points(entry=entry, reason="重复", **who)
    assert counter_points(entry=entry, reason="重复", **who) == against
    assert (against.points, balance_of(cast.li)) == (-2, 0)
    with pytest.raises(Refused):
        counter_points(entry=against, reason="算错", **who)


def test_countered_deduction_leaves_room_in_the_month(cast: Cast) -> None:
    deduction = taken(cast)
    counter_points(entry=deduction.entry, reason="记错人", actor=Actor.of(cast.li))
    for _n in range(2):
        decide(propose(cast, an_error(cast)), cast.li)
    assert balance_of(cast.mei) == -4
