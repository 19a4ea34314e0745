"""Causes over time, as charts with their tables and the findings behind each mark; the 48-hour pickup rate."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kernel import clock
from orders import charts
from orders.forms.board import CausesFilter, CausesRowsFilter
from orders.selectors.causes import causes_of, counted_findings
from orders.selectors.pickup import SPAN, WHICH, pickup_rate, pickup_rows, tracking_as_of
from orders.selectors.unchecked import counted, unchecked_by_text
from orders.views.board import cards_of
from people.models import Role
from people.requests import HttpRequest

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
    shop = form.wish.get("shop")
    wish = {"order__shop": shop} if shop else {}
    which = which if (which := request.GET.get("which", "")) in WHICH else "late"
    rate = pickup_rate(request.scope, now, **wish)
    pages = Paginator(pickup_rows(request.scope, now, which, **wish), PAGE)
    pages.count = getattr(rate, which)  # counted already
    as_of, is_comparing = tracking_as_of(request.scope, shop)
    here = request.scope.at_shops() & (Q(shop=shop) if shop else Q())
    context = {
        **{
            "since": now - SPAN,
            "until": now,
            "rate": rate,
            "which": which,
            "page": pages.get_page(request.GET.get("page")),
        },
        **{"as_of": as_of, "is_comparing": is_comparing},
        "unchecked": counted(unchecked_by_text(here), ("pickup",)),
        "unchecked_query": "?" + urlencode({"figure": "no_pickup_24h", **({"shop": shop.pk} if shop else {})}),
    }
    return render(request, "orders/pickups.html", context)
