"""Notices are read by whom they are for."""

import pytest

from notifications import services
from notifications.models import Notice
from tests import things
from tests.cast import Cast
from tests.test_architecture import writing_services
from tests.who import Table, check_refused


def reading(cast: Cast):
    notice = Notice.objects.get(**things.notice(cast))
    return lambda who: services.read_notice(notice=notice, actor=who)


TABLE: Table = {
    "read_notice": ("mei", reading),
    "read_notices": ("person", lambda c: lambda who: services.read_notices(actor=who)),
}


def test_table_knows_every_service() -> None:
    assert set(TABLE) == writing_services("notifications")


@pytest.mark.parametrize("name", TABLE)
def test_whoever_may_not_is_refused(cast: Cast, name: str) -> None:
    check_refused(cast, TABLE, name)
