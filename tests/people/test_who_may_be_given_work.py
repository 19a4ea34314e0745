"""Lists of people to whom work may be given name those who may have it, and the service says the same."""

import uuid
from collections.abc import Callable, Iterable
from datetime import date

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from cases.forms.cases import AssignForm, GiveForm
from cases.services import assign_case
from checklists.details import Details
from checklists.forms import AnswerForm, PassForm
from checklists.models import Run
from checklists.services import give_pass
from kernel.errors import Refused
from people.actor import Actor
from people.forms import RosterDayForm
from people.models import Employee, Membership, Role
from people.scope import scope_of
from people.selectors import close_colleagues
from tests.cases.factories import make_case
from tests.cast import SINCE, Cast, make_employee
from tests.checklists.conftest import answer, morning, run, schedule
from tests.training.factories import make_module
from training.forms import AssignForm as CourseForm
from training.services import assign_module

__all__ = ["answer", "morning", "run", "schedule"]  # fixtures

SignIn = Callable[[Employee], Client]


@pytest.fixture
def zhao(cast: Cast) -> Employee:
    """The auditor, whom somebody has put into the team too."""
    Membership.objects.filter(employee=cast.zhao).update(team=cast.team)
    return cast.zhao


def offered(form: object, name: str) -> set[Employee]:
    return set(form.fields[name].queryset)  # type: ignore[attr-defined]


def test_pass_is_for_who_can_work_there(cast: Cast, zhao: Employee, run: Run) -> None:
    of_shop = make_employee("3001", "何静")
    Membership.objects.create(employee=of_shop, role=Role.EMPLOYEE, shop=cast.shop, starts_on=SINCE)
    assert offered(PassForm(run=run, by=cast.wang), "employee") == {cast.mei, cast.li, of_shop}
    for person in (zhao, cast.chen):
        with pytest.raises(Refused):
            give_pass(run=run, employee=person, actor=Actor.of(cast.wang), reason="人手不够")


def test_corrective_action_is_for_who_can_work_there(cast: Cast, zhao: Employee, run: Run, answer) -> None:
    item = run.version.items.get(slug="hold")
    assert zhao not in offered(AnswerForm(run=run, item=item), "correction_by")
    assert zhao not in set(close_colleagues(cast.mei.pk, site_id=cast.site.pk, on=run.day))
    with pytest.raises(Refused):
        details = Details(note="漏了", correction="去拦", correction_by=zhao)
        answer(run, "hold", cast.mei, "fail", details=details)


def test_case_is_for_who_works_for_its_shop(cast: Cast, zhao: Employee) -> None:
    case = make_case(cast)
    staff = {cast.mei, cast.wang, cast.li}
    assert offered(AssignForm(case=case), "to") == staff
    assert offered(GiveForm(QueryDict(f"case={case.pk}"), scope=scope_of(cast.wang)), "to") == staff
    for person in (zhao, cast.chen):
        with pytest.raises(Refused):
            assign_case(case=case, to=person, actor=Actor.of(cast.wang))


def test_course_is_for_who_works_where_it_is_assigned(cast: Cast, zhao: Employee) -> None:
    module = make_module().module
    assert offered(CourseForm(scope=scope_of(cast.li)), "employee") == {cast.mei, cast.wang, cast.li}
    for person in (zhao, cast.chen):
        words = {"module": module, "site": cast.site, "key": str(uuid.uuid4())}
        with pytest.raises(Refused):
            assign_module(employee=person, actor=Actor.of(cast.li), **words)


def test_roster_is_for_who_is_in_the_team(cast: Cast) -> None:
    left, gone = (make_employee(f"300{n}", f"员工{n}", is_active=n == 1) for n in (1, 2))
    words = {"role": Role.EMPLOYEE, "site": cast.site, "team": cast.team, "starts_on": SINCE}
    Membership.objects.create(employee=left, ends_on=date(2025, 6, 1), **words)
    Membership.objects.create(employee=gone, **words)
    assert offered(RosterDayForm(team=cast.team), "employee") == {cast.mei, cast.wang}


def test_pages_offer_no_auditor(cast: Cast, zhao: Employee, run: Run, sign_in: SignIn) -> None:
    pages: Iterable[str] = (
        reverse("checklists:run_detail", args=[run.pk]),
        reverse("duties:duty_detail", args=[run.duty_id]),
        reverse("cases:case_detail", args=[make_case(cast, owner=cast.mei).pk]),
    )
    for page in pages:
        assert f'<option value="{zhao.pk}"' not in sign_in(cast.wang).get(page).content.decode(), page
