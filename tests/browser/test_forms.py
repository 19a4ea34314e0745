"""Forms and what is set like print, as the browser lays them out: what is not asked, what comes again, what stands
beside what."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from cases.models import Case
from orders.services import confirm_import, create_import, run_import
from people.actor import Actor
from tests.browser.conftest import OpenPage, fits
from tests.cases.factories import make_case
from tests.cast import Cast
from tests.orders.factories import order_row, report, upload
from tests.training.factories import make_assignment, make_module, module_content, read_all, two

pytestmark = pytest.mark.django_db(transaction=True)

# Which characters begin a line of the text, by where the browser put each.
LINE_STARTS = """cell => {
    const text = cell.firstChild, starts = [];
    for (let n = 1; n < text.length; n += 1) {
        const [one, other] = [n - 1, n].map((at) => {
            const range = document.createRange();
            range.setStart(text, at);
            range.setEnd(text, at + 1);
            return range.getBoundingClientRect().top;
        });
        if (other > one + 2) starts.push(text.data[n]);
    }
    return starts;
}"""


def test_field_that_is_not_asked_any_more_holds_nothing_up_and_is_not_sent(cast: Cast, open_page: OpenPage) -> None:
    case = make_case(cast, owner=cast.mei)
    page = open_page(cast.mei, f"/cases/{case.pk}/?act=resolve")
    form = page.locator("#resolve")
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    amount, condition = form.locator("[name=refund_yuan]"), form.locator("[name=condition_met]")
    for field in (amount, condition):
        expect(field).to_be_hidden()
        expect(field).to_be_disabled()
    form.locator("[name=cause]").select_option("courier")
    form.locator("[name=resolution]").select_option("refunded")
    expect(amount).to_be_visible()
    amount.fill("-5")
    form.locator("[name=resolution]").select_option("no_fault")
    expect(amount).to_be_hidden()
    form.locator("[name=note]").fill("快递已送到")
    fits(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
    form.locator("form button").last.click()
    expect(page.locator("#messages")).not_to_be_empty()
    case.refresh_from_db()
    assert (case.status, case.resolution) == (Case.Status.RESOLVED, Case.Resolution.NO_FAULT)
    assert sent and "refund_yuan" not in sent[0]


def test_page_of_an_import_comes_anew_by_itself_once_all_is_read(cast: Cast, open_page: OpenPage) -> None:
    files = [upload(report(*(order_row(f"41400000000000000{n:02}") for n in range(3))))]
    batch = create_import(
        shop=cast.shop, uploads=files, actor=Actor.of(cast.li), client_id="6f1f2c1e-0000-4000-8000-000000000001"
    )
    confirm_import(batch=batch, actor=Actor.system("command"))
    page = open_page(cast.li, reverse("orders:import_detail", args=[batch.pk]))
    new = page.locator("dt", has_text="新增").locator("+ dd")
    expect(new).to_have_text("–")
    run_import(import_id=batch.pk)
    expect(new).to_have_text("3", timeout=20_000)


def test_small_form_that_is_refused_comes_again_as_it_was_entered_and_leads_back_to_its_list(
    cast: Cast, open_page: OpenPage
) -> None:
    page = open_page(cast.mei, "/cases/?status=all")
    fold = page.locator(".saved-views details")
    fold.locator("summary").click()
    fold.locator("[name=name]").fill("   ")
    fold.locator("form button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("操作没有完成")
    expect(page.locator(".invalid-feedback").first).to_be_visible()
    fits(page)
    page.get_by_role("link", name="取消").click()
    assert page.url.endswith("/cases/?status=all")


def at_quiz(cast: Cast, open_page: OpenPage) -> Page:
    long = "先把当天的订单报表从平台导出来，再和打印机打出来的面单一张一张地对，对完了再交给快递员签字"
    questions = [q for q in module_content()["questions"] if q["kind"] == "order"]
    questions[0]["options"] = [two(long, "First"), two("乙", "B"), two("丙", "C")]
    assignment = make_assignment(cast, version=make_module(questions=questions, questions_asked=1))
    read_all(assignment)
    return open_page(cast.mei, f"/training/{assignment.pk}/quiz/")


def middle(box: Any) -> float:
    return box["y"] + box["height"] / 2


def test_place_of_an_ordering_question_stands_beside_its_line(cast: Cast, open_page: OpenPage) -> None:
    page = at_quiz(cast, open_page)
    for place in page.locator(".quiz-place").all():
        number, line = place.locator("select").bounding_box(), place.locator("label").bounding_box()
        assert number and line
        assert line["x"] >= number["x"] + number["width"]
        assert abs(middle(number) - middle(line)) <= 2
    fits(page)


def test_table_in_a_lesson_breaks_no_line_before_a_comma(cast: Cast, open_page: OpenPage) -> None:
    cell = "、".join("打印面单扫描出库称重交接"[:n] for n in (3, 4, 5, 6, 7, 8, 9))  # one just fills a line
    body = two(f"| 快递 | 说明 | 平台 |\n|---|---|---|\n| {cell} | {cell} | {cell} |", "-")
    lesson = {"slug": "sides", "title": two("三方", "Three"), "minutes": 3, "body": body}
    version = make_module(lessons=[lesson, *module_content()["lessons"][1:]])
    assignment = make_assignment(cast, version=version)
    first = assignment.module.current.lessons.get(slug="sides")
    page = open_page(cast.mei, reverse("training:lesson", args=[assignment.pk, first.pk]))
    fits(page)
    for found in page.locator(".prose td").all():
        starts = found.evaluate(LINE_STARTS)
        assert starts and "、" not in starts
