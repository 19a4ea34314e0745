"""The administrator's home, and the pages on sites, shops, teams, shifts."""

from typing import Any

from django.contrib import messages
from django.forms import ModelForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kernel.forms import status_of, told_in
from people import services
from people.forms import ShiftForm, ShopForm, SiteForm, TeamForm
from people.requests import HttpRequest
from people.selectors import company_overview

FORMS: dict[str, tuple[type[ModelForm], Any, Any]] = {
    "site": (SiteForm, gettext_lazy("New site"), gettext_lazy("Site")),
    "shop": (ShopForm, gettext_lazy("New shop"), gettext_lazy("Shop")),
    "team": (TeamForm, gettext_lazy("New team"), gettext_lazy("Team")),
    "shift": (ShiftForm, gettext_lazy("New shift"), gettext_lazy("Shift")),
}


@require_http_methods(["GET", "HEAD"])
def admin_home(request: HttpRequest) -> HttpResponse:
    request.scope.require_administrator()
    return render(request, "people/admin_home.html", {"company": company_overview()})


@require_http_methods(["GET", "HEAD", "POST"])
def place_edit(request: HttpRequest, kind: str, pk: int | None = None) -> HttpResponse:
    """Makes (without a pk) or changes a site, shop, team or shift."""
    request.scope.require_administrator()
    if kind not in FORMS:
        raise Http404
    form_class, new, title = FORMS[kind]
    model = form_class._meta.model
    place = get_object_or_404(model, pk=pk) if pk else None
    form = form_class(request.POST or None, instance=place, initial={"site": request.GET.get("site")})
    if request.method == "POST" and form.is_valid():
        with told_in(form):
            services.save_place(place=form.save(commit=False), actor=request.actor)
            messages.success(request, _("Saved."))
            return redirect("people:admin_home")
    context = {"form": form, "title": title if place else new, "place": place}
    return render(request, "people/place_form.html", context, status=status_of(form))
