"""Every page of the table of routes: nothing too wide, nothing that axe finds serious, no error of a script."""

from collections.abc import Callable

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage, fits
from tests.cast import Cast
from tests.checklists.conftest import MORNING
from tests.routes import ROUTES, Route

NO_PAGES = {
    "healthz",
    "checklists:evidence_open",
    "orders:bench_known",
    "orders:bench_worker",
    "orders:import_faults",
    "orders:photo_open",
    "orders:product_picture",
    "cases:case_workbook",
}  # pictures, and what is downloaded
VIEWERS = (("li", 3), ("sun", 5), ("wang", 2), ("mei", 1))  # with their column in the table


def viewer_of(route: Route) -> str | None:
    return next((name for name, column in VIEWERS if route.expected[column] == 200), None)


PAGES = sorted(
    name
    for name, route in ROUTES.items()
    if route.method == "get" and name not in NO_PAGES and "export" not in name and viewer_of(route)
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", PAGES)
def test_page_is_sound_at_both_sizes(name: str, cast: Cast, open_page: OpenPage, axe: Callable[[Page], None]) -> None:
    route = ROUTES[name]
    with time_machine.travel(MORNING):
        path = reverse(name, kwargs=route.build(cast) if route.build else {})
        viewer = getattr(cast, viewer_of(route) or "sun")
        for size, language, scheme in (("phone", "zh-hans", "dark"), ("desktop", "en", "light")):
            page = open_page(viewer, path, size=size, language=language, scheme=scheme)
            assert page.locator("h1").count() == 1, f"{name} has {page.locator('h1').count()} headings"
            fits(page)
            axe(page)
