"""Causes over time, as charts with their tables and the findings behind each mark; the 48-hour pickup rate."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kernel import clock
from orders import charts
from orders.forms.board import CausesFilter, CausesRowsFilter
from orders.selectors.causes import causes_of, counted_findings
from orders.selectors.pickup import late_pickups, pickup_rate
from orders.views.board import cards_of
from people.models import Role

PAGE = 50


@require_safe
def causes(request: HttpRequest) -> HttpResponse:
    form = CausesFilter(request.GET, scope=request.scope)
    found = causes_of(request.scope, now=clock.now(), zone=timezone.get_current_timezone(), **form.wish)
    context = {"form": form, "found": found}
    if found.total:
        context["charts"] = [charts.pareto(found, form.chosen), charts.by_day(found, form.chosen)]
    return render(request, "orders/causes.html", context)


@require_safe
def causes_rows(request: HttpRequest) -> HttpResponse:
    """The findings behind a mark of the charts."""
    form = CausesRowsFilter(request.GET, scope=request.scope)
    zone = timezone.get_current_timezone()
    page = cards_of(request, counted_findings(request.scope, now=clock.now(), zone=zone, **form.wish))
    context = {"form": form, "page": page, "may_act": request.scope.has_role(Role.EMPLOYEE)}
    return render(request, "orders/causes_rows.html", context)


@require_safe
def pickups(request: HttpRequest) -> HttpResponse:
    form, now = CausesFilter(request.GET, scope=request.scope), clock.now()
    wish = {"order__shop": shop} if (shop := form.wish.get("shop")) else {}
    rate, pages = pickup_rate(request.scope, now, **wish), Paginator(late_pickups(request.scope, now, **wish), PAGE)
    pages.count = rate.late  # counted already
    context = {"rate": rate, "page": pages.get_page(request.GET.get("page"))}
    return render(request, "orders/pickups.html", context)
