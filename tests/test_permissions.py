"""Every route and each of its methods as every role; a route or method that the table does not know fails.

In each row somebody gets through: a row of refusals alone would not tell a right from an accident.
"""

import re
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.contrib import messages
from django.contrib.messages import get_messages
from django.core.files import File
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from people.models import Employee
from tests.cast import Cast
from tests.checklists.conftest import MORNING
from tests.filling import filled, forms_of
from tests.routes import ALSO, KEY, ROUTES, Route

ROWS = [*ROUTES.items(), *ALSO]
ALSO_READY = {(name, route.method) for name, route in ALSO}

WRITES = re.compile(r'(?:INSERT(?: OR IGNORE)? INTO|UPDATE|DELETE FROM) "(?!django_session)')
LEADS_ON = {  # their page is another one
    "cases:follow_up",
    "checklists:signature_open",
    "contingency:drill_detail",
    "duties:duty_open",
    "orders:import_progress",
    "people:roster_home",
}
WRITES_NOTHING = {  # what they do is in the session, in a cookie, or said
    "compliance:ledger_compare",
    "compliance:ledger_verify",
    "people:resume",
    "people:set_theme",
    "people:sign_out",
}


def names(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from names(pattern.url_patterns, space)
        else:
            yield f"{prefix}{pattern.name}"


def test_table_knows_every_route_and_no_other() -> None:
    known = set(names(get_resolver().url_patterns))
    assert known - ROUTES.keys() == set(), "say in tests/routes.py who may see these"
    assert ROUTES.keys() - known == set(), "these exist no more"
    assert {name for name, _route in ALSO} <= known


@pytest.mark.django_db
def test_table_knows_every_method(cast: Cast, sign_in: Callable[[Employee], Client]) -> None:
    """A method that no view takes is answered with those that it does."""
    client, found, told = sign_in(cast.sun), {}, {}
    with time_machine.travel(MORNING):
        for name, route in ROUTES.items():
            with transaction.atomic():
                answer = client.put(reverse(name, kwargs=route.build(cast) if route.build else {}))
                transaction.set_rollback(True)
            found[name] = set(answer.get("Allow", "").lower().split(", ")) - {"head"}
            told[name] = {row.method for named, row in ROWS if named == name}
    assert {name: found[name] for name in found if found[name] != told[name]} == {}


def gets_through(name: str, response: HttpResponse, sql: str) -> bool:
    """Whether the viewer got what they asked for: a page, or a post that was taken."""
    if response.status_code >= 400 or "/sign-in/?next=" in response.get("Location", ""):
        return False
    if response.wsgi_request.method == "POST":
        warnings = [told for told in get_messages(response.wsgi_request) if told.level >= messages.WARNING]
        return not warnings if name in WRITES_NOTHING else bool(WRITES.search(sql))
    return response.status_code == 200 or name in LEADS_ON


def offered(clients: list[Client], url: str, names: set[str]) -> dict[str, object]:
    """The form of a page, filled; as the first sees it to whom it is shown."""
    for client in clients:
        with transaction.atomic():
            forms = [filled(form) for form in forms_of(client.get(url))]
            transaction.set_rollback(True)
        if forms:
            return max(forms, key=lambda form: len(names & form.keys()))
    raise AssertionError("no page shows a form")


@pytest.mark.parametrize(("name", "route"), ROWS, ids=[f"{route.method} {name}" for name, route in ROWS])
@pytest.mark.django_db
def test_route_answers_each_viewer_as_the_table_says(
    name: str, route: Route, cast: Cast, sign_in: Callable[[Employee], Client]
) -> None:
    answers, is_through = [], False
    with time_machine.travel(MORNING):
        viewers = (None, cast.mei, cast.wang, cast.li, cast.zhao, cast.sun, cast.chen)
        clients = [sign_in(viewer) if viewer else Client() for viewer in viewers]
        url = reverse(name, kwargs=route.build(cast) if route.build else {})
        sent = {key: value(cast) if callable(value) else value for key, value in route.sent.items()}
        if route.fills:
            sent = {"client_id": KEY, **offered([clients[n] for n in (3, 2, 1, 5, 0)], url, {*sent}), **sent}
        for client in clients:
            for value in sent.values():
                if isinstance(value, File):
                    value.seek(0)
            with transaction.atomic(), CaptureQueriesContext(connection) as said:
                response = getattr(client, route.method)(url, sent)
                transaction.set_rollback(True)
            answers.append(response.status_code)
            is_through |= gets_through(name, response, " ".join(query["sql"] for query in said.captured_queries))
    assert tuple(answers) == route.expected, f"{name}: {' '.join(map(str, answers))}"
    is_ready_elsewhere = ROUTES[name] is route and (name, route.method) in ALSO_READY
    assert is_through or is_ready_elsewhere, f"{name}: nobody gets through"
