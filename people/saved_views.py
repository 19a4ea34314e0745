"""Saved views as a list shows them."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.db.models import Q

from people.models import Role, SavedView, Site
from people.requests import HttpRequest
from people.scope import Scope

LEFT_OUT = ("page", "csrfmiddlewaretoken")
MOST_FIELDS = 40


@dataclass(frozen=True)
class Views:
    """The views of a list, the query that it shows now, and the sites that a lead may share with."""

    page: str
    query: str
    rows: list[SavedView]
    sites: list[Site]

    @property
    def current(self) -> SavedView | None:
        return next((view for view in self.rows if view.query == self.query), None)


def plain_query(query: str) -> str:
    """A query as it is kept: without page number and empty fields, in a fixed order."""
    pairs = [(k, v) for k, v in parse_qsl(query)[:MOST_FIELDS] if k not in LEFT_OUT and v]
    return urlencode(sorted(pairs))[:500]


def views_of(request: HttpRequest, page: str) -> Views:
    """One's own and those shared with one's sites, by name. Two queries."""
    scope: Scope = request.scope
    shared = Q(scope.at_sites("site")) & Q(site__isnull=False)
    rows = SavedView.objects.filter(Q(employee=scope.employee_id) | shared, page=page).select_related("employee")
    sites = Site.objects.filter(scope.at_sites("pk", Role.LEAD, reading=False)).order_by("name")
    return Views(
        page, plain_query(request.META.get("QUERY_STRING", "")), list(rows.order_by("name", "id")), list(sites)
    )
