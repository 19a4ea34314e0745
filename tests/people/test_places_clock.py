"""Pages of what belongs to a site show its clock, and name the place where the viewer's shows another time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone

from contingency.models import Activation
from duties.models import Duty
from orders.models import Import, Order
from people.models import Membership, Role
from records.models import LedgerEntry
from tests.cases.factories import make_case
from tests.cast import SINCE, Cast
from tests.contingency.factories import make_activation
from tests.orders.factories import make_finding, make_import, make_order
from tests.training.factories import make_assignment

BERLIN_NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)  # 12:00 in Berlin, 19:00 in Shanghai


@pytest.fixture
def berlin(cast: Cast) -> Cast:
    """The cast's site lies in Berlin; the viewer, Sun, is at home in Shanghai."""
    cast.site.zone = "Europe/Berlin"
    cast.site.save()
    Membership.objects.create(employee=cast.sun, role=Role.MANAGER, site=cast.other_site, starts_on=SINCE)
    return cast


OF_ONE = ("case", "cases", "order", "finding", "course", "unchecked", "activation", "import")
CHOSEN = ("board", "figures", "imports", "ledger", "entry")


@pytest.mark.parametrize("what", [*OF_ONE, *CHOSEN])
def test_page_shows_the_clock_of_the_site_that_it_belongs_to(berlin: Cast, sign_in, what: str) -> None:
    with time_machine.travel(BERLIN_NOON, tick=False):
        response = sign_in(berlin.sun).get(place_of(what, berlin))
        main = response.content.decode().partition("<main")[2]
    assert "12:30 (Berlin)" in main
    assert "19:30" not in main.replace("T19:30", "")  # what a machine reads has its offset


def place_of(what: str, cast: Cast) -> str:
    """The address of a page on which something of 12:30 at the cast's site stands."""
    soon = BERLIN_NOON + timedelta(minutes=30)
    order = make_order(cast.shop, ship_by=soon, paid_at=BERLIN_NOON)
    if what in ("case", "cases"):
        case = make_case(cast, due_at=soon)
        return "/cases/" if what == "cases" else f"/cases/{case.pk}/"
    if what == "order":
        return f"/orders/{order.pk}/"
    if what == "finding":
        return f"/orders/findings/{make_finding(order, due_at=soon).pk}/"
    if what == "course":
        assignment = make_assignment(cast)
        Duty.objects.filter(pk=assignment.duty_id).update(due_at=soon)
        return f"/training/{assignment.pk}/"
    if what == "unchecked":
        Order.objects.filter(pk=order.pk).update(shipped_at=soon, status="shipped", unchecked=",match:labels:,")
        return "/orders/unchecked/"
    if what in ("ledger", "entry"):
        with time_machine.travel(soon, tick=False):
            make_case(cast)
        sealed = LedgerEntry.objects.get(kind="case.opened")
        where = f"{sealed.chain_id}/{sealed.seq}/" if what == "entry" else f"?chain={sealed.chain_id}"
        return f"/compliance/ledger/{where}"
    if what in CHOSEN:
        make_import(cast.shop, kinds=["orders", "labels", "tracking"], as_of=soon)
        return {
            "board": f"/orders/board/?shop={cast.shop.pk}",
            "figures": f"/orders/figures/findings_open/?shop={cast.shop.pk}",
            "imports": "/orders/imports/",
        }[what]
    if what == "activation":
        made = make_activation(cast)
        Activation.objects.filter(pk=made.pk).update(started_at=soon)
        return f"/plans/activations/{made.pk}/"
    Import.objects.filter(pk=make_import(cast.shop).pk).update(created_at=soon)
    return "/orders/imports/"


def test_viewer_of_the_same_clock_reads_no_name_of_a_place(cast: Cast, sign_in) -> None:
    case = make_case(cast)
    assert "(Shanghai)" not in sign_in(cast.sun).get(f"/cases/{case.pk}/").content.decode()


def test_clock_of_a_place_ends_with_its_block() -> None:
    source = "{% clock_of zone %}{{ at|moment }}{% endclock_of %} {{ at|moment }}"
    with time_machine.travel(BERLIN_NOON, tick=False), timezone.override(ZoneInfo("Asia/Shanghai")):
        words = {"zone": "Europe/Berlin", "at": BERLIN_NOON}
        assert Template(source).render(Context(words)) == "12:00 (Berlin) 19:00"
        assert Template(source).render(Context({"at": BERLIN_NOON})) == "19:00 19:00"
