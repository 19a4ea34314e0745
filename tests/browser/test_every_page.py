"""Every page that the table of routes knows, looked at with axe: on a phone in the dark, at a desk in English."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page

from people.models import Employee
from tests.browser.conftest import OpenPage, fits
from tests.cast import Cast
from tests.checklists.conftest import MORNING
from tests.routes import ROUTES, Build

FILES = ("case_export", "import_faults", "export", "ledger_export")  # answered with a file, not with a page
ROOMS = sorted({name.partition(":")[0] for name in ROUTES} - {"healthz"})


@pytest.fixture
def that_morning() -> Iterator[None]:
    with time_machine.travel(MORNING):
        yield


def pages_of(room: str, cast: Cast) -> Iterator[tuple[Employee | None, str]]:
    """(viewer, path) of each page of a room, as somebody who may see it."""
    viewers = (None, cast.mei, cast.wang, cast.li, cast.zhao, cast.sun)
    built: dict[Build, dict[str, object]] = {}
    for name, route in ROUTES.items():
        space, _, short = name.partition(":")
        able = [viewer for viewer, status in zip(viewers, route.expected, strict=False) if status == 200]
        if space != room or route.method != "get" or short in FILES or not able:
            continue
        if route.build and route.build not in built:
            built[route.build] = route.build(cast)
        keys = built[route.build] if route.build else {}
        yield (cast.li if cast.li in able else able[-1]), reverse(name, kwargs=keys)


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.django_db(transaction=True)
def test_pages_fit_and_axe_finds_nothing_serious(
    room: str, that_morning: None, cast: Cast, open_page: OpenPage, axe: Callable[[Page], None]
) -> None:
    open_pages: dict[tuple[int | None, str], Page] = {}
    seen = 0
    for viewer, path in pages_of(room, cast):
        for size, language, scheme in (("phone", "zh-hans", "dark"), ("desktop", "en", "light")):
            who = (viewer.pk if viewer else None, size)
            if who not in open_pages:
                open_pages[who] = open_page(viewer, path, size=size, language=language)
                open_pages[who].emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page = open_pages[who]
            page.goto(path)
            fits(page)
            axe(page)
            seen += 1
    assert seen >= 2
