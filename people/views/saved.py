"""Saving a list's filter under a name."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kernel.errors import Refused
from people import services
from people.forms import SavedViewForm
from people.models import SavedView
from people.saved_views import plain_query


@require_POST
def view_save(request: HttpRequest) -> HttpResponse:
    form = SavedViewForm(request.POST, scope=request.scope)
    if not form.is_valid():
        messages.error(request, _("Give the view a name of at most 30 characters."))
        return redirect("/")
    data = {**form.cleaned_data, "query": plain_query(form.cleaned_data["query"])}
    try:
        services.save_view(by=request.user, scope=request.scope, **data)
    except Refused as refusal:
        if refusal.status == 403:
            raise
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The view is kept."))
    return _to(data["page"], data["query"])


@require_POST
def view_remove(request: HttpRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, employee=request.user)
    services.remove_view(view=view, by=request.user)
    messages.success(request, _("The view is gone; its list is not."))
    return _to(view.page, "")


def _to(page: str, query: str) -> HttpResponse:
    response = redirect("/")
    response["Location"] = f"{reverse(page)}?{query}" if query else reverse(page)
    return response
