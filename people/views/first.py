"""The first administrator, the first site and shop."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from kernel.forms import status_of, told_in
from people import services
from people.forms import FirstAdministratorForm, FirstPlaceForm
from people.models import Employee, Site
from people.requests import HttpRequest


@login_not_required
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first_administrator(request: HttpRequest) -> HttpResponse:
    """Only while there is no employee at all."""
    if Employee.objects.exists():
        raise Http404
    form = FirstAdministratorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with told_in(form, "token"):
            employee = services.create_first_administrator(language=request.LANGUAGE_CODE, **form.cleaned_data)
            login(request, employee, backend="people.backends.NumberBackend")
            return redirect("people:first_place")
    return render(request, "people/first_administrator.html", {"form": form}, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def first_place(request: HttpRequest) -> HttpResponse:
    """The first site and shop; may be skipped, and is gone once there is a site."""
    request.scope.require_administrator()
    if Site.objects.exists():
        return redirect("people:admin_home")
    form = FirstPlaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        with told_in(form), transaction.atomic():
            site = services.create_site(code=told["site_code"], name=told["site_name"], actor=request.actor)
            services.create_shop(
                code=told["shop_code"],
                name=told["shop_name"],
                platform=told["platform"],
                site=site,
                actor=request.actor,
            )
            messages.success(request, _("Site and shop are there. Next: shifts, a team, and the people."))
            return redirect("people:admin_home")
    return render(request, "people/first_place.html", {"form": form}, status=status_of(form))
