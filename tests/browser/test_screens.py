"""What a screen has to show at once: rows enough to work with, and what matters above the rest."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from duties.models import Duty
from kernel import clock
from people.actor import Actor
from tests.browser.conftest import OpenPage, fits
from tests.cases.factories import make_case
from tests.cast import Cast, make_member
from tests.duties.drafts import owe
from tests.orders.factories import make_finding, make_import, make_order
from tests.training.factories import make_assignment
from training.services import read_lesson

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


def test_forms_of_a_case_open_in_place_one_at_a_time_without_a_script(cast: Cast, open_page: OpenPage) -> None:
    order = make_order(cast.shop, waybill="SF1234567890123")
    case = make_case(cast, orders=[order.number], finding_ids=[make_finding(order).pk], owner=cast.wang)
    page = open_page(cast.wang, f"/cases/{case.pk}/", scripts=False)
    expect(page.get_by_role("heading", name="三方对照")).to_be_visible()
    page.get_by_role("link", name="联系 · 话术").click()
    expect(page.locator("#contact textarea[name=said]")).to_be_visible()
    page.locator("#note > summary").click()
    expect(page.locator("#note textarea")).to_be_visible()
    expect(page.locator("#contact textarea[name=said]")).to_be_hidden()
    page.locator("#note textarea").fill("已核对面单")
    page.locator("#note .form-actions .btn-primary").click()
    expect(page.locator(".timeline").last).to_contain_text("已核对面单")
    fits(page)


def test_refused_form_far_down_the_page_is_where_the_page_begins(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(cast.wang, f"/cases/{make_case(cast, owner=cast.wang).pk}/", size="desktop")
    page.locator("#contact > summary").click()
    page.locator("#contact textarea[name=said]").fill("说今晚补录")
    page.locator("#contact [name=follow_up_at]").fill("2020-01-01T10:00")
    page.locator("#contact .form-actions .btn-primary").click()
    expect(page.locator("#contact [name=follow_up_at]")).to_be_focused()
    expect(page.locator("#contact .invalid-feedback")).to_be_in_viewport()
    expect(page.locator("#contact textarea[name=said]")).to_have_value("说今晚补录")


def test_what_a_case_needs_stands_on_the_first_screen(cast: Cast, open_page: OpenPage) -> None:
    order = make_order(cast.shop, waybill="SF1234567890123")
    case = make_case(cast, orders=[order.number], finding_ids=[make_finding(order).pk], owner=cast.wang)
    page = open_page(cast.wang, f"/cases/{case.pk}/", size="desktop", language="en")
    for part in (".case-head", "#about", ".case-finding .facts", ".act--next > summary"):
        assert whole(page, part) == 1, part
    page = open_page(cast.wang, f"/cases/{case.pk}/")
    for part in (".case-head", "#about", ".case-finding .facts", ".thumb-bar .btn"):
        assert whole(page, part) == 1, part


def test_matrix_shows_sums_and_the_worst_without_scrolling(cast: Cast, open_page: OpenPage) -> None:
    now = clock.now()
    for n in range(40):
        person = make_member(cast, n)
        for m in range(12):
            Duty.objects.create(
                **{
                    "key": f"{n}:{m}",
                    "obligation": f"module:{m}",
                    "kind": "module",
                    "subject_id": 1,
                    "site": cast.site,
                },
                **{"title": {"zh": f"课程 {m}"}, "assignee": person, "opens_at": now - timedelta(days=2)},
                due_at=now - timedelta(hours=1),
                completed_at=None if (n, m) == (39, 11) else now - timedelta(hours=2),
            )
    page = open_page(cast.li, "/compliance/", size="desktop")
    assert whole(page, ".matrix-sums > :nth-child(-n+3)") == 3
    worst = page.locator(".matrix tbody tr").first
    expect(worst.locator("td").nth(1)).to_contain_text("已超时")
    expect(page.locator(".matrix thead th").nth(2)).to_have_text("课程 11")
    assert whole(page, ".matrix tbody tr:first-child > :nth-child(-n+3)") == 3
    page.locator(".table-scroll").evaluate("each => each.scrollTo(1000, 1000)")
    assert whole(page, ".matrix thead tr:first-child th:first-child") == 1
    phone = open_page(cast.li, "/compliance/")
    assert whole(phone, ".matrix-owing") == 1
    expect(phone.locator(".matrix-owing")).to_contain_text("1 项 · 1 人")
    fits(phone)


def test_quiz_sent_incomplete_comes_back_at_the_first_question_without_an_answer(
    cast: Cast, open_page: OpenPage
) -> None:
    assignment = make_assignment(cast)
    for lesson in assignment.module.current.lessons.all():
        read_lesson(assignment=assignment, lesson=lesson, actor=Actor.of(cast.mei))
    page = open_page(cast.mei, f"/training/{assignment.pk}/quiz/")
    first = page.locator("#question-1")
    if (place := first.locator("select")).count():
        for n in range(place.count()):
            place.nth(n).select_option(index=n + 1)
    else:
        first.locator("input").first.check()
    page.locator("button[form=quiz]").click()
    expect(page.locator("#question-2 :is(input, select)").first).to_be_focused()
    expect(page.locator("#question-2 legend")).to_be_in_viewport()


def test_matrix_of_many_columns_scrolls_in_its_frame_and_not_the_page(cast: Cast, open_page: OpenPage) -> None:
    for n in range(24):
        owe(cast, f"k{n}", obligation=f"checklist:{n}", subject_id=n)
    page = open_page(cast.li, "/compliance/", size="desktop", language="en")
    assert page.locator(".matrix thead th").count() > 24
    fits(page)


def test_names_of_the_three_sides_do_not_run_into_what_they_say(cast: Cast, open_page: OpenPage) -> None:
    make_import(cast.shop)
    order = make_order(cast.shop, "4140000000000000001")
    case = make_case(cast, orders=[order.number])
    for language in ("zh-hans", "en"):
        page = open_page(cast.wang, f"/cases/{case.pk}/", size="desktop", language=language)
        names = page.locator(".three dt").evaluate_all("all => all.map(name => [name.scrollWidth, name.clientWidth])")
        assert len(names) == 3 and all(needed <= given for needed, given in names), names


def test_quotation_marks_are_narrow_in_english_and_wide_in_chinese(cast: Cast, open_page: OpenPage) -> None:
    width = """() => {
        const mark = document.createElement("span"); mark.textContent = "“"; mark.style.fontSize = "100px";
        document.body.append(mark); return mark.getBoundingClientRect().width; }"""
    english, chinese = (open_page(cast.mei, language=language).evaluate(width) for language in ("en", "zh-hans"))
    assert english < 60 < chinese


@pytest.mark.parametrize(("path", "who"), [("/orders/board/?cause=courier", "mei"), ("/employees/?role=lead", "sun")])
def test_filters_are_one_button_with_their_number_on_the_phone(
    cast: Cast, open_page: OpenPage, path: str, who: str
) -> None:
    page = open_page(getattr(cast, who), path)
    expect(page.locator(".filter-open")).to_contain_text("1")
    expect(page.locator(".filter-more")).to_be_hidden()
    page.locator(".filter-open").click()
    expect(page.locator(".filter-more")).to_be_visible()
    page = open_page(getattr(cast, who), path, size="desktop")
    expect(page.locator(".filter-more")).to_be_visible()
    expect(page.locator(".filter-open")).to_be_hidden()
