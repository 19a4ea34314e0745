"""Responsibility is a lead's word after hearing the person; what is learnt from it is a duty."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from cases.models import Retraining, RetrainingRule
from cases.retraining_report import repeats
from cases.services import (
    NoProof,
    NotHeard,
    add_retraining_rule,
    assign_retraining,
    end_retraining_rule,
    reopen_case,
)
from duties.models import Duty
from duties.services import complete_duty
from kernel import clock
from kernel.errors import Conflict, NotAllowed, Refused
from people.actor import Actor
from people.scope import scope_of
from records.models import Fact, LedgerEntry
from tests.cases.factories import close, hear, make_case, name
from tests.cast import Cast
from tests.training.factories import make_module


def react() -> None:
    for fact in Fact.objects.filter(kind="case.closed"):
        assign_retraining(fact)


def rule(cast: Cast, **more: Any) -> RetrainingRule:
    by = more.pop("by", cast.li)
    said = {"shop": cast.shop, "cause": "manual_entry", "role": "employee", "days": 7, **more}
    said.setdefault("starts_on", clock.today("Asia/Shanghai"))
    said.setdefault("module", make_module().module)
    return add_retraining_rule(**said, actor=Actor.of(by))


def test_nobody_is_named_before_they_were_heard_and_without_proof(cast: Cast) -> None:
    case = make_case(cast)
    with pytest.raises(NotHeard, match=cast.mei.name):
        name(cast, case, cast.mei)
    hear(cast, case)
    with pytest.raises(NoProof):
        name(cast, case, cast.mei, proof="  ")
    name(cast, case, cast.mei)
    case.refresh_from_db()
    assert case.responsible == cast.mei
    assert f'"employee":"{cast.mei.ref}"' in LedgerEntry.objects.get(kind="case.responsible").canonical


def test_lead_may_take_a_name_back_and_both_words_stay(cast: Cast) -> None:
    case = make_case(cast)
    hear(cast, case)
    name(cast, case, cast.mei)
    name(cast, case, None, proof="")
    case.refresh_from_db()
    assert case.responsible is None
    assert [r.employee for r in case.responsibilities.order_by("id")] == [cast.mei, None]
    assert [e.kind for e in case.events.order_by("id")][-2:] == ["responsible", "unclear"]


def test_employee_speaks_for_themself_only_and_names_nobody(cast: Cast) -> None:
    case = make_case(cast)
    with pytest.raises(NotAllowed):
        hear(cast, case, who=cast.wang, by=cast.mei)
    with pytest.raises(NotAllowed):
        name(cast, case, None, by=cast.mei)
    assert hear(cast, case, who=cast.mei, by=cast.wang).written_by == cast.wang


def test_repeats_are_once_and_another_content_conflicts(cast: Cast) -> None:
    case, key = make_case(cast), uuid.uuid4()
    assert hear(cast, case, client_id=key) == hear(cast, case, client_id=key)
    with pytest.raises(Conflict):
        hear(cast, case, client_id=key, text="不是我")
    key = uuid.uuid4()
    assert name(cast, case, cast.mei, client_id=key) == name(cast, case, cast.mei, client_id=key)
    with pytest.raises(Conflict):
        name(cast, case, None, client_id=key)


def test_statement_is_read_by_the_person_and_by_leads(cast: Cast, sign_in: Callable[..., Any]) -> None:
    case = make_case(cast)
    hear(cast, case, who=cast.wang, by=cast.wang, text="是我打的单")
    pages = {p.number: sign_in(p).get(f"/cases/{case.pk}/").content.decode() for p in (cast.mei, cast.wang, cast.zhao)}
    assert ["是我打的单" in page for page in pages.values()] == [False, True, False]
    assert "责任待查" in pages[cast.mei.number]


def test_closed_case_assigns_what_its_rule_names_once(cast: Cast) -> None:
    made = rule(cast)
    case = make_case(cast)
    hear(cast, case)
    name(cast, case, cast.mei)
    close(cast, case)
    react()
    given = Retraining.objects.get()
    assert (given.rule, given.assignment.employee, given.assignment.module) == (made, cast.mei, made.module)
    assert Duty.objects.filter(assignment=given.assignment, completed_at=None).exists()
    reopen_case(case=case, actor=Actor.of(cast.wang), client_id=uuid.uuid4(), note="又错了")
    close(cast, case)
    react()
    assert Retraining.objects.count() == 1


@pytest.mark.parametrize("why", ["no responsible", "another cause", "another role", "ended", "later", "another shop"])
def test_case_assigns_nothing_where_no_rule_fits(cast: Cast, why: str) -> None:
    with time_machine.travel(clock.now(), tick=False):
        more: dict[str, Any] = {
            "another cause": {"cause": "courier"},
            "another role": {"role": "lead"},
            "later": {"starts_on": clock.today("Asia/Shanghai") + timedelta(days=2)},
            "another shop": {"shop": cast.other_shop, "by": cast.sun},
        }.get(why, {})
        made = rule(cast, **more)
        if why == "ended":
            end_retraining_rule(rule=made, actor=Actor.of(cast.li))
        case = make_case(cast)
        hear(cast, case)
        if why != "no responsible":
            name(cast, case, cast.mei)
        close(cast, case)
        react()
    assert not Retraining.objects.exists()


def test_same_rule_twice_is_refused_and_all_shops_are_an_administrators(cast: Cast) -> None:
    made = rule(cast)
    with pytest.raises(Refused, match="已有"):
        rule(cast, module=made.module)
    with pytest.raises(NotAllowed):
        rule(cast, shop=None, module=made.module)
    assert rule(cast, shop=None, module=made.module, by=cast.sun).shop is None


def test_report_compares_thirty_days_before_and_after(cast: Cast, sign_in: Callable[..., Any]) -> None:
    start = clock.now()
    with time_machine.travel(start, tick=False) as traveller:
        made = rule(cast)
        for _ in range(2):
            case = make_case(cast)
            hear(cast, case)
            name(cast, case, cast.mei)
            close(cast, case)
        react()
        traveller.shift(timedelta(days=3))
        for given in Retraining.objects.all():
            complete_duty(duty=given.assignment.duty, actor=Actor.of(cast.mei), at=clock.now())
        traveller.shift(timedelta(days=5))
        late = make_case(cast)
        hear(cast, late)
        name(cast, late, cast.mei)
        close(cast, late)
        [running] = repeats(scope_of(cast.wang), clock.now())
        assert (running.assigned, running.done, running.over, running.before, running.after) == (2, 2, 0, 2.0, None)
        traveller.shift(timedelta(days=40))
        [over] = repeats(scope_of(cast.wang), clock.now())
        assert (over.over, over.after) == (2, 1.0)
        assert "1.00" in sign_in(cast.wang).get("/cases/retraining/").content.decode()
    assert over.title == made.module.title
    assert repeats(scope_of(cast.chen), clock.now()) == []


def test_lead_hears_and_names_and_manager_makes_a_rule_on_the_pages(cast: Cast, sign_in: Callable[..., Any]) -> None:
    case, wang, li = make_case(cast), sign_in(cast.wang), sign_in(cast.li)
    spoken = {"client_id": uuid.uuid4(), "employee": cast.mei.pk, "text": "拿反了", "is_own_report": "on"}
    assert wang.post(f"/cases/{case.pk}/statement/", spoken).status_code == 302
    named = {"client_id": uuid.uuid4(), "employee": cast.mei.pk, "proof": ""}
    assert wang.post(f"/cases/{case.pk}/responsible/", named).status_code == 422
    assert wang.post(f"/cases/{case.pk}/responsible/", {**named, "proof": "监控"}).status_code == 302
    assert "主动上报" in wang.get(f"/cases/{case.pk}/").content.decode()
    module, today = make_module().module, clock.today("Asia/Shanghai").isoformat()
    sent = {"shop": cast.shop.pk, "cause": "manual_entry", "role": "employee", "module": module.pk, "days": 3}
    assert li.post("/cases/retraining/", {**sent, "starts_on": today}).status_code == 302
    assert li.post("/cases/retraining/", {**sent, "starts_on": today}).status_code == 422
    assert li.post(f"/cases/retraining/{RetrainingRule.objects.get().pk}/end/").status_code == 302
    assert wang.post("/cases/retraining/", {**sent, "starts_on": today}).status_code == 403


def test_case_shows_what_it_gave_to_learn_until_it_is_learnt(cast: Cast, sign_in: Any) -> None:
    rule(cast)
    case = make_case(cast)
    hear(cast, case)
    name(cast, case, cast.mei)
    close(cast, case)
    react()
    duty, page = Retraining.objects.get().assignment.duty, reverse("cases:case_detail", args=[case.pk])
    seen = sign_in(cast.wang).get(page).content.decode()
    assert "补训" in seen and duty.title["zh"] in seen and "待办" in seen
    complete_duty(duty=duty, actor=Actor.of(cast.mei), at=clock.now())
    assert "按时" in sign_in(cast.wang).get(page).content.decode()
