"""What the page's script adds: signing in again in place, offline answers, confirmation, the menu, the look-up key."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import PHONE, OpenPage, fits, session_of
from tests.cast import PASSWORD, Cast

FORM = """
<form id="sent" hx-post="/theme/" hx-target="#answer" {attributes}>
  <input type="hidden" name="csrfmiddlewaretoken" value="stale"><input type="hidden" name="client_id" value="first">
  <input type="hidden" name="next" value="/me/"><label>theme <input name="theme" value="dark"></label>
  <button>send</button>
</form><div id="answer"></div><span data-sync-state></span>
"""
ASKING = """
<form method="post" action="/theme/" data-confirm="Throw it away?">
  <button name="theme" value="light">throw</button>
</form>
"""


@pytest.fixture
def unsteady(browser: Browser, live_server: Any, cast: Cast) -> Iterator[Page]:
    """Mei's phone where connection and session fail: the browser's own complaints about that are no fault."""
    context = browser.new_context(viewport=PHONE, base_url=live_server.url)  # type: ignore[arg-type]
    cookies = {settings.LANGUAGE_COOKIE_NAME: "en", settings.SESSION_COOKIE_NAME: session_of(cast.mei)}
    context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()])
    yield context.new_page()
    context.close()


def with_form(page: Page, markup: str) -> None:
    """Opens “Me” with a form of the test's own in it, so that the script finds it when the page starts."""

    def answer(route: Route) -> None:
        if route.request.resource_type != "document" or route.request.method != "GET":
            return route.continue_()
        response = route.fetch()
        text = response.text().replace('<div class="messages"', markup + '<div class="messages"', 1)
        return route.fulfill(response=response, body=text)

    page.route("**/me/", answer)
    page.goto("/me/")


def theme(page: Page) -> str:
    return next((c["value"] for c in page.context.cookies() if c["name"] == "theme"), "")


@pytest.mark.django_db(transaction=True)
def test_expired_session_signs_in_in_place_and_sends_again(cast: Cast, unsteady: Page) -> None:
    page = unsteady
    with_form(page, FORM.format(attributes=""))
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="send").click()
    dialog = page.locator("dialog")
    dialog.locator("input[name=username]").fill(cast.mei.number)
    dialog.locator("input[name=password]").fill(PASSWORD)
    dialog.locator("button.btn-primary").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#answer")).not_to_be_empty()
    assert theme(page) == "dark"


@pytest.mark.django_db(transaction=True)
def test_answer_given_offline_is_kept_and_sent_later(unsteady: Page) -> None:
    page = unsteady
    with_form(page, FORM.format(attributes="data-offline"))
    page.route("**/theme/", lambda route: route.abort("connectionfailed"))
    page.get_by_role("button", name="send").click()
    state = page.locator("[data-sync-state]")
    expect(state).to_have_text("1 to send")
    expect(page.locator("#sent input[name=client_id]")).not_to_have_value("first")
    assert theme(page) != "dark"
    page.unroute("**/theme/")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(state).to_have_text("Saved")
    assert theme(page) == "dark"


@pytest.mark.django_db(transaction=True)
def test_answer_that_is_not_accepted_stays_visible(unsteady: Page) -> None:
    page = unsteady
    with_form(page, FORM.format(attributes="data-offline"))
    page.route("**/theme/", lambda route: route.abort("connectionfailed"))
    page.get_by_role("button", name="send").click()
    expect(page.locator("[data-sync-state]")).to_have_text("1 to send")
    page.unroute("**/theme/")
    refusal = '<p data-refusal role="alert">Somebody was quicker.</p>'
    page.route("**/theme/", lambda route: route.fulfill(status=409, content_type="text/html", body=refusal))
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.get_by_role("button", name="1 not accepted").click()
    expect(page.locator("dialog")).to_contain_text("Somebody was quicker.")


@pytest.mark.django_db(transaction=True)
def test_refusal_is_told_and_the_form_stays(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.mei, "/me/")
    with_form(page, FORM.format(attributes=""))
    refusal = '<p data-refusal role="alert">Somebody was quicker.</p>'
    page.route("**/theme/", lambda route: route.fulfill(status=409, content_type="text/html", body=refusal))
    page.get_by_role("button", name="send").click()
    expect(page.locator("#messages")).to_contain_text("Somebody was quicker.")
    expect(page.locator("#answer")).to_be_empty()
    expect(page.get_by_role("button", name="send")).to_be_enabled()


@pytest.mark.django_db(transaction=True)
def test_confirmation_asks_before_it_sends(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.mei, "/me/", language="en")
    with_form(page, ASKING)
    sent: list[str] = []
    page.route("**/theme/", lambda route: (sent.append(route.request.method), route.fulfill(status=204))[1])
    page.get_by_role("button", name="throw").click()
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("Throw it away?")
    dialog.get_by_role("button", name="Cancel").click()
    assert sent == []
    page.get_by_role("button", name="throw").click()
    with page.expect_request("**/theme/"):
        dialog.get_by_role("button", name="throw").click()


@pytest.mark.django_db(transaction=True)
def test_menu_opens_and_closes_by_keyboard(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.wang, "/")
    page.locator("[data-menu-open]").press("Enter")
    expect(page.locator("#menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_hidden()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_frame_fits_and_passes_axe(cast: Cast, open_page: OpenPage, axe: Callable[[Page], None], size: str) -> None:
    page = open_page(cast.li, "/", size=size)
    fits(page)
    axe(page)


@pytest.mark.django_db(transaction=True)
def test_dark_frame_passes_axe(cast: Cast, open_page: OpenPage, axe: Callable[[Page], None]) -> None:
    page = open_page(cast.li, "/me/")
    page.emulate_media(color_scheme="dark")
    axe(page)
