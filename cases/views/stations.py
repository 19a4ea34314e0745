"""The courier address book."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases import services
from cases.forms.cases import SayingForm, StationForm
from cases.models import ContactLog, CourierStation
from cases.sayings import Slot, example_of, stations_of, words_of
from kernel.forms import status_of, told_in
from kernel.ids import read_id
from people.models import Role, Shop
from people.requests import HttpRequest


@require_safe
def station_list(request: HttpRequest) -> HttpResponse:
    stations = stations_of(request.scope)
    return render(
        request, "cases/station_list.html", {"stations": stations, "may_act": request.scope.has_role(Role.LEAD)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def station_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new station, or one of the book."""
    request.scope.require_role(Role.LEAD)
    station = get_object_or_404(stations_of(request.scope), pk=pk) if pk else None
    if station:
        request.scope.require(Role.LEAD, site_id=station.site_id)
    form = StationForm(request.POST or None, instance=station, scope=request.scope)
    if form.is_bound and form.is_valid():
        with told_in(form, "name"):
            row = get_object_or_404(CourierStation, pk=pk) if pk else None
            services.save_station(station=row, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("The station is kept."))
            return redirect("cases:station_list")
    return render(request, "cases/station_edit.html", {"form": form, "station": station}, status=status_of(form))


@require_safe
def saying_list(request: HttpRequest) -> HttpResponse:
    """What is said to whom about what, in the words of a shop."""
    request.scope.require_role(Role.LEAD, reading=True)
    shops = Shop.objects.filter(request.scope.at_shops("pk", Role.LEAD)).order_by("name")
    wanted = read_id(request.GET.get("shop"))
    shop = shops.first() if wanted is None else shops.filter(pk=wanted).first()
    words = sorted(words_of(shop.pk if shop else None).values(), key=lambda each: each.slot)
    context = {
        "shop": shop,
        "shops": shops,
        "sides": [(label, [w for w in words if w.slot.whom == whom]) for whom, label in ContactLog.Whom.choices],
        "may_act": request.scope.has_role(Role.LEAD),
    }
    return render(request, "cases/saying_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def saying_edit(request: HttpRequest) -> HttpResponse:
    """The words for one side, kind and cause, which the address names; with how they read in a case."""
    request.scope.require_role(Role.LEAD)
    given = {name: request.GET.get(name, "") for name in ("shop", "whom", "kind", "cause")}
    shops = Shop.objects.filter(request.scope.at_shops("pk", Role.LEAD), pk=read_id(given["shop"]) or 0)
    now = words_of(shops.values_list("pk", flat=True).first()).get(Slot(given["whom"], given["kind"], given["cause"]))
    form = SayingForm(request.POST or None, scope=request.scope, initial={**given, "text": now.shown if now else ""})
    if form.is_bound and form.is_valid():
        with told_in(form, "text"):
            services.save_saying(actor=request.actor, **form.cleaned_data)
            messages.success(request, _("Kept. Cases say it so from now on."))
            return redirect("cases:saying_list")
    example = example_of(request.scope, given["kind"], str(form["text"].value() or ""))
    context = {"form": form, "example": example}
    return render(request, "cases/saying_edit.html", context, status=status_of(form))
