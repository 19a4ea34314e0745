"""What a screen has to show at once: rows enough to work with, and what matters above the rest."""

from collections.abc import Callable
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


def test_chart_is_drawn_in_both_themes_and_a_mark_opens_its_rows(
    cast: Cast, alerts: None, open_page: OpenPage, axe: Callable[[Page], None]
) -> None:
    for size, scheme in (("phone", "dark"), ("desktop", "light")):
        page = open_page(cast.li, "/orders/causes/", size=size, scheme=scheme)
        drawn = page.locator("[data-chart] svg")
        expect(drawn).to_have_count(2)
        for name in ("预警（条）", "累计占比（%）", "两位颠倒"):
            expect(drawn.first).to_contain_text(name)
        fits(page)
        axe(page)
    marks = [mark.bounding_box() for mark in drawn.first.locator("path[fill='#2340c4']").all()]
    bar = max((at for at in marks if at), key=lambda at: at["height"])
    page.mouse.click(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] * 0.75)
    expect(page.locator("h1")).to_have_text("预警明细")
    assert "code=transposed_digits" in page.url


def test_numbers_of_a_chart_are_there_without_a_script(cast: Cast, alerts: None, open_page: OpenPage) -> None:
    page = open_page(cast.li, "/orders/causes/", scripts=False)
    expect(page.locator("[data-chart]").first).to_be_hidden()
    page.get_by_role("link", name="30").first.click()
    expect(page.locator(".alerts tbody tr")).to_have_count(30)
