"""The morning on which it happens, and a second manager."""

from typing import Any

import pytest
import time_machine

from people.models import Employee, Membership, Role
from tests.cases.points.factories import NOW
from tests.cast import SINCE, Cast, make_employee


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
