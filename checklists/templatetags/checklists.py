"""Checklists on pages of lower rooms, which know nothing of them."""

from django import template
from django.db.models import QuerySet
from django.template import Context

from checklists.models import Checklist
from checklists.selectors import checklists_asking

register = template.Library()


@register.simple_tag(takes_context=True)
def checks_that_ask(context: Context, module_id: int) -> QuerySet[Checklist]:
    """The checks, within the viewer's reach, that only those may answer who are qualified on a module."""
    return checklists_asking(context["request"].scope, module_id)
