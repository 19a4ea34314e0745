"""Every service of the cases room with everybody who may not."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from cases import services
from cases.models import Appeal, Case, ContactLog, CourierStation, Deduction, PointEntry, PointRule, RetrainingRule
from cases.services.carrying import carriers_of
from kernel import clock
from kernel.errors import NotAllowed
from people.actor import Actor
from tests import things
from tests.cases.factories import make_case
from tests.cast import Cast
from tests.orders.factories import make_finding, make_order
from tests.test_architecture import writing_services
from tests.training.factories import make_module
from tests.who import Build, Table, check_refused


def on(act: Callable[..., Any], **more: Any) -> Build:
    """What is done with an open case, under a key of its own."""

    def build(cast: Cast) -> Callable[[Actor], Any]:
        case = make_case(cast)
        return lambda who: act(case=case, client_id=uuid.uuid4(), actor=who, **more)

    return build


def of(model: Any, thing: Any, act: Callable[..., Any]) -> Build:
    """What is done with a row of `tests/things.py`."""

    def build(cast: Cast) -> Callable[[Actor], Any]:
        row = model.objects.get(**thing(cast))
        return lambda who: act(row, who)

    return build


def ruling(act: Callable[..., Any], **more: Any) -> Build:
    today = clock.today("Asia/Shanghai")
    return lambda c: lambda who: act(shop=c.shop, starts_on=today, actor=who, **more)


def carrying(cast: Cast) -> Callable[[Actor], Any]:
    finding = make_finding(make_order(cast.shop))
    return lambda who: carriers_of([finding.pk], cast.shop.pk, actor=who)


def opening(act: Callable[..., Any], **more: Any) -> Build:
    return lambda c: lambda who: act(shop=c.shop, kind="mismatch", source="person", note="差一位", actor=who, **more)


def heard(cast: Cast) -> Callable[[Actor], Any]:
    case, said = make_case(cast), {"employee": cast.wang, "text": "拿反了"}
    return lambda who: services.record_statement(case=case, client_id=uuid.uuid4(), actor=who, **said)


def given(cast: Cast) -> Callable[[Actor], Any]:
    case = make_case(cast)
    return lambda who: services.assign_case(case=case, to=cast.wang, actor=who)


def taking(cast: Cast) -> Callable[[Actor], Any]:
    case = make_case(cast)
    return lambda who: services.take_case(case=case, actor=who)


def countering(cast: Cast) -> Callable[[Actor], Any]:
    entry = PointEntry.objects.get(pk=things.point_entry(cast)["pk"])
    return lambda who: services.counter_points(entry=entry, reason="错", actor=who)


def teaching(cast: Cast) -> Callable[[Actor], Any]:
    words = {"cause": "manual_entry", "role": "employee", "module": make_module().module, "days": 7}
    today = clock.today(cast.site.zone)
    return lambda who: services.add_retraining_rule(shop=cast.shop, starts_on=today, actor=who, **words)


DEDUCTED = {"points": 1, "monthly_cap": 5, "text": "规则", "discussed_how": "早会", "cause": "manual_entry"}
TABLE: Table = {
    "open_case": ("employee", opening(services.open_case, key="who")),
    "open_by_hand": ("employee", opening(services.open_by_hand, client_id=uuid.UUID(int=7))),
    "carriers_of": ("employee", carrying),
    "log_contact": ("employee", on(services.log_contact, whom="courier", channel="phone", said="在查")),
    "complete_follow_up": (
        "employee",
        of(
            ContactLog,
            things.follow_up,
            lambda row, who: services.complete_follow_up(contact=row, note="好", client_id=uuid.uuid4(), actor=who),
        ),
    ),
    "take_case": ("employee", taking),
    "assign_case": ("lead", given),
    "add_note": ("employee", on(services.add_note, note="看过")),
    "set_status": ("employee", on(services.set_status, status="waiting_courier")),
    "close_case": ("lead", on(services.close_case, cause="sync_delay", resolution="no_fault")),
    "reopen_case": ("lead", on(services.reopen_case, note="没好")),
    "resolve_case": ("employee", on(services.resolve_case, resolution="no_fault", cause="sync_delay")),
    "set_refund_condition": ("employee", on(services.set_refund_condition, refund_condition="returned")),
    "record_statement": ("lead", heard),
    "set_responsible": ("lead", on(services.set_responsible, employee=None, proof="")),
    "propose_deduction": ("lead", on(services.propose_deduction, evidence="扫描记录")),
    "decide_deduction": (
        "manager",
        of(
            Deduction,
            things.deduction,
            lambda row, who: services.decide_deduction(deduction=row, is_approved=True, reason="", actor=who),
        ),
    ),
    "appeal_deduction": (
        "mei",
        of(
            Deduction,
            things.deduction,
            lambda row, who: services.appeal_deduction(deduction=row, text="不是我", client_id=uuid.uuid4(), actor=who),
        ),
    ),
    "decide_appeal": (
        "manager",
        of(
            Appeal,
            things.appeal,
            lambda row, who: services.decide_appeal(appeal=row, is_upheld=True, reason="是", actor=who),
        ),
    ),
    "counter_points": ("manager", countering),
    "set_reward": ("manager", ruling(services.set_reward, occasion="caught", points=1)),
    "record_deduction_rule": (
        "manager",
        ruling(services.record_deduction_rule, discussed_on=clock.today("Asia/Shanghai"), **DEDUCTED),
    ),
    "end_point_rule": (
        "manager",
        of(PointRule, things.point_rule, lambda row, who: services.end_point_rule(rule=row, actor=who)),
    ),
    "acknowledge_rule": (
        "employee",
        of(PointRule, things.point_rule, lambda row, who: services.acknowledge_rule(rule=row, actor=who)),
    ),
    "add_retraining_rule": ("manager", teaching),
    "end_retraining_rule": (
        "manager",
        of(RetrainingRule, things.retraining_rule, lambda row, who: services.end_retraining_rule(rule=row, actor=who)),
    ),
    "save_station": (
        "lead",
        of(
            CourierStation,
            things.station,
            lambda row, who: services.save_station(site=row.site, station=row, courier="yto", name="二部", actor=who),
        ),
    ),
    "save_saying": (
        "lead",
        lambda c: (
            lambda who: services.save_saying(
                shop=c.shop, whom="buyer", kind="no_pickup", cause="", text="您好", actor=who
            )
        ),
    ),
}
MANY = {"open_cases", "assign_cases"}  # refuse nobody: what one may not is left out, see below


def test_table_knows_every_service() -> None:
    assert set(TABLE) | MANY == writing_services("cases")


@pytest.mark.parametrize("name", TABLE)
def test_whoever_may_not_is_refused(cast: Cast, name: str) -> None:
    check_refused(cast, TABLE, name)


@pytest.mark.parametrize("who", ["mei", "zhao", "chen"])
def test_of_many_cases_nobody_gives_what_is_not_theirs_to_give(cast: Cast, who: str) -> None:
    case, actor = make_case(cast), Actor.of(getattr(cast, who))
    assert not services.assign_cases(case_ids=[case.pk], to=cast.wang, actor=actor).given
    assert Case.objects.get().owner is None


@pytest.mark.parametrize("who", ["zhao", "chen"])
def test_of_many_alerts_nobody_opens_what_is_not_theirs(cast: Cast, who: str) -> None:
    finding = make_finding(make_order(cast.shop))
    told = {"finding_ids": [finding.pk], "client_id": uuid.uuid4(), "actor": Actor.of(getattr(cast, who))}
    with suppress(NotAllowed):  # an auditor sees them and is told so
        assert services.open_cases(**told) == []
    assert not Case.objects.exists()
