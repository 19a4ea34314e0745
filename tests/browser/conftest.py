"""A real browser on pages served by the live server: signed in as somebody, at phone or desktop size."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page

from people.models import Employee
from tests.cast import signed_in

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1366, "height": 850}
SIZES = {"phone": PHONE, "desktop": DESKTOP}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
OpenPage = Callable[..., Page]


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    return os.environ.get("CHROMIUM") or next((path for path in map(shutil.which, names) if path), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if chromium() is None:
        pytest.fail("There is no Chromium: make test installs it; -m 'not browser' leaves these tests out.")
    return {**browser_type_launch_args, "executable_path": chromium(), "args": FLAGS}


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[OpenPage]:
    """`open_page(cast.mei, "/", size="phone", language="en")` → a page, signed in, that fails on script errors."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(
        who: Employee | None,
        path: str = "/",
        *,
        size: str = "phone",
        language: str = "zh-hans",
        scheme: str = "light",
        scripts: bool = True,
        steady: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport=SIZES[size],  # type: ignore[arg-type]
            has_touch=size == "phone",
            java_script_enabled=scripts,
            base_url=live_server.url,
            reduced_motion="reduce",
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        contexts.append(context)
        cookies = {settings.LANGUAGE_COOKIE_NAME: language}
        if who is not None:
            cookies[settings.SESSION_COOKIE_NAME] = session_of(who)
        context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        if steady:  # of a connection that breaks the browser complains by itself
            page.on("console", lambda line: errors.append(line.text) if is_fault(line.type, line.text) else None)
        page.goto(path)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not errors, errors


def is_fault(kind: str, text: str) -> bool:
    """What the console reports as an error; an answer like 422 is none, for forms are answered with it."""
    return kind == "error" and "status of 4" not in text


def session_of(employee: Employee) -> str:
    return signed_in(employee).cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """`axe(page)` fails when axe finds something serious or critical, and says where."""

    def check(page: Page) -> None:
        found = Axe().run(page).response["violations"]
        bad = [
            f"{v['id']} ({v['impact']}): {', '.join(str(n['target']) for n in v['nodes'][:4])}"
            for v in found
            if v["impact"] in ("serious", "critical")
        ]
        assert not bad, f"{page.url}: {bad}"

    return check


def fits(page: Page) -> None:
    """Nothing makes the page scroll sideways."""
    page.wait_for_load_state()  # a click returns when the next page has begun; it may have no content yet
    excess = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert excess <= 1, f"{page.url} is {excess}px too wide"
