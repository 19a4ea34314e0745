"""Sign-in by employee number with a password or a PIN."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.db.models import BigAutoField, QuerySet
from django.http import HttpRequest
from django.utils.module_loading import import_string

from kernel.prepared import Prepared
from people.models import Employee


def _active(pk: Any) -> QuerySet[Employee]:
    """With what rooms above let every page know of its viewer (settings.VIEWER_FACTS)."""
    return Employee.objects.filter(pk=pk, is_active=True).annotate(**import_string(settings.VIEWER_FACTS))


ACTIVE = Prepared(_active, pk=BigAutoField())


class NumberBackend(BaseBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **extra: Any
    ) -> Employee | None:
        """The active employee of this number whose password, or six-digit PIN, this is."""
        if not username or not password:
            return None
        employee = Employee.objects.filter(number=Employee.normalize_username(username)).first()
        if employee is None:
            Employee().set_password(password)  # as slow for an unknown number as for a known one
            return None
        is_pin = password.isdigit() and len(password) == 6 and employee.check_pin(password)
        if employee.is_active and (is_pin or employee.check_password(password)):
            return employee
        return None

    def get_user(self, user_id: int) -> Employee | None:
        found = ACTIVE(pk=user_id)
        return found[0] if found else None
