"""How often a password or PIN may be guessed: by number *and* place (docs/adr/0028).

A place is the device, where this person has signed in on it before, else the address. So whoever types wrong passwords
for somebody locks out only their own place: the person goes on where they work, or at another address. A number that
many places guess at is closed to all but its own devices.
"""

import ipaddress
import secrets
from datetime import timedelta
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.core import signing
from django.db.models import Q, Sum
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import Refused
from people.models import Employee
from people.requests import HttpRequest

COOKIE, SALT = "device", "people.device"
YEAR = timedelta(days=365)
PEOPLE = 30  # who share a device
PLACES = 10  # so many places' worth of wrong guesses close a number to strange devices


class TooManyGuesses(Refused):
    status = 429
    sentence = _("Too many wrong passwords. Wait 15 minutes, then try again.")


def remember_device(request: HttpRequest, response: HttpResponse, employee: Employee) -> None:
    """This device is known as this person's from now on; it keeps an id and what stands for people, nothing else."""
    device, people = _device(request)
    told = [device or secrets.token_hex(8), [*(pk for pk in people if pk != employee.pk), employee.pk][-PEOPLE:]]
    response.set_cookie(
        COOKIE,
        signing.dumps(told, salt=SALT),
        max_age=YEAR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _device(request: HttpRequest) -> tuple[str, list[int]]:
    try:
        device, people = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=YEAR)
    except signing.BadSignature:
        return "", []
    return device, people


# --- what django-axes asks


def _number(credentials: dict[str, Any] | None) -> str:
    return Employee.normalize_username((credentials or {}).get("username") or "")


def who(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The number that is guessed at; on a device of the person, their number there."""
    number, (device, people) = _number(credentials), _device(request)
    is_known = bool(people) and Employee.objects.filter(number=number, pk__in=people).exists()
    return f"{number}@{device}" if is_known else number


def where(request: HttpRequest) -> str | None:
    """The address; behind our own proxy the one that it saw. Of IPv6 the network: one connection has all of it."""
    said = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2] if settings.BEHIND_PROXY else ""
    try:
        address = ipaddress.ip_address(said.strip() or request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return None
    if address.version == 6:
        address = ipaddress.ip_network((address, 64), strict=False).network_address
    return str(address)


def counted_by(request: HttpRequest, credentials: dict[str, Any] | None = None) -> list[Any]:
    return ["username"] if "@" in who(request, credentials) else [["username", "ip_address"]]


def most_failures(request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
    """Of one place; none for a strange one while many guess at this number."""
    number = who(request, credentials)
    if "@" not in number:
        since = clock.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
        of_all = AccessAttempt.objects.filter(username=number, attempt_time__gt=since)
        total = of_all.aggregate(n=Sum("failures_since_start"))["n"] or 0
        if total >= PLACES * settings.SIGN_IN_ATTEMPTS:
            return 0
    return settings.SIGN_IN_ATTEMPTS


def forget_failures(employee: Employee) -> None:
    """Lifts every pause of a person's number."""
    AccessAttempt.objects.filter(Q(username=employee.number) | Q(username__startswith=f"{employee.number}@")).delete()


# --- the present password


def is_present_password(request: HttpRequest, password: str) -> bool:
    """Whether this is the viewer's password; wrong ones count like those of the sign-in. Raises TooManyGuesses."""
    credentials = {"username": request.user.number}
    if not AxesProxyHandler.is_allowed(request, credentials):
        raise TooManyGuesses
    if request.user.check_password(password):
        return True
    AxesProxyHandler.user_login_failed(sender=__name__, credentials=credentials, request=request)
    return False
