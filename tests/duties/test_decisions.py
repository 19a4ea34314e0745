"""What waits for a decision stands on the Today of those who decide."""

import uuid
from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from cases.models import PointRule
from cases.services import acknowledge_rule, resolve_case
from checklists.services import decide_held
from duties.selectors import Decision
from kernel import clock
from orders.models import Import, Verification
from orders.services import take_out
from people.actor import Actor
from people.models import Employee, Membership, Role
from people.scope import scope_of
from tests.cases.factories import make_case
from tests.cast import SINCE, Cast, make_employee
from tests.checklists.conftest import answer, morning, run, schedule
from tests.things import appeal, deduction, late_parcel, point_rule, preview

__all__ = ["answer", "morning", "run", "schedule"]  # fixtures

SignIn = Callable[[Employee], Client]


RULES = "/cases/points/"


def waits(client: Client) -> list[Decision]:
    return client.get("/").context["decisions"]


def decides(client: Client) -> list[str]:
    """Where the viewer decides about others, not what they have to acknowledge themself."""
    return [row.url for row in waits(client) if row.url != RULES]


def test_manager_sees_a_proposed_deduction_and_its_proposer_does_not(cast: Cast, sign_in: SignIn) -> None:
    deduction(cast)
    Membership.objects.create(employee=cast.wang, role=Role.MANAGER, site=cast.site, starts_on=SINCE)
    page = sign_in(cast.li).get("/").content.decode()
    assert 'href="/cases/points/decisions/"' in page and "1 笔扣分或申诉" in page
    for person in (cast.wang, cast.mei, cast.zhao, cast.chen):
        assert decides(sign_in(person)) == []


def test_appeal_waits_for_who_had_no_part_in_it(cast: Cast, sign_in: SignIn) -> None:
    appeal(cast)
    hu = make_employee("1009", "胡军")
    Membership.objects.create(employee=hu, role=Role.MANAGER, site=cast.site, starts_on=SINCE)
    assert decides(sign_in(hu)) == ["/cases/points/decisions/"]
    assert decides(sign_in(cast.sun)) == []  # approved it


def test_resolved_case_waits_for_a_lead_until_it_is_closed(cast: Cast, sign_in: SignIn) -> None:
    case, scope = make_case(cast, owner=cast.mei), scope_of(cast.mei)
    words = {"resolution": "no_fault", "cause": "other", "note": "没问题", "client_id": uuid.uuid4()}
    resolve_case(case=case, actor=Actor(cast.mei, scope), **words)
    [decision] = waits(sign_in(cast.wang))
    rows = sign_in(cast.wang).get(decision.url).context["page"].object_list
    assert ([row.pk for row in rows], decision.text) == ([case.pk], "1 张异常单已解决，待关闭")
    assert waits(sign_in(cast.mei)) == []


def test_held_answer_waits_for_a_lead_until_it_is_decided(cast: Cast, run, answer, sign_in: SignIn, morning) -> None:
    given = clock.now()
    morning.shift(timedelta(hours=4))
    held = answer(run, "printer", cast.mei, answered_at=given).answer
    [decision] = waits(sign_in(cast.wang))
    assert decision.url == f"/checks/{run.pk}/record/" and waits(sign_in(cast.mei)) == []
    decide_held(answer=held, actor=Actor.of(cast.wang), is_accepted=True)
    assert waits(sign_in(cast.wang)) == []


def test_who_decides_nothing_is_asked_nothing(cast: Cast, sign_in: SignIn, statements) -> None:
    counts = []
    for person in (cast.mei, cast.wang, cast.li):
        client = sign_in(person)
        client.get("/")
        with statements() as spent:
            client.get("/")
        counts.append(spent())
    assert counts[1] - counts[0] <= 2 and counts[2] - counts[0] <= 4


def test_rule_on_points_waits_for_each_until_they_acknowledge_it(cast: Cast, sign_in: SignIn) -> None:
    rule = PointRule.objects.get(**point_rule(cast))
    mei = sign_in(cast.mei)
    [asked] = waits(mei)
    assert (asked.text, asked.url) == ("1 条积分规则待你确认", RULES)
    assert "等你处理" in mei.get("/").content.decode()
    assert list(mei.get(asked.url).context["to_acknowledge"]) == [rule]
    acknowledge_rule(rule=rule, actor=Actor.of(cast.mei))
    assert waits(mei) == [] and waits(sign_in(cast.wang)) and waits(sign_in(cast.chen)) == []


def test_import_waits_for_the_managers_of_its_shop_until_it_is_confirmed(cast: Cast, sign_in: SignIn) -> None:
    batch = Import.objects.get(**preview(cast))
    [asked] = waits(sign_in(cast.li))
    rows = sign_in(cast.li).get(asked.url).context["page"].object_list
    assert (asked.text, list(rows)) == ("1 次导入待核对、确认", [batch])
    for person in (cast.wang, cast.zhao, cast.chen):
        assert waits(sign_in(person)) == []
    Import.objects.update(state=Import.State.WAITING)
    assert waits(sign_in(cast.li)) == []


def test_parcel_let_go_offline_waits_for_who_did_it_and_their_lead_until_it_is_taken_out(
    cast: Cast, sign_in: SignIn
) -> None:
    late = Verification.objects.get(**late_parcel(cast))
    for person in (cast.mei, cast.wang):
        [asked] = waits(sign_in(person))
        assert list(sign_in(person).get(asked.url).context["late"]) == [late]
    assert waits(sign_in(cast.chen)) == []
    take_out(verification=late, actor=Actor.of(cast.wang), at=clock.now())
    assert waits(sign_in(cast.mei)) == waits(sign_in(cast.wang)) == []


def test_parcels_let_go_are_found_by_an_index_that_holds_no_others(cast: Cast) -> None:
    assert "orders_verification_let_go" in Verification.objects.let_go_offline().filter(at__gte=clock.now()).explain()
