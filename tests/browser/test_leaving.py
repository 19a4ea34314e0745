"""A phone that several share: who signs out leaves nothing on it, but that something waits to be sent."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.cases.factories import make_case
from tests.cast import PASSWORD, Cast
from tests.contingency.factories import make_activation
from tests.orders.factories import make_order

pytestmark = pytest.mark.django_db(transaction=True)
KEPT = """async () => {
    const done = (asked) => new Promise((told) => { asked.onsuccess = () => told(asked.result); });
    const db = await done(indexedDB.open("shipshape"));
    const count = (name) => done(db.transaction(name).objectStore(name).count());
    const [known, waiting] = [await count("known"), await count("waiting")];
    db.close();
    const pages = (await caches.keys()).includes("bench-page");
    return { known, waiting, pages, typed: sessionStorage.length };
}"""


def sign_out(page: Page) -> None:
    page.goto("/me/")
    page.locator("form[action='/sign-out/'] button").first.click()
    expect(page.locator("input[name=username]")).to_be_visible()


def test_back_after_signing_out_shows_nothing(cast: Cast, open_page: OpenPage) -> None:
    case = make_case(cast, note="买家张三说面单错了")
    page = open_page(cast.mei, f"/cases/{case.pk}/")
    expect(page.get_by_text("买家张三说面单错了").first).to_be_visible()
    sign_out(page)
    for _ in ("/me/", "the case"):
        page.go_back()
        expect(page.locator("input[name=username]")).to_be_visible()
        assert "张三" not in page.content()


def test_device_keeps_nothing_of_whoever_signed_out(cast: Cast, open_page: OpenPage) -> None:
    make_order(cast.shop, waybill="SF1234567890123")
    case = make_case(cast)
    page = open_page(cast.mei, "/orders/bench/", steady=False)
    page.wait_for_selector("#bench[data-kept]")
    page.goto(f"/cases/{case.pk}/")
    page.evaluate("sessionStorage.setItem('draft:1:note', '半句话')")
    assert page.evaluate(KEPT) == {"known": 1, "waiting": 0, "pages": True, "typed": 1}
    sign_out(page)
    assert page.evaluate(KEPT) == {"known": 0, "waiting": 0, "pages": False, "typed": 0}
    page.context.set_offline(True)
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        page.goto("/orders/bench/")


def test_sign_in_page_says_that_something_waits_and_not_what(cast: Cast, open_page: OpenPage) -> None:
    activation = make_activation(cast)
    page = open_page(cast.mei, f"/plans/activations/{activation.pk}/", steady=False)
    page.route("**/steps/**", lambda route: route.abort())
    page.locator("form[data-offline] button").first.click()
    page.wait_for_function("async () => (await indexedDB.databases()).length > 0")
    expect(page.locator(".message--kept")).to_be_visible()
    sign_out(page)
    expect(page.locator("[data-waiting-here]")).to_have_text("这台设备上还有 1 条没上传，填写人登录后自动上传。")
    page.unroute("**/steps/**")
    page.locator("[name=username]").fill(cast.mei.number)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form button.btn-primary").click()
    page.wait_for_function("() => !location.pathname.startsWith('/sign-in')")
    page.wait_for_function(f"async () => (await ({KEPT})()).waiting === 0")
    assert activation.ticks.count() == 1


def test_page_in_another_tab_is_gone_too(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.mei, "/")
    other = page.context.new_page()
    other.goto("/me/")
    sign_out(page)
    expect(other.locator("input[name=username]")).to_be_visible()
