"""A check goes on without a network: each answer waits on the phone, is sent once and in order, and the mark goes."""

from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from checklists.models import Answer, Run
from contingency.models import StepTick
from kernel import clock
from people.models import Employee
from tests.browser.conftest import OpenPage, fits, session_of
from tests.cast import PASSWORD, Cast
from tests.checklists.conftest import published, start_by_hand
from tests.contingency.factories import make_activation

pytestmark = pytest.mark.django_db(transaction=True)
MARK = "[data-sync-state]"
TITLES = ("打印机正常", "面单卷数", "退款件已拦下", "备注")


@pytest.fixture
def run(cast: Cast) -> Run:
    """A run of four items that Mei may answer."""
    return start_by_hand(cast, shop=cast.shop)


def at_item(page: Page, n: int) -> None:
    expect(page.locator("#item-title")).to_have_text(TITLES[n])


def opened(open_page: OpenPage, cast: Cast, run: Run) -> Page:
    """The run at its first item, with those that follow fetched ahead."""
    page = open_page(cast.mei, "/orders/lookup/", steady=False)
    last = f"item={run.version.items.order_by('position').last().pk}"
    with page.expect_response(lambda answer: last in answer.url):
        page.goto(f"{page.url.split('/orders/')[0]}/checks/{run.pk}/")
    page.wait_for_load_state("networkidle")
    at_item(page, 0)
    return page


def passed(page: Page) -> None:
    page.locator(".runner-pass").click()


def said(run: Run) -> list[tuple[str, str]]:
    return list(Answer.objects.filter(run=run).order_by("id").values_list("item__slug", "value"))


def test_check_goes_on_without_network_and_everything_is_saved_once_and_in_order(
    cast: Cast, run: Run, open_page: OpenPage
) -> None:
    page = opened(open_page, cast, run)
    page.context.set_offline(True)
    passed(page)
    at_item(page, 1)
    page.locator("#number").fill("6")
    page.locator("#number").press("Enter")
    at_item(page, 2)
    page.get_by_role("link", name="上一页").click()
    at_item(page, 1)
    page.get_by_role("link", name="下一页").click()
    at_item(page, 2)
    passed(page)
    at_item(page, 3)
    page.locator("#text").fill("无")
    passed(page)
    expect(page.locator("#item h2")).to_have_text("都答完了")
    expect(page.locator(MARK)).to_have_text("待上传 4")
    fits(page)
    assert said(run) == []
    page.context.set_offline(False)
    expect(page.locator(MARK)).to_have_text("已保存")
    expect(page.get_by_role("button", name="提交")).to_be_visible()
    expect(page.locator("#run-progress")).to_contain_text("4 / 4")
    expect(page.locator("#messages")).not_to_contain_text("网络断了")
    assert said(run) == [("printer", "pass"), ("rolls", "pass"), ("hold", "pass"), ("note", "pass")]
    assert not Answer.objects.exclude(held="").exists()


def test_answer_is_tried_again_by_itself_while_the_browser_believes_to_be_online(
    cast: Cast, run: Run, open_page: OpenPage
) -> None:
    page = opened(open_page, cast, run)
    page.route("**/items/*/", lambda route: route.abort())
    passed(page)
    at_item(page, 1)
    expect(page.locator(MARK)).to_have_text("待上传 1")
    page.unroute("**/items/*/")
    expect(page.locator(MARK)).to_have_text("已保存", timeout=15_000)
    assert said(run) == [("printer", "pass")]


def test_answers_of_a_tab_that_was_killed_are_sent_by_the_next(cast: Cast, run: Run, open_page: OpenPage) -> None:
    page = opened(open_page, cast, run)
    address, context = page.url, page.context
    context.set_offline(True)
    passed(page)
    at_item(page, 1)
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator(MARK)).to_have_text("已保存")
    assert said(run) == [("printer", "pass")]


def test_two_tabs_send_what_waits_once_and_both_show_it(cast: Cast, run: Run, open_page: OpenPage) -> None:
    page = opened(open_page, cast, run)
    other = page.context.new_page()
    other.goto(page.url)
    page.context.set_offline(True)
    passed(page)
    at_item(page, 1)
    expect(other.locator(MARK)).to_have_text("待上传 1")
    page.context.set_offline(False)
    expect(page.locator(MARK)).to_have_text("已保存")
    expect(other.locator(MARK)).to_have_text("已保存")
    assert said(run) == [("printer", "pass")]


def failing(page: Page, run: Run, **answer: Any) -> None:
    """The server answers the first item of the run like this, whoever asks and as often as they do."""
    first = run.version.items.order_by("position").first()
    page.context.route(f"**/checks/{run.pk}/items/{first.pk}/", lambda route: route.fulfill(**answer))


def tried_again(page: Page) -> None:
    """The phone's longest pause goes by."""
    with page.context.expect_event("response", lambda answer: answer.request.method == "POST"):
        page.clock.fast_forward(61_000)


def test_answer_that_the_server_fails_at_holds_up_its_own_check_alone_and_is_set_aside_in_the_end(
    cast: Cast, run: Run, open_page: OpenPage
) -> None:
    second = start_by_hand(cast, published("evening"), shop=cast.shop)
    page = opened(open_page, cast, run)
    other = page.context.new_page()
    other.goto(page.url.replace(f"/checks/{run.pk}/", f"/checks/{second.pk}/"))
    page.clock.install()
    page.context.set_offline(True)
    passed(page)
    at_item(page, 1)
    page.locator("#number").fill("6")
    passed(page)
    at_item(page, 2)
    passed(other)
    expect(page.locator(MARK)).to_have_text("待上传 3")
    failing(page, run, status=500, body="")
    page.context.set_offline(False)
    expect(page.locator(MARK)).to_have_text("待上传 2")
    assert (said(run), said(second)) == ([], [("printer", "pass")])
    other.close()
    for _try in range(6):
        if page.get_by_role("button", name="未接受 1").count():
            break
        tried_again(page)
        page.wait_for_load_state("networkidle")
    expect(page.get_by_role("button", name="未接受 1")).to_be_visible()
    expect(page.locator(MARK)).not_to_contain_text("待上传")
    assert said(run) == [("rolls", "pass")]
    page.goto(page.url.split("/checks/")[0] + "/")
    expect(page.locator(".top-bar [data-sync-state]")).to_have_text("未接受 1")
    fits(page)
    page.get_by_role("button", name="未接受 1").click()
    expect(page.locator("dialog")).to_contain_text("服务器出错")
    item = run.version.items.get(slug="printer").title["zh"]
    expect(page.locator("dialog")).to_contain_text(f"{item} · 正常")  # in the words of its page
    page.context.unroute_all()
    page.get_by_role("button", name="再发一次").click()
    expect(page.locator(MARK)).to_have_text("已保存")
    assert said(run) == [("rolls", "pass"), ("printer", "pass")]


def test_answer_is_kept_while_something_on_the_way_answers_in_the_servers_place(
    cast: Cast, run: Run, open_page: OpenPage
) -> None:
    page = opened(open_page, cast, run)
    kept(page)
    failing(page, run, status=200, content_type="text/html", body="<h1>请登录 Wi-Fi</h1>")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.context.set_offline(False)
    expect(page.locator(MARK)).to_have_text("待上传 1")
    assert said(run) == []
    page.context.unroute_all()
    expect(page.locator(MARK)).to_have_text("已保存", timeout=15_000)
    assert said(run) == [("printer", "pass")]


def kept(page: Page) -> None:
    """An answer that waits on the phone, which has no network."""
    page.context.set_offline(True)
    passed(page)
    at_item(page, 1)


def test_answer_waits_until_its_person_may_send_it(cast: Cast, run: Run, open_page: OpenPage) -> None:
    page = opened(open_page, cast, run)
    kept(page)
    Employee.objects.filter(pk=cast.mei.pk).update(notice_read_at=None)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.context.set_offline(False)
    expect(page.locator(MARK)).to_have_text("待上传 1")
    Employee.objects.filter(pk=cast.mei.pk).update(notice_read_at=clock.now())
    expect(page.locator(MARK)).to_have_text("已保存", timeout=20_000)
    assert said(run) == [("printer", "pass")]


def test_answer_is_not_sent_under_the_name_of_somebody_else(cast: Cast, run: Run, open_page: OpenPage) -> None:
    page = opened(open_page, cast, run)
    kept(page)
    cookie = {
        "name": settings.SESSION_COOKIE_NAME,
        "value": session_of(cast.wang),
        "url": page.url.split("/checks/")[0],
    }
    page.context.add_cookies([cookie])
    page.context.set_offline(False)
    expect(page.locator("dialog input[name=username]")).to_be_visible()
    assert said(run) == []
    page.locator("dialog input[name=username]").fill(cast.mei.number)
    page.locator("dialog input[name=password]").fill(PASSWORD)
    page.locator("dialog button").click()
    expect(page.locator(MARK)).to_have_text("已保存")
    assert Answer.objects.get().employee == cast.mei


def test_back_in_the_runner_shows_the_whole_page(cast: Cast, run: Run, open_page: OpenPage) -> None:
    page = opened(open_page, cast, run)
    passed(page)
    at_item(page, 1)
    page.locator("#number").fill("6")
    passed(page)
    at_item(page, 2)
    page.go_back()
    at_item(page, 1)
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".bottom-bar")).to_be_visible()
    passed_before = page.locator(".runner-known")
    expect(passed_before).to_be_visible()
    page.go_forward()
    at_item(page, 2)
    passed(page)
    at_item(page, 3)


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")


def test_keyboard_goes_on_from_item_to_item_and_down_through_what_unfolds(
    cast: Cast, run: Run, open_page: OpenPage
) -> None:
    page = opened(open_page, cast, run)
    page.locator(".runner-pass").focus()
    page.keyboard.press("Enter")
    at_item(page, 1)
    expect(page.locator("#item-title")).to_be_focused()
    page.keyboard.press("Tab")
    assert focused(page) == "number"
    page.keyboard.press("Tab")
    assert focused(page) == "unfold"
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "reason"
    order = page.evaluate("""() => {
        const all = [...document.querySelectorAll('#unfold, #problem, .runner-form .btn-danger')];
        return all.map((one) => one.id || one.className.split(' ')[1]).join(' ') + ' '
          + all.every((one, n) => !n || one.getBoundingClientRect().top >= all[n - 1].getBoundingClientRect().top);
    }""")
    assert order == "unfold problem btn-danger true"
    fits(page)
    page.locator("#problem ~ .runner-fail .btn-danger").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".alert-danger")).to_be_visible()
    expect(page.locator(".alert-danger")).to_be_focused()


def test_keyboard_goes_on_from_step_to_step_of_a_plan(cast: Cast, open_page: OpenPage) -> None:
    activation = make_activation(cast)
    page = open_page(cast.wang, f"/plans/activations/{activation.pk}/")
    page.get_by_role("button", name="第 1 步做完了").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="第 2 步做完了")).to_be_focused()
    assert StepTick.objects.count() == 1
