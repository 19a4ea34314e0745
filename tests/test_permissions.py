"""Every route as every role; a route that the table does not know fails."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from people.models import Employee
from tests.cast import Cast
from tests.checklists.conftest import MORNING
from tests.routes import ROUTES


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


@pytest.mark.parametrize("name", sorted(ROUTES))
@pytest.mark.django_db
def test_route_answers_each_viewer_as_the_table_says(
    name: str, cast: Cast, sign_in: Callable[[Employee], Client]
) -> None:
    route = ROUTES[name]
    answers = []
    with time_machine.travel(MORNING):
        url = reverse(name, kwargs=route.build(cast) if route.build else {})
        sent = {key: value(cast) if callable(value) else value for key, value in route.sent.items()}
        for viewer in (None, cast.mei, cast.wang, cast.li, cast.zhao, cast.sun, cast.chen):
            client = sign_in(viewer) if viewer else Client()
            with transaction.atomic():
                answers.append(getattr(client, route.method)(url, sent).status_code)
                transaction.set_rollback(True)
    assert tuple(answers) == route.expected, f"{name}: {' '.join(map(str, answers))}"
