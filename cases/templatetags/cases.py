"""Cases on pages of lower rooms, which know nothing of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django import template
from django.template import Context

from cases.models import Case
from cases.selectors import cases_of_numbers
from kernel import clock

register = template.Library()
SHOWN = 20


@dataclass(frozen=True)
class About:
    cases: list[Case]
    at: datetime


@register.simple_tag(takes_context=True)
def cases_about(context: Context, order: str, waybills: Iterable[str] = ()) -> About:
    """The cases within the viewer's reach about an order or its waybills, the newest first."""
    found = cases_of_numbers(context["request"].scope, orders=[order], waybills=waybills)
    return About(list(found[:SHOWN]), clock.now())


@register.filter
def signed(points: int) -> str:
    """An amount with its sign as it is set in print: +2, −2, 0."""
    return f"{points:+d}".replace("-", "−") if points else "0"
