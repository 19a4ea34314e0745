"""Feedback points: given by facts, taken only by two people after hearing the person, never changed."""

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction

from cases.models import Appeal, Case, Deduction, PointEntry, PointRule
from cases.months import month_span
from cases.points_account import accounts, balance_of, month_statement
from cases.services import (
    NotDeductible,
    SecondPerson,
    acknowledge_rule,
    appeal_deduction,
    counter_points,
    decide_appeal,
    decide_deduction,
    end_point_rule,
    propose_deduction,
    record_deduction_rule,
    reopen_case,
    reward_points,
    send_statements,
    set_reward,
)
from kernel import clock
from kernel.errors import Conflict, NotAllowed, Refused
from notifications.models import Notice
from people.models import Employee, Membership, Role
from people.scope import scope_of
from records.models import Fact, LedgerEntry
from tests.cases.factories import make_case
from tests.cases.test_responsibility import close, hear, name
from tests.cast import SINCE, Cast, make_employee

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def morning() -> Any:
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
def hu(cast: Cast) -> Employee:
    """A second manager of the site."""
    person = make_employee("1010", "胡敏")
    Membership.objects.create(employee=person, role=Role.MANAGER, site=cast.site, starts_on=SINCE)
    return person


def a_rule(cast: Cast, **more: Any) -> PointRule:
    by = more.pop("by", cast.li)
    said = {
        "shop": cast.shop,
        "cause": "manual_entry",
        "points": 2,
        "monthly_cap": 5,
        "text": "手工录错单号且未自查的，扣 2 分",
        "discussed_on": clock.today(cast.site.zone) - timedelta(days=3),
        "discussed_how": "早会，员工代表周明，把 3 分改为 2 分",
        "starts_on": clock.today(cast.site.zone),
        **more,
    }
    return record_deduction_rule(**said, by=by, scope=scope_of(by))


def an_error(cast: Cast, **heard: Any) -> Case:
    """A case of a manual error, for which Mei was heard and then named responsible."""
    case = make_case(cast, opened_by=cast.wang, cause="manual_entry")
    hear(cast, case, **heard)
    name(cast, case, cast.mei)
    case.refresh_from_db()
    return case


def propose(cast: Cast, case: Case, by: Employee | None = None, **more: Any) -> Deduction:
    by = by or cast.wang
    said = {"evidence": "10:02 手输，扫描记录没有这一单", "client_id": uuid.uuid4(), **more}
    return propose_deduction(case=case, by=by, scope=scope_of(by), **said)


def decide(deduction: Deduction, by: Employee, *, yes: bool = True, reason: str = "") -> Deduction:
    return decide_deduction(deduction=deduction, is_approved=yes, reason=reason, by=by, scope=scope_of(by))


def taken(cast: Cast) -> Deduction:
    """A deduction that was approved."""
    acknowledge_rule(rule=a_rule(cast), employee=cast.mei)
    return decide(propose(cast, an_error(cast)), cast.li)


def react() -> None:
    for fact in Fact.objects.filter(kind="case.closed"):
        reward_points(fact)


# --- rewards


def test_mismatch_caught_at_the_bench_gives_points_once_however_often_the_case_closes(cast: Cast) -> None:
    case = close(cast, make_case(cast, source="bench"))
    react()
    reopen_case(case=case, by=cast.wang, scope=scope_of(cast.wang), client_id=uuid.uuid4(), note="还差一单")
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
    acknowledge_rule(rule=a_rule(cast), employee=cast.mei)
    case = an_error(cast, is_own_report=True)
    with pytest.raises(NotDeductible, match="自己报告"):
        propose(cast, case)
    close(cast, case)
    react()
    assert [(e.employee, e.points) for e in PointEntry.objects.all()] == [(cast.mei, 1)]


def test_reward_follows_the_rule_of_the_day_and_can_be_turned_off(cast: Cast) -> None:
    today = clock.today(cast.site.zone)
    who = {"by": cast.li, "scope": scope_of(cast.li)}
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


# --- rules of deductions


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
    acknowledge_rule(rule=rule, employee=cast.mei)
    acknowledge_rule(rule=rule, employee=cast.mei)
    assert rule.acknowledgements.count() == 1
    with pytest.raises(NotDeductible, match="没有确认"):
        propose(cast, case)
    assert propose(cast, an_error(cast)).points == 2


def test_rule_that_ended_or_begins_later_takes_nothing(cast: Cast) -> None:
    rule = a_rule(cast)
    acknowledge_rule(rule=rule, employee=cast.mei)
    end_point_rule(rule=rule, by=cast.li, scope=scope_of(cast.li))
    acknowledge_rule(rule=a_rule(cast, starts_on=clock.today(cast.site.zone) + timedelta(days=1)), employee=cast.mei)
    with pytest.raises(NotDeductible, match="没有针对"):
        propose(cast, an_error(cast))


# --- deductions


def test_deduction_needs_a_responsible_person_evidence_and_their_statement(cast: Cast) -> None:
    acknowledge_rule(rule=a_rule(cast), employee=cast.mei)
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
    acknowledge_rule(rule=a_rule(cast), employee=cast.mei)
    case = an_error(cast)
    Case.objects.filter(pk=case.pk).update(opened_by=cast.mei)
    with pytest.raises(NotDeductible, match="自己报告"):
        propose(cast, case)


def test_deduction_counts_only_when_a_second_person_approves(cast: Cast, hu: Employee) -> None:
    acknowledge_rule(rule=a_rule(cast), employee=cast.mei)
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
    acknowledge_rule(rule=a_rule(cast), employee=cast.mei)
    deduction = propose(cast, an_error(cast))
    with pytest.raises(IntegrityError), transaction.atomic():
        Deduction.objects.filter(pk=deduction.pk).update(is_approved=False, decided_by=cast.wang)


def test_refused_deduction_takes_nothing_and_may_be_proposed_again(cast: Cast) -> None:
    acknowledge_rule(rule=a_rule(cast), employee=cast.mei)
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
    acknowledge_rule(rule=a_rule(cast), employee=cast.mei)
    case, key = an_error(cast), uuid.uuid4()
    assert propose(cast, case, client_id=key) == propose(cast, case, client_id=key)
    with pytest.raises(Conflict):
        propose(cast, case, client_id=key, evidence="别的")


def test_month_takes_no_more_than_its_cap(cast: Cast, morning: Any) -> None:
    acknowledge_rule(rule=a_rule(cast), employee=cast.mei)
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
    acknowledge_rule(rule=a_rule(cast), employee=cast.mei)
    deduction = propose(cast, an_error(cast))
    name(cast, deduction.case, None)
    with pytest.raises(NotDeductible, match="不再"):
        decide(deduction, cast.li)
    assert balance_of(cast.mei) == 0


def test_own_report_counts_only_before_the_person_was_named(cast: Cast) -> None:
    acknowledge_rule(rule=a_rule(cast), employee=cast.mei)
    case = an_error(cast)
    hear(cast, case, is_own_report=True)
    decide(propose(cast, case), cast.li)
    close(cast, case)
    react()
    assert [entry.points for entry in PointEntry.objects.all()] == [-2]


# --- appeals and counter-entries


def appeal(cast: Cast, deduction: Deduction, by: Employee | None = None, key: uuid.UUID | None = None) -> Appeal:
    text = "那天系统同步晚了，不是我录的"
    return appeal_deduction(deduction=deduction, text=text, by=by or cast.mei, client_id=key or uuid.uuid4())


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
        decide_appeal(appeal=asked, is_upheld=True, reason="同步延迟", by=cast.li, scope=scope_of(cast.li))
    who = {"by": hu, "scope": scope_of(hu)}
    with pytest.raises(Refused):
        decide_appeal(appeal=asked, is_upheld=True, reason=" ", **who)
    decide_appeal(appeal=asked, is_upheld=True, reason="同步延迟", **who)
    decide_appeal(appeal=asked, is_upheld=True, reason="同步延迟", **who)
    assert [e.points for e in PointEntry.objects.order_by("id")] == [-2, 2]
    assert balance_of(cast.mei) == 0


def test_rejected_appeal_leaves_the_points_taken(cast: Cast, hu: Employee) -> None:
    asked = appeal(cast, taken(cast))
    decide_appeal(appeal=asked, is_upheld=False, reason="扫描记录清楚", by=hu, scope=scope_of(hu))
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
        counter_points(entry=entry, reason="重复", by=cast.sun, scope=scope_of(cast.sun))
    Case.objects.update(resolution="no_fault")
    entry = PointEntry.objects.get()
    with pytest.raises(SecondPerson):
        counter_points(entry=entry, reason="重复", by=cast.li, scope=scope_of(cast.li))
    who = {"by": cast.sun, "scope": scope_of(cast.sun)}
    against = counter_points(entry=entry, reason="重复", **who)
    assert counter_points(entry=entry, reason="重复", **who) == against
    assert (against.points, balance_of(cast.li)) == (-2, 0)
    with pytest.raises(Refused):
        counter_points(entry=against, reason="算错", **who)


def test_countered_deduction_leaves_room_in_the_month(cast: Cast) -> None:
    deduction = taken(cast)
    counter_points(entry=deduction.entry, reason="记错人", by=cast.li, scope=scope_of(cast.li))
    for _n in range(2):
        decide(propose(cast, an_error(cast)), cast.li)
    assert balance_of(cast.mei) == -4


# --- statement


def test_statement_of_a_month_begins_where_the_last_one_ended(cast: Cast, morning: Any) -> None:
    taken(cast)
    morning.move_to(NOW + timedelta(days=10))
    close(cast, make_case(cast, source="bench"))
    react()
    november = month_statement(cast.mei, date(2026, 11, 1), "Asia/Shanghai")
    december = month_statement(cast.mei, date(2026, 12, 1), "Asia/Shanghai")
    assert (november.before, november.after, december.before, december.after) == (0, -2, -2, 0)
    assert [a.this_month for a in accounts([cast.mei, cast.wang], date(2026, 12, 1), "Asia/Shanghai")] == [2, 0]


def test_everybody_with_entries_is_told_of_their_statement_once(cast: Cast, morning: Any) -> None:
    taken(cast)
    assert send_statements(clock.now()) == 0
    morning.move_to(datetime(2026, 12, 1, 8, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert send_statements(clock.now()) == 1
    assert send_statements(clock.now()) == 0
    assert Notice.objects.get(key__startswith="points:2026-11").recipient == cast.mei


def test_month_runs_from_its_first_to_its_last_moment_in_the_zone() -> None:
    start, end = month_span(date(2026, 12, 1), "Asia/Shanghai")
    assert start.isoformat() == "2026-12-01T00:00:00+08:00"
    assert end.isoformat() == "2026-12-31T23:59:59.999999+08:00"


# --- pages


def test_account_is_seen_by_the_person_and_their_managers_alone(cast: Cast, sign_in: Callable[..., Any]) -> None:
    taken(cast)
    mine = sign_in(cast.mei).get("/cases/points/")
    assert mine.context["balance"] == -2
    assert "申诉" in mine.content.decode()
    path = f"/cases/points/people/{cast.mei.pk}/"
    seen = {p.number: sign_in(p).get(path).status_code for p in (cast.mei, cast.wang, cast.li, cast.chen)}
    assert seen == {"1001": 403, "1002": 403, "1003": 200, "2001": 404}
    assert "-2" in sign_in(cast.mei).get(f"{path}month.csv?month=2026-11").getvalue().decode("utf-8-sig")


def test_people_are_listed_by_name_whatever_their_points(cast: Cast, sign_in: Callable[..., Any]) -> None:
    taken(cast)
    rows = sign_in(cast.li).get("/cases/points/people/").context["rows"]
    assert [row.employee.name for row in rows] == sorted(row.employee.name for row in rows)
    assert {row.employee.number: row.balance for row in rows}["1001"] == -2


def test_deduction_goes_from_the_case_to_the_decision_to_the_appeal(cast: Cast, sign_in: Callable[..., Any]) -> None:
    acknowledged = a_rule(cast)
    mei, wang, li = map(sign_in, (cast.mei, cast.wang, cast.li))
    assert acknowledged.text in mei.get("/cases/points/").content.decode()
    mei.post(f"/cases/points/rules/{acknowledged.pk}/acknowledge/")
    case = an_error(cast)
    assert "deduction/" in wang.get(f"/cases/{case.pk}/").content.decode()
    wang.post(f"/cases/{case.pk}/deduction/", {"client_id": uuid.uuid4(), "evidence": "扫描记录"})
    deduction = Deduction.objects.get()
    page = wang.get(f"/cases/{case.pk}/").content.decode()
    assert "已经提过或扣过分" in page and "不扣分" not in page
    assert "扫描记录" in li.get("/cases/points/decisions/").content.decode()
    li.post(f"/cases/points/deductions/{deduction.pk}/", {"word": "yes"})
    mei.post(f"/cases/points/deductions/{deduction.pk}/appeal/", {"client_id": uuid.uuid4(), "text": "不是我"})
    asked = Appeal.objects.get()
    page = li.post(f"/cases/points/appeals/{asked.pk}/", {"word": "yes", "reason": "好"}, follow=True)
    asked.refresh_from_db()
    assert asked.is_upheld is None
    assert "message" in page.content.decode()
    sign_in(cast.sun).post(f"/cases/points/appeals/{asked.pk}/", {"word": "yes", "reason": "不是他"})
    assert balance_of(cast.mei) == 0


def test_case_says_why_no_deduction_is_possible(cast: Cast, sign_in: Callable[..., Any]) -> None:
    a_rule(cast)
    page = sign_in(cast.wang).get(f"/cases/{an_error(cast).pk}/").content.decode()
    assert "/deduction/" not in page
    assert "扣分：" in page and "还没有确认这条规则" in page
