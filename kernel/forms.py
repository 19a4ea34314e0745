"""What a service refuses while a form was posted stands in the form, which comes back as it was entered."""

import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.datastructures import MultiValueDict
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import pgettext

from kernel.errors import Conflict, NotAllowed, Refused

REFUSED = "refused"  # what a form keeps of a service's refusal


@contextmanager
def told_in(form: forms.BaseForm, field: str = "") -> Iterator[None]:
    """A refusal raised inside is told in the form: at the field that it names, at `field`, or at the form's head.

    What the role forbids is no matter of the form and goes on to the page that says so. A command's key that is taken
    gives way to a new one, so that the form, looked at again, can be sent again.
    """
    try:
        yield
    except NotAllowed:
        raise
    except Refused as refusal:
        name = next((n for n in (refusal.field, field) if n and n in form.fields and not form[n].is_hidden), None)
        form.add_error(name, str(refusal))
        vars(form)[REFUSED] = refusal
        if isinstance(refusal, Conflict) and isinstance(form.data, MultiValueDict) and "client_id" in form.data:
            form.data = MultiValueDict({**dict(form.data.lists()), form.add_prefix("client_id"): [str(uuid.uuid4())]})


def be_conditional(field: forms.Field) -> None:
    """A field that may stay empty sometimes: the template does not tell that it is optional."""
    vars(field)["is_conditional"] = True


class ConditionalForm(forms.Form):
    """A form in which a choice decides what else is asked.

    `only_for` says of a field to which choice it belongs, and to which of its values. With another value it is not
    asked: what stands in it is neither judged nor kept, and the browser does not show it. A `conditional` field may
    stay empty sometimes; it is not told to be optional.
    """

    only_for: Mapping[str, tuple[str, Collection[str]]] = {}
    conditional: Collection[str] = ()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, (choice, values) in self.only_for.items():
            self.fields[name].widget.attrs["data-only-for"] = f"{choice}:{' '.join(values)}"
        for name in self.conditional:
            be_conditional(self.fields[name])

    def full_clean(self) -> None:
        asked = {name: self.fields[name].required for name in self._unasked()}
        for name in asked:
            self.fields[name].disabled, self.fields[name].required = True, False  # Django takes nothing of it
        super().full_clean()
        for name, required in asked.items():
            self.fields[name].disabled, self.fields[name].required = False, required

    def _unasked(self) -> list[str]:
        chosen = {name: self[choice].data for name, (choice, _values) in self.only_for.items()}
        return [name for name, (_choice, values) in self.only_for.items() if chosen[name] not in values]


def ask_which(field: forms.ModelChoiceField) -> None:
    """A select that has to be answered begins unanswered, for the first of several is nobody's choice; one is taken."""
    few = () if field.queryset is None else field.queryset[:2]
    field.empty_label = None if len(few) == 1 else pgettext("select", "Choose")


def status_of(*forms_shown: forms.BaseForm) -> int:
    """What a page with these forms answers: 200 unless one was sent and not taken, 422 or as the refusal says."""
    sent = [form for form in forms_shown if form.is_bound]
    refused = [vars(form)[REFUSED].status for form in sent if REFUSED in vars(form)]
    return (refused or [422])[0] if sent else 200


def origin_of(request: HttpRequest, default: str) -> str:
    """The page that a form was opened from, filters and all, to land there again: the form carries it as `next`. Not
    the form's own page, and none but ours."""
    came = request.POST.get("next", "") or request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(came, {request.get_host()}, request.is_secure())
    parts = urlsplit(came if is_ours else "")
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    is_page = path.startswith("/") and url_has_allowed_host_and_scheme(path, None)  # //elsewhere is another host
    usual = resolve_url(default)
    is_own = request.path.startswith(parts.path) and parts.path != usual  # or what the form is about
    return path if is_page and not is_own else usual


def form_again(request: HttpRequest, form: forms.BaseForm, *, back: str, text: str = "") -> HttpResponse:
    """A small form out of a list, on a page of its own as it was entered, with what is wrong with it."""
    context = {"form": form, "back": resolve_url(back), "text": text}
    return render(request, "again.html", context, status=status_of(form))
