"""Saved views of lists."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kernel.errors import NotAllowed, Refused
from people.models import Employee, Role, SavedView, Site
from people.scope import Scope

MOST = 20  # of one person and list


@transaction.atomic
def save_view(*, page: str, name: str, query: str, by: Employee, scope: Scope, site: Site | None = None) -> SavedView:
    """Keeps a list's filter under a name; the same name again replaces it. Sharing it with a site is a lead's: others
    see the filter, and through it what they may see anyway."""
    if site is not None:
        scope.require(Role.LEAD, site_id=site.pk)
    Employee.objects.select_for_update(of=("self",)).get(pk=by.pk)
    mine = SavedView.objects.filter(employee=by, page=page)
    if not mine.filter(name=name).exists() and mine.count() >= MOST:
        raise Refused(_("You have %(n)d views here already. Remove one first.") % {"n": MOST})
    row, _made = SavedView.objects.update_or_create(
        employee=by, page=page, name=name, defaults={"query": query, "site": site}
    )
    return row


@transaction.atomic
def remove_view(*, view: SavedView, by: Employee) -> None:
    if view.employee_id != by.pk:
        raise NotAllowed
    view.delete()
