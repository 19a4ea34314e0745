"""Causes over time, as charts with their tables."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kernel import clock
from orders.forms import CausesFilter
from orders.models import Finding
from orders.selectors.causes import HEIGHT, WIDTH, causes_of


@require_safe
def causes(request: HttpRequest) -> HttpResponse:
    form = CausesFilter(request.GET, scope=request.scope)
    found = causes_of(request.scope, now=clock.now(), zone=timezone.get_current_timezone(), **form.wish)
    context = {"form": form, "found": found, "width": WIDTH, "height": HEIGHT, "all_causes": Finding.Cause.choices}
    return render(request, "orders/causes.html", context)
