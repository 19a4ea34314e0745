"""What is personal ends with the person who leaves; what the site needs goes to somebody who may do it."""

from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from checklists.models import HandoverSignature, Run, Schedule
from checklists.services import open_due_runs, publish_checklist
from duties.leaving import LEFT, NO_LONGER, hand_on_after
from duties.models import Duty, DutyEvent
from duties.services import claim_duty, let_go
from kernel import clock
from people.actor import Actor
from people.models import Employee, Membership, Role, Roster
from people.services import add_membership, end_membership, tell_memberships
from records.models import Fact
from tests.cast import SINCE, Cast, make_employee, signed_in
from tests.checklists.conftest import MORNING, make_content
from tests.checklists.test_clock import handover
from tests.duties.drafts import owe
from tests.training.factories import make_assignment, make_module, take
from training.models import Assignment
from training.services import assign_path, end_paths


@pytest.fixture(autouse=True)
def morning() -> Any:
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def let(cast: Cast, person: Employee) -> None:
    let_go(employee=person, actor=Actor.of(cast.sun))


def a_lead(cast: Cast, number: str, name: str) -> Employee:
    person = make_employee(number, name)
    Membership.objects.create(employee=person, role=Role.LEAD, site=cast.site, team=cast.team, starts_on=SINCE)
    return person


# --- leaving the company


def test_what_a_leaver_was_to_learn_ends_with_them(cast: Cast) -> None:
    duty = make_assignment(cast).duty
    let(cast, cast.mei)
    duty.refresh_from_db()
    assert (duty.status(clock.now()), duty.waived_reason, duty.waived_by) == ("waived", LEFT, cast.sun)
    assert not Duty.objects.unsettled().filter(assignee=cast.li).exists()
    event = duty.events.get(kind=DutyEvent.Kind.WAIVED)
    assert event.note == LEFT and event.changes["waived_at"][0] is None


@pytest.mark.parametrize("kind", ["module", "acknowledgement", "drill"])
def test_nobody_inherits_what_only_the_leaver_could_do(cast: Cast, kind: str) -> None:
    duty = owe(cast, "k", kind=kind)
    let(cast, cast.mei)
    duty.refresh_from_db()
    assert (duty.assignee, duty.waived_reason) == (cast.mei, LEFT)


@pytest.mark.parametrize("kind", ["case", "follow_up", "correction"])
def test_what_the_site_needs_goes_to_its_manager(cast: Cast, kind: str) -> None:
    duty = owe(cast, "k", kind=kind)
    let(cast, cast.mei)
    duty.refresh_from_db()
    assert (duty.assignee, duty.waived_at) == (cast.li, None)
    assert duty.events.get(kind=DutyEvent.Kind.REASSIGNED).changes["assignee"] == [cast.mei.pk, cast.li.pk]


def test_check_of_a_shift_goes_to_its_lead_who_is_trained_for_it(cast: Cast) -> None:
    version = publish_checklist(slug="morning", content=make_content(modules=[]), actor=Actor.system("command"))
    told = {"site": cast.site, "shift": cast.day_shift, "opens": time(8, 30), "due": time(10)}
    Schedule.objects.create(checklist=version.checklist, **told)
    Roster.objects.create(employee=cast.wang, day=MORNING.date(), shift=cast.day_shift)
    open_due_runs(clock.now())
    duty = Run.objects.get().duty
    claim_duty(duty=duty, actor=Actor.of(cast.mei))
    let(cast, cast.mei)
    duty.refresh_from_db()
    assert duty.assignee == cast.wang


def test_check_that_nobody_there_is_trained_for_may_be_taken_by_anyone(cast: Cast) -> None:
    make_module()
    version = publish_checklist(
        slug="morning", content=make_content(modules=["daily-order-check"]), actor=Actor.system("command")
    )
    told = {"site": cast.site, "shift": cast.day_shift, "opens": time(8, 30), "due": time(10)}
    Schedule.objects.create(checklist=version.checklist, **told)
    Roster.objects.create(employee=cast.wang, day=MORNING.date(), shift=cast.day_shift)
    open_due_runs(clock.now())
    let(cast, cast.wang)
    duty = Run.objects.get().duty
    assert (duty.assignee, duty.is_claimable) == (None, True)


def test_signature_goes_to_a_lead_who_does_not_sign_the_other_side(cast: Cast) -> None:
    version = publish_checklist(slug="handover", content=handover(), actor=Actor.system("command"))
    told = {"site": cast.site, "shift": cast.day_shift, "opens": time(8, 30), "due": time(10)}
    Schedule.objects.create(checklist=version.checklist, **told)
    zhou = a_lead(cast, "1010", "周强")
    for person, shift in ((cast.wang, cast.day_shift), (zhou, cast.night_shift)):
        Roster.objects.create(employee=person, day=MORNING.date(), shift=shift)
    open_due_runs(clock.now())
    let(cast, cast.wang)
    owed = {s.item.signer: s.duty.assignee for s in HandoverSignature.objects.all()}
    assert owed == {"outgoing": cast.li, "incoming": zhou}


def test_what_nobody_else_may_do_is_anyones_of_the_site(cast: Cast) -> None:
    duty = owe(cast, "k", kind="case", assignee=cast.li)
    Membership.objects.filter(employee=cast.wang).delete()
    let(cast, cast.li)
    duty.refresh_from_db()
    assert (duty.assignee, duty.is_claimable) == (None, True)


def test_page_says_what_becomes_of_the_open_duties(cast: Cast) -> None:
    make_assignment(cast)
    page = signed_in(cast.sun).get(reverse("duties:employee_leave", args=[cast.mei.pk]))
    assert "只有本人能做的" in page.content.decode()


def test_leaver_who_owed_nothing_and_had_no_role_is_told_so(cast: Cast) -> None:
    address = reverse("duties:employee_leave", args=[make_employee("5001", "员工").pk])
    page = signed_in(cast.sun).post(address, follow=True).content.decode()
    assert "已停用。没有待办。" in page
    assert "没有角色。" in page and "还没有角色" not in page


# --- a role that begins later, ends, or moves


def day(n: int) -> date:
    return MORNING.date() + timedelta(days=n)


def tick(traveller: Any, days: int) -> int:
    """What the clock tells on a later day, with the reactions to it."""
    traveller.move_to(MORNING + timedelta(days=days))
    count = tell_memberships(clock.now())
    for fact in Fact.objects.order_by("id"):
        if fact.kind in ("membership.begun", "membership.changed"):
            assign_path(fact)
        elif fact.kind == "membership.over":
            end_paths(fact)
            hand_on_after(fact)
    return count


def paths_of(person: Employee) -> list[tuple[str, str]]:
    """(site, state of the duty) of each module somebody was given."""
    rows = Assignment.objects.filter(employee=person).select_related("site", "duty").order_by("id")
    return [(row.site.code, row.duty.status(clock.now())) for row in rows if row.duty]


@pytest.mark.parametrize("days", [3, 20])  # on the day, and after an outage of weeks
def test_role_that_begins_later_gets_its_path_when_it_begins(cast: Cast, morning: Any, days: int) -> None:
    make_module()
    new = make_employee("1020", "新人")
    add_membership(employee=new, role=Role.EMPLOYEE, site=cast.site, starts_on=day(3), actor=Actor.of(cast.sun))
    assert tick(morning, 2) == 0 and paths_of(new) == []
    assert tick(morning, days) == 1 and paths_of(new) == [("hangzhou", "due")]
    assert tick(morning, days) == 0 and len(paths_of(new)) == 1


def test_role_that_ends_takes_its_path_along(cast: Cast, morning: Any) -> None:
    make_module()
    assign_path(Fact(kind="membership.changed", subject=cast.mei.ref))
    end_membership(membership=Membership.objects.get(employee=cast.mei), on=day(0), actor=Actor.of(cast.sun))
    assert tick(morning, 0) == 0 and paths_of(cast.mei) == [("hangzhou", "due")]
    assert tick(morning, 1) == 1 and paths_of(cast.mei) == [("hangzhou", "waived")]
    assert Assignment.objects.get().duty.waived_reason == NO_LONGER


def test_path_moves_with_whoever_moves(cast: Cast, morning: Any) -> None:
    make_module()
    assign_path(Fact(kind="membership.changed", subject=cast.mei.ref))
    end_membership(membership=Membership.objects.get(employee=cast.mei), on=day(0), actor=Actor.of(cast.sun))
    add_membership(
        employee=cast.mei, role=Role.EMPLOYEE, site=cast.other_site, starts_on=day(1), actor=Actor.of(cast.sun)
    )
    for _ in range(2):
        tick(morning, 1)
        assert paths_of(cast.mei) == [("hangzhou", "waived"), ("yiwu", "due")]


def test_path_that_another_role_there_asks_for_stays(cast: Cast, morning: Any) -> None:
    make_module(roles=["employee", "lead"])
    assign_path(Fact(kind="membership.changed", subject=cast.mei.ref))
    end_membership(membership=Membership.objects.get(employee=cast.mei), on=day(0), actor=Actor.of(cast.sun))
    add_membership(
        employee=cast.mei, role=Role.LEAD, site=cast.site, team=cast.team, starts_on=day(1), actor=Actor.of(cast.sun)
    )
    tick(morning, 1)
    assert paths_of(cast.mei) == [("hangzhou", "due")]


def test_whoever_is_qualified_gets_no_path_with_another_role(cast: Cast, morning: Any) -> None:
    take(make_assignment(cast))
    add_membership(
        employee=cast.mei, role=Role.EMPLOYEE, site=cast.other_site, starts_on=day(1), actor=Actor.of(cast.sun)
    )
    tick(morning, 1)
    assert paths_of(cast.mei) == [("hangzhou", "on_time")]


def test_what_a_lead_waived_is_not_assigned_again(cast: Cast, morning: Any) -> None:
    make_module()
    fact = Fact(kind="membership.changed", subject=cast.mei.ref)
    assign_path(fact)
    Duty.objects.update(waived_at=clock.now(), waived_by=cast.wang, waived_reason="在别处学过")
    assign_path(fact)
    assert len(paths_of(cast.mei)) == 1


def test_shifts_work_goes_on_when_a_person_moves_away(cast: Cast, morning: Any) -> None:
    case = owe(cast, "k", kind="case")
    end_membership(membership=Membership.objects.get(employee=cast.mei), on=day(0), actor=Actor.of(cast.sun))
    tick(morning, 1)
    case.refresh_from_db()
    assert (case.assignee, case.events.latest("id").note) == (cast.li, NO_LONGER)


def test_lead_who_becomes_an_employee_reviews_no_more(cast: Cast, morning: Any) -> None:
    version = publish_checklist(slug="handover", content=handover(), actor=Actor.system("command"))
    told = {"site": cast.site, "shift": cast.day_shift, "opens": time(8, 30), "due": time(10)}
    Schedule.objects.create(checklist=version.checklist, **told)
    Roster.objects.create(employee=cast.wang, day=MORNING.date(), shift=cast.day_shift)
    open_due_runs(clock.now())
    end_membership(membership=Membership.objects.get(employee=cast.wang), on=day(0), actor=Actor.of(cast.sun))
    add_membership(employee=cast.wang, role=Role.EMPLOYEE, site=cast.site, starts_on=day(0), actor=Actor.of(cast.sun))
    tick(morning, 1)
    assert {s.duty.assignee for s in HandoverSignature.objects.all()} <= {cast.li, None}
    assert Run.objects.get().duty.assignee == cast.wang


def test_nobody_is_rostered_after_their_last_day_at_a_site(cast: Cast) -> None:
    for n in (0, 1, 2):
        Roster.objects.create(employee=cast.mei, day=day(n), shift=cast.day_shift)
    add_membership(employee=cast.mei, role=Role.LEAD, site=cast.site, starts_on=day(2), actor=Actor.of(cast.sun))
    end_membership(
        membership=Membership.objects.get(employee=cast.mei, role="employee"), on=day(0), actor=Actor.of(cast.sun)
    )
    assert list(Roster.objects.order_by("day").values_list("day", flat=True)) == [day(0), day(2)]


def test_long_past_roles_are_not_told(cast: Cast) -> None:
    assert tell_memberships(clock.now()) == 0
