"""Rules, errors, deductions as tests of points need them."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases.models import Case, Deduction, PointRule
from cases.services import (
    acknowledge_rule,
    decide_deduction,
    propose_deduction,
    record_deduction_rule,
    reward_points,
)
from kernel import clock
from people.actor import Actor
from people.models import Employee
from records.models import Fact
from tests.cases.factories import hear, make_case, name
from tests.cast import Cast

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


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
    return record_deduction_rule(**said, actor=Actor.of(by))


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
    return propose_deduction(case=case, actor=Actor.of(by), **said)


def decide(deduction: Deduction, by: Employee, *, yes: bool = True, reason: str = "") -> Deduction:
    return decide_deduction(deduction=deduction, is_approved=yes, reason=reason, actor=Actor.of(by))


def taken(cast: Cast) -> Deduction:
    """A deduction that was approved."""
    acknowledge_rule(rule=a_rule(cast), actor=Actor.of(cast.mei))
    return decide(propose(cast, an_error(cast)), cast.li)


def react() -> None:
    for fact in Fact.objects.filter(kind="case.closed"):
        reward_points(fact)
