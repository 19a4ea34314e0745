"""A moment that is typed is of the clock of the site that it is about; a field says so where the viewer's differs."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from cases.models import ContactLog
from contingency.models import Drill
from orders.models import Coverage, DeadlineMove
from people.models import Employee, Membership, Role
from tests.cases.factories import make_case
from tests.cast import SINCE, Cast
from tests.contingency.factories import make_plan
from tests.orders.factories import make_import
from tests.training.factories import make_module
from training.models import Assignment

NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)  # 12:00 in Berlin, 19:00 in Shanghai
TYPED, MEANT = "2026-11-26T09:30", datetime(2026, 11, 26, 8, 30, tzinfo=UTC)
SignIn = Callable[[Employee], Client]
Asked = tuple[str, str, dict[str, Any], Callable[[], datetime | None]]


@pytest.fixture
def berlin(cast: Cast) -> Cast:
    """The cast's site lies in Berlin; who types, Li, is at home in Shanghai and works at both."""
    cast.site.zone = "Europe/Berlin"
    cast.site.save()
    Membership.objects.filter(employee=cast.li).delete()
    for site in (cast.other_site, cast.site):
        Membership.objects.create(employee=cast.li, role=Role.MANAGER, site=site, starts_on=SINCE)
    return cast


def follow_up(cast: Cast) -> Asked:
    case = make_case(cast)
    sent = {"whom": "courier", "channel": "phone", "said": "在查", "follow_up_at": TYPED}
    page = f"/cases/{case.pk}/"
    return page, f"{page}contact/", sent, lambda: ContactLog.objects.get().follow_up_at


def course(cast: Cast) -> Asked:
    page = f"/training/modules/{make_module().module.pk}/assign/"
    sent = {"site": cast.site.pk, "employee": cast.mei.number, "due_at": TYPED}
    return page, page, sent, lambda: Assignment.objects.get().duty.due_at


def drill(cast: Cast) -> Asked:
    page = f"/plans/{make_plan([cast.site]).pk}/drill/"
    return page, page, {"site": cast.site.pk, "lead": cast.wang.pk, "due_at": TYPED}, lambda: Drill.objects.get().due_at


def moved_deadline(cast: Cast) -> Asked:
    times = {"paid_from": "2026-11-20T00:00", "paid_until": "2026-11-22T00:00", "ship_by": TYPED}
    sent = {"shop": cast.shop.pk, "reason": "平台公告", **times}
    return "/orders/rules/", "/orders/rules/", sent, lambda: DeadlineMove.objects.get().ship_by


def coverage(cast: Cast) -> Asked:
    batch = make_import(cast.shop, state="preview")
    row = Coverage.objects.create(batch=batch, shop=cast.shop, side="labels", starts_at=NOON, ends_at=NOON)
    page = f"/orders/imports/{batch.pk}/"
    sent = {"starts_at": "2026-11-25T00:00", "ends_at": TYPED}
    return page, f"{page}coverage/{row.pk}/", sent, lambda: Coverage.objects.get().ends_at


@pytest.mark.parametrize(
    "asked", [follow_up, course, drill, moved_deadline, coverage], ids=lambda asked: asked.__name__
)
def test_typed_moment_is_of_the_clock_of_its_site_and_the_field_says_so(
    berlin: Cast, sign_in: SignIn, asked: Callable[[Cast], Asked]
) -> None:
    with time_machine.travel(NOON, tick=False):
        page, address, sent, kept = asked(berlin)
        client = sign_in(berlin.li)
        shown = client.get(page).content.decode()
        response = client.post(address, {"client_id": str(uuid.uuid4()), **sent})
        assert response.status_code == 302
    assert "按 Berlin 的时间填写。" in shown or "按所选地点的当地时间填写。" in shown
    assert kept() == MEANT


def test_coverage_that_is_edited_stands_in_the_form_as_the_page_tells_it(berlin: Cast, sign_in: SignIn) -> None:
    with time_machine.travel(NOON, tick=False):
        shown = sign_in(berlin.li).get(coverage(berlin)[0]).content.decode()
    assert 'value="2026-11-25T12:00"' in shown and 'value="2026-11-25T19:00"' not in shown


def test_viewer_of_the_same_clock_reads_no_word_of_it(cast: Cast, sign_in: SignIn) -> None:
    assert "的时间填写" not in sign_in(cast.li).get(follow_up(cast)[0]).content.decode()
