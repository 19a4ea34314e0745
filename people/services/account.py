"""What people change about their own account."""

import itertools

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import Refused
from people.actor import Actor
from people.models import Employee
from records.services import COMPANY, append_entry

NOTICE_VERSION = 2  # of the text in people/_notice.html; raise it when the text changes in substance
PIN_LENGTH = 6


class WeakPin(Refused):
    sentence = _("This PIN is too easy to guess. Take six digits that are not a row, a repetition or your number.")


@transaction.atomic
def acknowledge_notice(*, actor: Actor) -> Employee:
    """Records that the person has read what is kept about them and why (PIPL art. 17). A repeat changes nothing."""
    row = _lock(actor)
    if row.notice_read_at is None:
        row.notice_read_at = clock.now()
        row.save(update_fields=["notice_read_at"])
        _seal(row, "notice.acknowledged", {"notice": NOTICE_VERSION})
    return row


@transaction.atomic
def change_password(*, actor: Actor, password: str) -> Employee:
    """Sets a new password, already judged by the form's validators; every other session of the person ends."""
    row = _lock(actor)
    row.set_password(password)
    row.must_change_password = False
    row.save(update_fields=["password", "must_change_password"])
    _seal(row, "employee.password_changed", {})
    return row


@transaction.atomic
def set_pin(*, actor: Actor, pin: str) -> Employee:
    """Sets the six-digit PIN for sign-in at a bench. Raises WeakPin."""
    if is_weak_pin(pin, actor.person.number):
        raise WeakPin
    row = _lock(actor)
    row.set_pin(pin)
    row.save(update_fields=["pin"])
    _seal(row, "employee.pin_changed", {})
    return row


@transaction.atomic
def choose_language(*, actor: Actor, language: str) -> None:
    """Remembers a language of settings.LANGUAGES for pages on other devices and for mails."""
    if language in dict(settings.LANGUAGES) and language != actor.person.language:
        Employee.objects.filter(pk=actor.person.pk).update(language=language)


def is_weak_pin(pin: str, number: str) -> bool:
    """Not six digits, a repetition (111111, 121212, 123123), a row (123456, 654321), or the employee number."""
    if len(pin) != PIN_LENGTH or not (pin.isascii() and pin.isdigit()):
        return True
    steps = {int(b) - int(a) for a, b in itertools.pairwise(pin)}
    repeats = any(pin == pin[:n] * (PIN_LENGTH // n) for n in (1, 2, 3))
    digits = "".join(c for c in number if c.isdigit())
    return repeats or steps in ({1}, {-1}) or (len(digits) >= 4 and (pin == digits.zfill(6) or pin in digits))


def _lock(actor: Actor) -> Employee:
    return Employee.objects.select_for_update(of=("self",)).get(pk=actor.person.pk)


def _seal(employee: Employee, kind: str, payload: dict) -> None:
    append_entry(chain=COMPANY, kind=kind, actor=employee.ref, subject=employee.ref, payload=payload)
