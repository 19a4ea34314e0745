"""How views fetch: always through the viewer's scope."""

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from checklists.frozen import content_of
from checklists.models import Item, Run
from people.scope import Scope


def reached(scope: Scope, prefix: str = "") -> Q:
    """Runs of the sites and shops within reach."""
    return scope.at_sites(f"{prefix}site") | scope.at_shops(f"{prefix}shop")


def fetch_run(request: HttpRequest, pk: int) -> Run:
    return get_object_or_404(Run.objects.filter(reached(request.scope)).loaded(), pk=pk)


def fetch_run_to_answer(request: HttpRequest, pk: int) -> Run:
    return get_object_or_404(Run.objects.filter(reached(request.scope)).to_answer(), pk=pk)


def fetch_item(run: Run, pk: int) -> Item:
    """An item of the run's version."""
    for item in content_of(run.version).items:
        if item.pk == pk:
            return item
    raise Http404
