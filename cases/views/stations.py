"""The courier address book."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases import services
from cases.forms import StationForm
from cases.models import CourierStation
from cases.sayings import stations_of
from people.models import Role


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
        try:
            row = get_object_or_404(CourierStation, pk=pk) if pk else None
            services.save_station(station=row, by=request.user, scope=request.scope, **form.cleaned_data)
        except services.StationKnown as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("The station is kept."))
            return redirect("cases:station_list")
    return render(
        request, "cases/station_edit.html", {"form": form, "station": station}, status=422 if form.is_bound else 200
    )
