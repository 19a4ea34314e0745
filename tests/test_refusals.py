"""What is refused stands in its form, which comes back as it was entered."""

import re
import uuid
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
from tests.filling import filled, forms_of
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
        assert begins_at_refused(response)
        shown = [field for field in form if not field.is_hidden and field.data == WORDS and is_text(field)]
        assert all(f"{WORDS}" in str(field) for field in shown)
        assert not shown or WORDS in response.content.decode()


def begins_at_refused(response: HttpResponse) -> bool:
    """Whether a form on the page marks what was refused, by which frontend/src/focus.ts finds it."""
    main = re.sub(r".*?<main\b|</main>.*", "", response.content.decode(), flags=re.DOTALL)
    marked = re.compile(r'aria-invalid="true"|class="[^"]*\b(?:is-invalid|alert-danger)\b')
    return any(marked.search(form) for form in re.findall(r"<form\b.*?</form>", main, re.DOTALL))


def is_text(field: Any) -> bool:
    return getattr(field.field.widget, "input_type", "textarea") in ("text", "search", "date", "time", "textarea")


# --- what a service refuses, though the form's shape is right

KEY = str(uuid.UUID(int=7))
Refusal = tuple[str, str, dict[str, Any], str]  # route, viewer, sent, the field that has the sentence

MOVED = {"paid_from": "2026-11-12 08:00", "paid_until": "11-11 08:00", "ship_by": "11-14 08:00", "reason": WORDS}

REFUSED: list[Refusal] = [
    (
        "cases:case_contact",
        "mei",
        {"follow_up_at": "2026-11-01T08:00", "said": WORDS},
        "follow_up_at",
    ),
    ("cases:case_close", "wang", {"note": WORDS}, "__all__"),
    ("cases:case_reopen", "wang", {"note": WORDS}, "__all__"),
    ("cases:appeal_decide", "sun", {"word": "no", "reason": WORDS}, "reason"),
    ("cases:deduction_appeal", "mei", {"text": WORDS}, "__all__"),
    ("orders:rule_list", "li", MOVED, "paid_until"),
    ("contingency:plan_activate", "wang", {"reason": ""}, "reason"),
    ("contingency:drill_new", "wang", {"due_at": "2026-11-01T08:00"}, "due_at"),
    ("contingency:activation_take", "mei", {"quantity": "50"}, "quantity"),
    ("contingency:material_detail", "mei", {"kind": "taken", "quantity": "5000", "note": WORDS}, "quantity"),
    ("training:module_assign", "wang", {"due_at": "2026-11-01T08:00", "reason": WORDS}, "due_at"),
    ("orders:rule_edit", "li", {"starts_on": "2026-01-01", "source": WORDS}, "starts_on"),
    ("orders:coverage_edit", "li", {"starts_at": "2026-11-05T08:00", "ends_at": "2026-11-04T08:00"}, "__all__"),
    ("people:employee_new", "sun", {"number": "1001", "name": WORDS}, "number"),
    ("people:membership_end", "sun", {"on": "2020-01-01"}, "on"),
    ("people:roster_day", "wang", {"day": "2024-06-01"}, "choice"),
    ("checklists:run_review", "wang", {"note": WORDS}, "__all__"),
    ("orders:barcodes_paste", "wang", {"text": "\n \n"}, "text"),
]


@pytest.mark.parametrize(("name", "who", "sent", "field"), REFUSED, ids=[row[0] for row in REFUSED])
@pytest.mark.django_db
def test_refusal_of_a_service_stands_in_the_form_as_it_was_entered(
    name: str, who: str, sent: dict[str, Any], field: str, cast: Cast, sign_in: Callable[[Employee], Client]
) -> None:
    route = ROUTES[name]
    with time_machine.travel(MORNING):
        url = reverse(name, kwargs=route.build(cast) if route.build else {})
        ask = Asking(sign_in(getattr(cast, who)))
        base = {key: value(cast) if callable(value) else value for key, value in route.sent.items()}
        offered = [filled(form) for form in forms_of(ask("get", url, {}))]
        fitting = max(offered, key=lambda form: len(sent.keys() & form.keys()), default={})
        response = ask("post", url, {"client_id": KEY, **fitting, **base, **sent})
    assert response.status_code in (409, 422), response.status_code
    form = bound(response)
    assert form is not None
    assert list(form.errors) == [field]
    assert str(form.errors[field][0]) in response.content.decode()
    assert begins_at_refused(response)
    if WORDS in sent.values():
        assert WORDS in response.content.decode()
