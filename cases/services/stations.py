"""The courier address book."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases.models import CourierStation
from kernel import clock
from kernel.errors import Conflict
from people.models import Employee, Role, Site
from people.scope import Scope


class StationKnown(Conflict):
    sentence = _("This station is in the book already.")


def save_station(
    *, site: Site, by: Employee, scope: Scope, station: CourierStation | None = None, **words: Any
) -> CourierStation:
    """Writes a station into the book of a site, or changes one. `words` are its fields. Raises StationKnown."""
    scope.require(Role.LEAD, site_id=site.pk)
    if station is not None:
        scope.require(Role.LEAD, site_id=station.site_id)
    row = station or CourierStation()
    for field, value in {**words, "site": site, "saved_by": by, "saved_at": clock.now()}.items():
        setattr(row, field, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise StationKnown from None
    return row
