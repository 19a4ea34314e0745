"""The first administrator of an empty installation: a one-time token in the data directory proves who may."""

import hmac
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, Refused
from people.actor import Actor
from people.models import Employee
from people.services.employees import hire_employee


class WrongToken(Refused):
    sentence = _("This is not the token. It was printed where the server was started; copy it whole.")


def token_path() -> Path:
    return Path(settings.DATA_DIR) / "first-administrator-token"


def make_first_token() -> str | None:
    """The one-time token for the first administrator's page, made once; None when there are employees already."""
    if Employee.objects.exists():
        token_path().unlink(missing_ok=True)
        return None
    try:
        handle = os.open(token_path(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return token_path().read_text("ascii").strip()
    token = secrets.token_urlsafe(18)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(token)
    return token


@transaction.atomic
def create_first_administrator(*, token: str, number: str, name: str, password: str, language: str) -> Employee:
    """Makes the administrator of an empty installation and uses the token up. Raises WrongToken, or Conflict."""
    try:
        expected = token_path().read_text("ascii").strip()
    except FileNotFoundError:
        raise WrongToken from None
    if not expected or not hmac.compare_digest(expected.encode(), token.strip().encode()):
        raise WrongToken
    if Employee.objects.exists():
        raise Conflict(_("There is an administrator already. Sign in."))
    employee, _password = hire_employee(
        number=number,
        name=name,
        password=password,
        language=language,
        is_administrator=True,
        must_change_password=False,
        actor=Actor.system("setup"),
    )
    try:
        token_path().unlink()  # of two at once, only one removes it; the other is rolled back
    except FileNotFoundError:
        raise Conflict(_("There is an administrator already. Sign in.")) from None
    return employee
