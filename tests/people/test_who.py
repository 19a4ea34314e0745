"""Every service of the people room with everybody who may not."""

from datetime import time

import pytest

from kernel import clock
from people import services
from people.models import Membership, SavedView, Shift
from tests.cast import SINCE, Cast
from tests.test_architecture import writing_services
from tests.who import Table, check_refused


def removing(cast: Cast):
    view = SavedView.objects.create(employee=cast.mei, page="cases:case_list", name="我的", query="a=1")
    return lambda who: services.remove_view(view=view, actor=who)


TABLE: Table = {
    "acknowledge_notice": ("person", lambda c: lambda who: services.acknowledge_notice(actor=who)),
    "change_password": ("person", lambda c: lambda who: services.change_password(actor=who, password="bench-and-tape")),
    "set_pin": ("person", lambda c: lambda who: services.set_pin(actor=who, pin="830271")),
    "choose_language": ("person", lambda c: lambda who: services.choose_language(actor=who, language="en")),
    "hire_employee": ("administrator", lambda c: lambda who: services.hire_employee(number="1", name="新", actor=who)),
    "edit_employee": (
        "administrator",
        lambda c: lambda who: services.edit_employee(employee=c.mei, name="梅", actor=who),
    ),
    "deactivate_employee": (
        "administrator",
        lambda c: lambda who: services.deactivate_employee(employee=c.mei, actor=who),
    ),
    "reactivate_employee": (
        "administrator",
        lambda c: lambda who: services.reactivate_employee(employee=c.mei, actor=who),
    ),
    "reset_password": ("administrator", lambda c: lambda who: services.reset_password(employee=c.mei, actor=who)),
    "add_membership": (
        "administrator",
        lambda c: (
            lambda who: services.add_membership(employee=c.mei, role="manager", site=c.site, starts_on=SINCE, actor=who)
        ),
    ),
    "end_membership": (
        "administrator",
        lambda c: (
            lambda who: services.end_membership(
                membership=Membership.objects.get(employee=c.mei), on=clock.today("Asia/Shanghai"), actor=who
            )
        ),
    ),
    "create_site": ("administrator", lambda c: lambda who: services.create_site(code="new", name="新仓", actor=who)),
    "create_shop": (
        "administrator",
        lambda c: lambda who: services.create_shop(code="new", name="新店", site=c.site, actor=who),
    ),
    "save_place": (
        "administrator",
        lambda c: (
            lambda who: services.save_place(
                place=Shift(site=c.site, name="中班", starts=time(9), ends=time(17)), actor=who
            )
        ),
    ),
    "set_roster_day": (
        "lead",
        lambda c: (
            lambda who: services.set_roster_day(
                team=c.team, employee=c.mei, day=clock.today("Asia/Shanghai"), shift=None, is_leave=True, actor=who
            )
        ),
    ),
    "copy_week": (
        "lead",
        lambda c: lambda who: services.copy_week(team=c.team, monday=clock.today("Asia/Shanghai"), actor=who),
    ),
    "check_in": ("employee", lambda c: lambda who: services.check_in(shift=c.day_shift, at=clock.now(), actor=who)),
    "save_view": (
        "lead",
        lambda c: (
            lambda who: services.save_view(
                page="cases:case_list", name="大家的", query="status=all", site=c.site, actor=who
            )
        ),
    ),
    "remove_view": ("mei", removing),
}


def test_table_knows_every_service() -> None:
    assert set(TABLE) == writing_services("people")


@pytest.mark.parametrize("name", TABLE)
def test_whoever_may_not_is_refused(cast: Cast, name: str) -> None:
    check_refused(cast, TABLE, name)
