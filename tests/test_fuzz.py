"""Every route, asked with what nobody should send: it may refuse, it never breaks.

What a route reads is found by watching it: each name that its view asks of the query or the form gets every hostile
value, once all of them together and once each alone beside a form that is otherwise filled well.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.urls import reverse

from people.models import Employee
from tests.cast import Cast
from tests.checklists.conftest import MORNING
from tests.filling import filled, forms_of
from tests.routes import ROUTES, Route

ALONE: list[Any] = ["0001-01-01T00:00", "9999-12-31", str(2**63), "\0", "长" * 3000, ["1", "2"]]
HOSTILE: list[Any] = [*ALONE, "-1", "1e9", "NaN", "9" * 400, "１２", "", "😀", "%", "[]", "2026-02-30T25:61", "0001-01"]
BROKEN = "%ED%A0%BD"  # a lone surrogate, as bytes
PATHS = ("0", str(2**63 - 1), str(2**63), "9" * 40, "-1", "%00", "%F0%9F%98%80", "%ff", "a" * 500, "１")
MOST_FIELDS = 8  # a form of more repeats itself
ANSWERS = {200, 204, 302, 400, 403, 404, 405, 409, 413, 422, 503}
NEVER = {"csrfmiddlewaretoken"}
PROBE = {"asked-for-nothing": "1"}


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The names that are asked of queries and forms meanwhile."""
    names: set[str] = set()

    def watching(method: Callable[..., Any]) -> Callable[..., Any]:
        def asked(self: QueryDict, key: Any, *rest: Any, **options: Any) -> Any:
            names.add(key)
            return method(self, key, *rest, **options)

        return asked

    with monkeypatch.context() as patch:
        for name in ("__getitem__", "get", "getlist"):
            patch.setattr(QueryDict, name, watching(getattr(QueryDict, name)))
        yield names
    names -= NEVER


def viewers(route: Route, cast: Cast) -> Iterator[Employee]:
    """Who is let in."""
    everyone = (cast.mei, cast.wang, cast.li, cast.zhao, cast.sun)
    for viewer, status in list(zip(everyone, route.expected[1:], strict=False))[::-1]:
        if status not in (403, 404):
            yield viewer


class Asking:
    """A viewer's requests, each undone afterwards."""

    def __init__(self, client: Client) -> None:
        self.client, self.n = client, 0

    def __call__(self, method: str, url: str, sent: dict[str, Any], **options: Any) -> HttpResponse:
        self.n += 1
        with transaction.atomic():
            response = getattr(self.client, method)(url, sent, **options)
            b"".join(response) if response.streaming else response.content
            transaction.set_rollback(True)
        assert response.status_code in ANSWERS, f"{method} {url} {str(sent)[:300]}: {response.status_code}"
        return response


@pytest.mark.parametrize("name", sorted(ROUTES))
@pytest.mark.django_db
def test_route_refuses_what_is_hostile_and_never_breaks(
    name: str, cast: Cast, sign_in: Callable[[Employee], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    route = ROUTES[name]
    with time_machine.travel(MORNING):
        kwargs = route.build(cast) if route.build else {}
        url = reverse(name, kwargs=kwargs)
        base = {key: value(cast) if callable(value) else value for key, value in route.sent.items()}
        ask = Asking(sign_in(next(viewers(route, cast), cast.li)))
        for method in ("get", "post"):
            with watched(monkeypatch) as names:
                shown = ask(method, url, {**base, **PROBE})
            if shown.status_code == 405 or not names:
                continue
            for value in HOSTILE:
                ask(method, url, dict.fromkeys(names, value))
            if method == "get":
                ask(method, f"{url}?{'&'.join(f'{key}={BROKEN}' for key in names)}", {})
            if method == "post":
                forms = [filled(form) for form in forms_of(ask("get", url, {}))]
                sent = {**max(forms, key=lambda form: len(names & form.keys()), default={}), **base}
                for key in sorted(names & sent.keys())[:MOST_FIELDS]:
                    for value in ALONE:
                        ask(method, url, {**sent, key: value})
        for key in kwargs:
            marked = reverse(name, kwargs={**kwargs, key: 7777777})
            for hostile in PATHS:
                ask(route.method, marked.replace("7777777", hostile), base)
