"""Who may be given which duty: the room that knows its work is asked, before a page offers it, before somebody takes it
and before a lead gives it. Set-based: however many duties and people are asked about, the statements are as many."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from duties.models import Duty
from kernel import clock
from kernel.errors import NotAllowed
from people.models import Employee

Refusals = dict[tuple[int | None, int], NotAllowed]  # (duty, employee) → why not; who may is not in it
Gate = Callable[[Collection[int], Collection[Employee], datetime], Refusals]  # ids of duties of its kind, people


@cache
def _gates() -> dict[str, Gate]:
    return import_string(settings.DUTY_GATES)


def refusals(duties: Iterable[tuple[int, str]], people: Collection[Employee]) -> Refusals:
    """Who may not do which of these duties, given as (id, kind), with the reason; see config/pages.py."""
    of_kind: dict[str, list[int]] = defaultdict(list)
    for pk, kind in duties:
        of_kind[kind].append(pk)
    found: Refusals = {}
    for kind, ids in of_kind.items():
        if kind in _gates() and people:
            found |= _gates()[kind](ids, people, clock.now())
    return found


def require_able(duty: Duty, employee: Employee) -> None:
    """Raises NotAllowed, with the reason, where the employee may not do this work."""
    for refusal in refusals([(duty.pk, duty.kind)], [employee]).values():
        raise refusal


def able(duty: Duty, people: Collection[Employee]) -> list[Employee]:
    """Those of the people who may be given the duty."""
    refused = refusals([(duty.pk, duty.kind)], people)
    return [person for person in people if (duty.pk, person.pk) not in refused]
