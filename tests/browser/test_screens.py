"""What a screen has to show at once: rows enough to work with, and what matters above the rest."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from kernel import clock
from tests.browser.conftest import OpenPage, fits
from tests.cast import Cast
from tests.orders.factories import make_finding, make_import, make_order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alerts(cast: Cast) -> None:
    make_import(cast.shop)
    for n in range(30):
        order = make_order(cast.shop, f"41400000000000000{n:02}")
        make_finding(order, due_at=clock.now() + timedelta(hours=n), loss_cents=100 * n)


def whole(page: Page, selector: str) -> int:
    """How many of these stand wholly on the screen as it opens."""
    return page.locator(selector).evaluate_all(
        "all => all.map(each => each.getBoundingClientRect())"
        ".filter(at => at.height && at.top >= 0 && at.bottom <= window.innerHeight).length"
    )


def test_many_alerts_fit_on_a_desktop_and_several_on_a_phone(cast: Cast, alerts: None, open_page: OpenPage) -> None:
    for language in ("zh-hans", "en"):
        assert whole(open_page(cast.wang, "/orders/board/", size="desktop", language=language), ".alerts tbody tr") >= 7
        page = open_page(cast.wang, "/orders/board/", language=language)
        page.locator(".alerts").evaluate("table => table.scrollIntoView()")
        assert whole(page, ".alerts tbody tr") >= 4
        fits(page)


def test_head_of_the_board_stays_in_sight(cast: Cast, alerts: None, open_page: OpenPage) -> None:
    page = open_page(cast.wang, "/orders/board/", size="desktop")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    assert whole(page, ".alerts thead th") >= 9


def test_board_is_worked_by_keyboard(cast: Cast, alerts: None, open_page: OpenPage) -> None:
    page = open_page(cast.wang, "/orders/board/", size="desktop")
    page.locator(".alerts tbody td").first.focus()
    for key in ("Space", "ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(page.locator(".chosen-bar")).to_contain_text("已选 2")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("颠倒")
    assert page.url.rstrip("/").split("/")[-2] == "findings"
