"""Causes over time, as charts with their tables; the 48-hour pickup rate with the parcels behind it."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kernel import clock
from orders.forms.board import CausesFilter
from orders.models import Finding
from orders.selectors.causes import HEIGHT, WIDTH, causes_of
from orders.selectors.pickup import late_pickups, pickup_rate

PAGE = 50


@require_safe
def causes(request: HttpRequest) -> HttpResponse:
    form = CausesFilter(request.GET, scope=request.scope)
    found = causes_of(request.scope, now=clock.now(), zone=timezone.get_current_timezone(), **form.wish)
    context = {"form": form, "found": found, "width": WIDTH, "height": HEIGHT, "all_causes": Finding.Cause.choices}
    return render(request, "orders/causes.html", context)


@require_safe
def pickups(request: HttpRequest) -> HttpResponse:
    form, now = CausesFilter(request.GET, scope=request.scope), clock.now()
    wish = {"order__shop": shop} if (shop := form.wish.get("shop")) else {}
    rate, pages = pickup_rate(request.scope, now, **wish), Paginator(late_pickups(request.scope, now, **wish), PAGE)
    pages.count = rate.late  # counted already
    context = {"rate": rate, "page": pages.get_page(request.GET.get("page"))}
    return render(request, "orders/pickups.html", context)
