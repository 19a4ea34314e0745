"""The board, one finding, the live figures and the rows behind one."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from kernel import clock
from kernel.forms import form_again, origin_of, status_of, told_in
from orders import services
from orders.forms.board import BoardFilter, DismissForm, DismissManyForm
from orders.models import Finding
from orders.selectors import board as reads
from orders.selectors.figures import FIGURES, RESTS, figure, figure_findings, figures
from orders.selectors.sides import sides_of
from orders.selectors.unchecked import counted, side_named, unchecked_by_text, unchecked_orders
from people.models import Role, Shop
from people.requests import HttpRequest
from people.saved_views import views_of

PAGE = 50


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    form = BoardFilter(request.GET, scope=request.scope)
    rows = reads.filtered_findings(request.scope, form.wish)
    counts = reads.counts_of(rows)
    fullest = next((key for key, n in counts.tabs.items() if n), "due")
    wanted = str(form.wish.get("tab"))
    tab = wanted if wanted in reads.CODES else fullest
    rows = rows.filter(code__in=reads.CODES[tab])
    page = cards_of(request, rows, counts.tabs[tab])
    shop = form.wish.get("shop")
    context = {
        "form": form,
        "clock_zone": shop.site.zone if shop else "",
        "tab": tab,
        "tabs": [(t, counts.tabs[t.key]) for t in reads.TABS],
        "loss": counts.loss_cents / 100,
        "covered": reads.covered(request.scope, clock.now(), shop=form.wish.get("shop"), tab=tab),
        "unchecked_query": _unchecked_query(tab, form.wish.get("shop")),
        "page": page,
        "views": views_of(request, "orders:board"),
        "all_numbers": reads.numbers_of(rows) if len(page) else [],
        "is_filtered": any(form.wish.get(name) for name in form.fields if name not in ("tab", "sort")),
        "may_act": request.scope.has_role(Role.EMPLOYEE),
        "is_choosing": request.scope.has_role(Role.EMPLOYEE)
        and any(c.finding.state == Finding.State.OPEN for c in page),
        "client_id": uuid.uuid4(),
        "may_import": request.scope.has_role(Role.MANAGER),
    }
    return render(request, "orders/board.html", context)


def _unchecked_query(tab: str, shop: Shop | None) -> str:
    return "?" + urlencode({"tab": tab, **({"shop": shop.pk} if shop else {})})


def cards_of(request: HttpRequest, rows: QuerySet[Finding], count: int | None = None) -> Page:
    """A page of findings as cards; `count` where the rows are counted already."""
    pages = Paginator(reads.in_order(rows, request.GET.get("sort", "")), PAGE)
    if count is not None:
        pages.count = count
    page: Page[Any] = pages.get_page(request.GET.get("page"))
    page.object_list = [reads.card(finding) for finding in page.object_list]
    return page


# --- one finding


def _finding(request: HttpRequest, pk: int) -> Finding:
    rows = reads.visible_findings(request.scope).select_related("order__shop", "shop__site", "settled_by")
    return get_object_or_404(rows, pk=pk)


@require_safe
def finding_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, _finding(request, pk), DismissForm())


def _detail(request: HttpRequest, finding: Finding, form: DismissForm) -> HttpResponse:
    if form.is_bound and finding.state != Finding.State.OPEN:  # somebody was quicker
        return form_again(request, form, back=reverse("orders:finding_detail", args=[finding.pk]))
    context = {
        "card": reads.card(finding),
        "finding": finding,
        "sides": sides_of(finding.order),
        "clock_zone": finding.shop.site.zone,
        "form": form,
        "origin": origin_of(request, "orders:board"),
        "loss": finding.loss_cents / 100,
        "may_act": request.scope.acts(Role.EMPLOYEE, shop_id=finding.shop_id),
    }
    return render(request, "orders/finding_detail.html", context, status=status_of(form))


@require_POST
def finding_dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    finding, form = _finding(request, pk), DismissForm(request.POST)
    request.scope.require(Role.EMPLOYEE, shop_id=finding.shop_id)
    if form.is_valid():
        with told_in(form):
            services.dismiss_finding(finding=finding, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("Dismissed. It comes back when the data changes."))
            return redirect(origin_of(request, "orders:board"))
    return _detail(request, finding, form)


@require_POST
def findings_dismiss(request: HttpRequest) -> HttpResponse:
    """Several at once: first the page that asks why, then the reason."""
    chosen = list(reads.chosen_findings(request.scope, request.POST.getlist("finding")))
    for shop_id in {finding.shop_id for finding in chosen}:
        request.scope.require(Role.EMPLOYEE, shop_id=shop_id)
    if not chosen:
        messages.info(request, _("Choose something first."))
        return redirect(origin_of(request, "orders:board"))
    form = DismissManyForm(request.POST if "step" in request.POST else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        with told_in(form):
            n = services.dismiss_findings(findings=chosen, reason=reason, actor=request.actor)
            messages.success(request, _dismissed(n))
            return redirect(origin_of(request, "orders:board"))
    cards = [reads.card(finding) for finding in chosen]
    context = {"form": form, "cards": cards, "origin": origin_of(request, "orders:board")}
    return render(request, "orders/findings_dismiss.html", context, status=status_of(form))


def _dismissed(n: int) -> str:
    done = ngettext(
        "%(n)d dismissed. It comes back when the data changes.",
        "%(n)d dismissed. They come back when the data changes.",
        n,
    )
    return done % {"n": n}


# --- live figures


@require_safe
def figure_list(request: HttpRequest) -> HttpResponse:
    shops, at = chosen_shops(request)[0], clock.now()
    shown = figures(FIGURES, shop_ids=[shop.pk for shop in shops], at=at)
    context = {
        "figures": shown,
        "shops": shops,
        "clock_zone": _zone_of(shops),
        "may_import": request.scope.has_role(Role.MANAGER),
    }
    return render(request, "orders/figure_list.html", context)


@require_safe
def figure_rows(request: HttpRequest, key: str) -> HttpResponse:
    """The findings that a figure counts."""
    if key not in FIGURES:
        raise Http404
    shops, chosen = chosen_shops(request)
    ids = [shop.pk for shop in chosen]
    live = figure(key, shop_ids=ids, at=clock.now())
    rows = figure_findings(key, ids)
    page = cards_of(request, rows)
    context = {
        **{"figure": live, "page": page, "shops": shops, "chosen": ids, "clock_zone": _zone_of(chosen)},
        "all_numbers": reads.numbers_of(rows) if len(page) else [],
        "may_act": request.scope.has_role(Role.EMPLOYEE),
    }
    return render(request, "orders/figure_rows.html", context)


def chosen_shops(request: HttpRequest) -> tuple[list[Shop], list[Shop]]:
    """(the viewer's active shops, those that the address names with ?shop=…, by default all of them). One that the
    viewer does not see is a 404; one that is no longer active is shown where it is named."""
    seen = list(Shop.objects.filter(request.scope.at_shops("pk")).select_related("site").order_by("name"))
    active, wanted = [shop for shop in seen if shop.is_active], set(filter(None, request.GET.getlist("shop")))
    if not wanted:
        return active, active
    chosen = [shop for shop in seen if str(shop.pk) in wanted]
    if len(chosen) < len(wanted):
        raise Http404
    return active, chosen


def _zone_of(shops: list[Shop]) -> str:
    """The clock of the site of all of them; of several, none."""
    zones = {shop.site.zone for shop in shops}
    return zones.pop() if len(zones) == 1 else ""


@require_safe
def unchecked_list(request: HttpRequest) -> HttpResponse:
    """Orders that could not be compared, with what lacks: of all, or behind a figure, a tab of the board, a side."""
    shops, chosen = chosen_shops(request)
    key, tab = request.GET.get("figure", ""), request.GET.get("tab", "")
    questions = RESTS[key].questions if key in RESTS else reads.QUESTIONS.get(tab, ())
    here, side = Q(shop__in=[shop.pk for shop in chosen]), side_named(request.GET.get("side"))
    rows = unchecked_orders(here, questions=questions, side=side).select_related("shop__site")
    context = {
        "page": Paginator(rows.order_by("shop__name", "ship_by", "id"), PAGE).get_page(request.GET.get("page")),
        "found": counted(unchecked_by_text(here), questions),
        "side": side,
        "shops": shops,
        "chosen": [shop.pk for shop in chosen],
    }
    return render(request, "orders/unchecked_list.html", context)
