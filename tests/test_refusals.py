"""What is refused stands in its form, which comes back as it was entered."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from people.models import Employee
from tests.cast import Cast
from tests.checklists.conftest import MORNING
from tests.filling import forms_of
from tests.routes import ROUTES
from tests.test_fuzz import Asking, viewers, watched

WORDS = "留下这句话"
NO_FORM = {"orders:bench": "the next scan is its own", "training:quiz": "its lessons come first"}


def bound(response: HttpResponse) -> Any:
    """The form that was sent, as the page shows it again."""
    return next((form for form in forms_of(response) if form.is_bound and form.errors), None)


@pytest.mark.parametrize("name", sorted(ROUTES.keys() - NO_FORM))
@pytest.mark.django_db
def test_form_that_is_not_taken_comes_back_with_what_was_typed(
    name: str, cast: Cast, sign_in: Callable[[Employee], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every route, sent words in place of everything that it reads."""
    route = ROUTES[name]
    with time_machine.travel(MORNING):
        url = reverse(name, kwargs=route.build(cast) if route.build else {})
        base = {key: value(cast) if callable(value) else value for key, value in route.sent.items()}
        ask = Asking(sign_in(next(viewers(route, cast), cast.li)))
        with watched(monkeypatch) as names:
            ask("post", url, {**base, "words": WORDS})
        response = ask("post", url, {**dict.fromkeys(names, WORDS), "words": WORDS})
    if response.status_code == 422:
        form = bound(response)
        assert form is not None, response.content.decode()
        shown = [field for field in form if not field.is_hidden and field.data == WORDS and is_text(field)]
        assert all(f"{WORDS}" in str(field) for field in shown)
        assert not shown or WORDS in response.content.decode()


def is_text(field: Any) -> bool:
    return getattr(field.field.widget, "input_type", "textarea") in ("text", "search", "date", "time", "textarea")
