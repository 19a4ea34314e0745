"""Every write of the people room, by noun; each names who did it and is sealed in the ledger."""

from people.services.account import acknowledge_notice, change_password, choose_language, set_pin
from people.services.employees import (
    NumberTaken,
    deactivate_employee,
    edit_employee,
    hire_employee,
    reactivate_employee,
    reset_password,
)
from people.services.first import create_first_administrator, make_first_token
from people.services.memberships import add_membership, end_membership, tell_memberships
from people.services.places import create_shop, create_site, save_place
from people.services.rosters import check_in, copy_week, set_roster_day
from people.services.views import remove_view, save_view

__all__ = [
    "NumberTaken",
    "acknowledge_notice",
    "add_membership",
    "change_password",
    "check_in",
    "choose_language",
    "copy_week",
    "create_first_administrator",
    "create_shop",
    "create_site",
    "deactivate_employee",
    "edit_employee",
    "end_membership",
    "hire_employee",
    "make_first_token",
    "reactivate_employee",
    "remove_view",
    "reset_password",
    "save_place",
    "save_view",
    "set_pin",
    "set_roster_day",
    "tell_memberships",
]
