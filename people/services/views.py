"""Saved views of lists."""

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused
from people.actor import Actor
from people.models import Employee, Role, SavedView, Site

MOST = 20  # of one person and list


def is_list(page: str) -> bool:
    """Whether a page is a list whose filters are kept; see config/pages.py."""
    return page in import_string(settings.LISTS)


@transaction.atomic
def save_view(*, page: str, name: str, query: str, actor: Actor, site: Site | None = None) -> SavedView:
    """Keeps a list's filter under a name; the same name again replaces it. Sharing it with a site is a lead's: others
    see the filter, and through it what they may see anyway."""
    if not is_list(page):
        raise Refused(_("This is not offered any more. Choose another."), field="page")
    if site is not None:
        actor.require(Role.LEAD, site_id=site.pk)
    person = Employee.objects.select_for_update(of=("self",)).get(pk=actor.person.pk)
    mine = SavedView.objects.filter(employee=person, page=page)
    if not mine.filter(name=name).exists() and mine.count() >= MOST:
        raise Refused(_("You have %(n)d views here already. Remove one first.") % {"n": MOST})
    row, _made = SavedView.objects.update_or_create(
        employee=person, page=page, name=name, defaults={"query": query, "site": site}
    )
    return row


@transaction.atomic
def remove_view(*, view: SavedView, actor: Actor) -> None:
    actor.require_self(view.employee_id)
    view.delete()
