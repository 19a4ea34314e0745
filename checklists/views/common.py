"""How views fetch: always through the viewer's scope."""

from dataclasses import replace
from functools import lru_cache

from django.db.models import BigAutoField, Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from checklists.frozen import content_of
from checklists.models import Item, Run
from kernel.prepared import Prepared
from people.requests import HttpRequest
from people.scope import Scope


def reached(scope: Scope, prefix: str = "") -> Q:
    """Runs of the sites and shops within reach."""
    return scope.at_sites(f"{prefix}site") | scope.at_shops(f"{prefix}shop")


def fetch_run(request: HttpRequest, pk: int) -> Run:
    return get_object_or_404(Run.objects.filter(reached(request.scope)).loaded(), pk=pk)


def fetch_run_to_answer(request: HttpRequest, pk: int) -> Run:
    found = _to_answer(replace(request.scope, employee_id=0))(pk=pk)
    if not found:
        raise Http404
    return found[0]


@lru_cache(maxsize=256)
def _to_answer(scope: Scope) -> Prepared:
    """One query per reach: colleagues of the same roles share it."""
    return Prepared(lambda pk: Run.objects.filter(reached(scope), pk=pk).to_answer(), pk=BigAutoField())


def fetch_item(run: Run, pk: int) -> Item:
    """An item of the run's version."""
    for item in content_of(run.version).items:
        if item.pk == pk:
            return item
    raise Http404
