"""Every service of a room with everybody who may not: one table a room, refused in the service itself."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import Http404

from kernel.errors import NotAllowed
from people.actor import Actor
from people.models import Employee, Membership, Role
from tests.cast import SINCE, Cast, make_employee

# Who may do it at least: a role at the cast's site, "administrator", or "mei", whose matter it is.
# "person": anybody who is still with us, but not the system.
Build = Callable[[Cast], Callable[[Actor], Any]]
Table = dict[str, tuple[str, Build]]
RANK = ["employee", "lead", "manager", "administrator"]


def somebody_who_left(cast: Cast) -> Employee:
    """Managed the site and administered the company; their roles were never ended."""
    gone = make_employee("1999", "马离职", is_active=False, is_administrator=True)
    for role in (Role.EMPLOYEE, Role.MANAGER):
        Membership.objects.create(employee=gone, role=role, site=cast.site, starts_on=SINCE)
    return gone


def wrong_people(cast: Cast, least: str) -> list[Actor]:
    gone = Actor.of(somebody_who_left(cast))
    if least == "person":
        return [gone, Actor.system("command")]
    if least == "mei":
        everyone = (cast.mei, cast.wang, cast.li, cast.zhao, cast.sun, cast.chen)
        return [gone, *(Actor.of(one) for one in everyone if one != cast.mei)]
    below = [cast.mei, cast.wang, cast.li][: RANK.index(least)]
    return [gone, *(Actor.of(one) for one in (*below, cast.zhao, cast.chen))]


def check_refused(cast: Cast, table: Table, name: str) -> None:
    least, build = table[name]
    act = build(cast)
    for actor in wrong_people(cast, least):
        with pytest.raises((NotAllowed, Http404)):
            act(actor)
