"""Who may be given which duty: the room that knows its work is asked, before somebody takes it or a lead gives it."""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from duties.models import Duty
from kernel import clock
from people.models import Employee


@cache
def _gates() -> dict[str, Any]:
    return import_string(settings.DUTY_GATES)


def require_able(duty: Duty, employee: Employee) -> None:
    """Raises NotAllowed, with the reason, where the employee may not do this work; see config/pages.py."""
    gate = _gates().get(duty.kind)
    if gate is not None:
        gate(duty, employee, clock.now())
