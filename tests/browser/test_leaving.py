"""A phone that several share: who signs out leaves nothing on it, but that something waits to be sent."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.cases.factories import make_case
from tests.cast import PASSWORD, Cast
from tests.checklists.conftest import start_by_hand
from tests.orders.factories import make_order

pytestmark = pytest.mark.django_db(transaction=True)
KEPT = """async () => {
    const done = (asked) => new Promise((told) => { asked.onsuccess = () => told(asked.result); });
    const db = await done(indexedDB.open("shipshape"));
    const count = (name) => done(db.transaction(name).objectStore(name).count());
    const [known, waiting] = [await count("known"), await count("waiting")];
    db.close();
    const pages = (await caches.keys()).includes("bench-page");
    const drafts = Object.keys(sessionStorage).filter((key) => key.startsWith("draft"));
    return { known, waiting, pages, typed: drafts.length };
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
    before = page.evaluate(KEPT)
    assert before["known"] and before["pages"] and before["typed"]
    sign_out(page)
    assert page.evaluate(KEPT) == {"known": 0, "waiting": 0, "pages": False, "typed": 0}
    page.context.set_offline(True)
    with pytest.raises(Exception, match="ERR_"):
        page.goto("/orders/bench/")


def test_sign_in_page_says_that_something_waits_and_not_what(cast: Cast, open_page: OpenPage) -> None:
    run = start_by_hand(cast, shop=cast.shop)
    page = open_page(cast.mei, f"/checks/{run.pk}/", steady=False)
    cut_off = "**/checks/**"
    page.route(cut_off, lambda asked: asked.abort() if asked.request.method == "POST" else asked.continue_())
    page.locator(".runner-pass").click()
    expect(page.locator("[data-sync-state]").first).to_have_text("待上传 1")
    sign_out(page)
    expect(page.locator("[data-waiting-here]")).to_have_text("这台设备上还有 1 条没上传，填写人登录后自动上传。")
    page.unroute(cut_off)
    page.locator("[name=username]").fill(cast.mei.number)
    page.locator("[name=password]").fill(PASSWORD)
    with page.expect_response(lambda answer: "/items/" in answer.url and answer.request.method == "POST"):
        page.locator("form button.btn-primary").click()
    assert run.answers.count() == 1


def test_page_in_another_tab_is_gone_too(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.mei, "/")
    other = page.context.new_page()
    other.goto("/me/")
    sign_out(page)
    expect(other.locator("input[name=username]")).to_be_visible()
