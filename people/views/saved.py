"""Saving a list's filter under a name."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kernel.forms import form_again, told_in
from people import services
from people.forms import SavedViewForm
from people.models import SavedView
from people.requests import HttpRequest
from people.saved_views import plain_query


@require_POST
def view_save(request: HttpRequest) -> HttpResponse:
    form = SavedViewForm(request.POST, scope=request.scope)
    if form.is_valid():
        data = {**form.cleaned_data, "query": plain_query(form.cleaned_data["query"])}
        with told_in(form, "name"):
            services.save_view(actor=request.actor, **data)
            messages.success(request, _("The view is kept."))
            return redirect(_url(data["page"], data["query"]))
    data = form.cleaned_data
    return form_again(request, form, back=_url(data["page"], data.get("query", "")) if "page" in data else "/")


@require_POST
def view_remove(request: HttpRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, employee=request.user)
    services.remove_view(view=view, actor=request.actor)
    messages.success(request, _("The view is gone; its list is not."))
    return redirect(_url(view.page, ""))


def _url(page: str, query: str) -> str:
    return f"{reverse(page)}?{query}" if query else reverse(page)
