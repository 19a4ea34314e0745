"""Hiring, editing, letting go, bringing back: every write on an employee that an administrator makes."""

import secrets
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import Conflict, Refused
from people.actor import Actor
from people.limits import forget_failures
from people.models import Employee, Membership, Roster
from records.services import COMPANY, append_entry, commit_personal, record_fact

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is misread aloud: i, l, o, 0, 1
PERSONAL = ("number", "name", "email")


class NumberTaken(Conflict):
    field = "number"
    sentence = _("There is an employee with this number already. Look them up before adding another.")


class LastAdministrator(Refused):
    sentence = _("This is the only administrator. Make somebody else one first.")


class OwnAccount(Refused):
    sentence = _("You cannot deactivate yourself. Ask another administrator.")


def random_password() -> str:
    """Twelve letters and digits in three groups, to be read out and typed once."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


@transaction.atomic
def hire_employee(
    *,
    number: str,
    name: str,
    password: str | None = None,
    email: str = "",
    language: str = "zh-hans",
    is_administrator: bool = False,
    hired_on: date | None = None,
    must_change_password: bool = True,
    actor: Actor,
) -> tuple[Employee, str]:
    """Makes an employee. Returns them and their password (a random one unless given), which is shown once.

    The number is the key: a repeat raises NumberTaken and changes nothing.
    """
    actor.require_administrator()
    number = Employee.normalize_username(number)
    if Employee.objects.filter(number=number).exists():
        raise NumberTaken
    password = password or random_password()
    employee = Employee(
        number=number,
        name=name.strip(),
        email=email,
        language=language,
        is_administrator=is_administrator,
        must_change_password=must_change_password,
        hired_on=hired_on or clock.today(clock.company_zone()),
    )
    employee.set_password(password)
    employee.save()
    record_fact(kind="employee.hired", key=f"employee.hired:{employee.pk}", subject=employee.ref)
    _seal(employee, "employee.hired", actor, _digests(employee, PERSONAL) | {"administrator": is_administrator})
    return employee, password


@transaction.atomic
def edit_employee(*, employee: Employee, actor: Actor, **fields: Any) -> Employee:
    """Changes number, name, email, language, hired_on or is_administrator; what stays the same is not recorded."""
    actor.require_administrator()
    row = _lock(employee)
    if "number" in fields:
        fields["number"] = Employee.normalize_username(fields["number"])
        if Employee.objects.filter(number=fields["number"]).exclude(pk=row.pk).exists():
            raise NumberTaken
    changed = sorted(key for key, value in fields.items() if getattr(row, key) != value)
    if "is_administrator" in changed and not fields["is_administrator"]:
        _keep_one_administrator(row)
    if not changed:
        return row
    for key in changed:
        setattr(row, key, fields[key])
    row.save(update_fields=changed)
    payload: dict[str, Any] = {"changed": changed} | _digests(row, [key for key in changed if key in PERSONAL])
    if "is_administrator" in changed:
        payload["administrator"] = row.is_administrator
    _seal(row, "employee.changed", actor, payload)
    return row


@transaction.atomic
def deactivate_employee(*, employee: Employee, actor: Actor, on: date | None = None) -> Employee:
    """Ends a person's access at once: sessions, password and PIN go, memberships end on that day (today, as the site of
    each counts). A repeat is harmless.

    Open duties are handed over by the room above (duties.services.let_go), in the same transaction.
    """
    actor.require_administrator()
    row = _lock(employee)
    if not row.is_active:
        return row
    if actor.is_person(row.pk):
        raise OwnAccount
    _keep_one_administrator(row)
    running = list(Membership.objects.filter(employee=row).select_related("site", "shop__site").order_by("id"))
    days = {m.pk: on or clock.today(m.zone) for m in running}
    day = max((days[m.pk] for m in running if m.holds_on(days[m.pk])), default=on or clock.today(clock.company_zone()))
    row.is_active, row.is_administrator, row.left_on, row.pin = False, False, day, ""
    row.set_unusable_password()  # the session's hash hangs on it: sessions end, and do not revive with the person
    row.save(update_fields=["is_active", "is_administrator", "left_on", "pin", "password"])
    dropped = [m.pk for m in running if m.starts_on > days[m.pk]]
    Membership.objects.filter(pk__in=dropped).delete()
    ended = [m for m in running if m.holds_on(days[m.pk]) and m.ends_on != days[m.pk]]
    for membership in ended:
        membership.ends_on = days[membership.pk]
    Membership.objects.bulk_update(ended, ["ends_on"])
    Roster.objects.filter(employee=row, day__gt=day).delete()
    record_fact(kind="employee.left", key=f"employee.left:{row.pk}:{clock.now():%Y%m%d%H%M%S%f}", subject=row.ref)
    _seal(row, "employee.left", actor, {"on": day.isoformat(), "ended": [m.pk for m in ended], "dropped": dropped})
    return row


@transaction.atomic
def reactivate_employee(*, employee: Employee, actor: Actor) -> tuple[Employee, str | None]:
    """Brings a person back with a new random password; memberships are given anew. None for one who never left."""
    actor.require_administrator()
    row = _lock(employee)
    if row.is_active:
        return row, None
    password = random_password()
    row.set_password(password)
    row.is_active, row.left_on, row.must_change_password = True, None, True
    row.save(update_fields=["is_active", "left_on", "must_change_password", "password"])
    _seal(row, "employee.returned", actor, {})
    return row, password


@transaction.atomic
def reset_password(*, employee: Employee, actor: Actor) -> str:
    """A new random password, to be changed at the next sign-in; sessions and the PIN end, a lockout is lifted."""
    actor.require_administrator()
    row = _lock(employee)
    if not row.is_active:
        raise Refused(_("This person has left. Bring them back first; that gives a new password too."))
    password = random_password()
    row.set_password(password)
    row.must_change_password, row.pin = True, ""
    row.save(update_fields=["password", "must_change_password", "pin"])
    forget_failures(row)
    _seal(row, "employee.password_reset", actor, {})
    return password


def _keep_one_administrator(row: Employee) -> None:
    if not row.is_administrator:
        return
    others = Employee.objects.select_for_update(of=("self",)).filter(is_administrator=True, is_active=True)
    if not [other for other in others.order_by("pk") if other.pk != row.pk]:
        raise LastAdministrator


def _lock(employee: Employee) -> Employee:
    return Employee.objects.select_for_update(of=("self",)).get(pk=employee.pk)


def _digests(employee: Employee, keys: Any) -> dict[str, Any]:
    """Personal values as commitments: the ledger holds digests, the erasable salts lie beside it."""
    return {key: commit_personal(person=employee.ref, value=getattr(employee, key)) for key in keys}


def _seal(employee: Employee, kind: str, actor: Actor, payload: dict[str, Any]) -> None:
    append_entry(chain=COMPANY, kind=kind, actor=actor.ref, subject=employee.ref, payload=payload)
