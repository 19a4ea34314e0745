"""The days of the people who use it, walked as they walk them: a new hire's, a lead's, a manager's, an auditor's."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from cases.models import Case
from checklists.models import Checklist, Run, RunSample
from contingency.models import Activation, Material
from contingency.services import count_stock
from kernel import clock
from orders.models import Finding, Import
from orders.services import look_at_files, run_import
from orders.services.reconciling import reconcile_orders
from people.actor import Actor
from people.models import Employee
from starter.demo.files import moved_files
from tests.browser.conftest import OpenPage, fits
from tests.cast import PASSWORD, Cast
from tests.checklists.conftest import start_by_hand
from tests.checklists.test_pages import picture
from tests.orders.factories import imported, upload
from training.bulk import PastLearning, qualify_many
from training.drawing import draw
from training.models import Assignment, Module, ModuleVersion
from training.services import assign_module

Check = Callable[[Page], None]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def look(axe: Check) -> Check:
    """The page fits and axe finds nothing serious."""

    def check(page: Page) -> None:
        fits(page)
        axe(page)

    return check


@pytest.fixture
def library(cast: Cast, transactional_db: None) -> None:
    call_command("load_library", verbosity=0)


def learned(cast: Cast) -> None:
    """Wang and Mei passed everything a week ago."""
    versions = ModuleVersion.objects.select_related("module")
    ModuleVersion.objects.update(published_at=clock.now() - timedelta(days=9))
    qualify_many(
        [
            PastLearning(
                version=version,
                employee=who,
                site=cast.site,
                assigned_at=clock.now() - timedelta(days=8),
                passed_at=clock.now() - timedelta(days=7),
            )
            for version in versions
            for who in (cast.mei, cast.wang)
        ]
    )


def fill_quiz(page: Page, assignment: Assignment, number: int, *, rightly: bool) -> None:
    for one in draw(assignment.module.current, assignment, number):
        slug = one.question.slug
        if one.question.kind == "order":
            for place, index in enumerate(one.order):
                page.locator(f"select[name={slug}_{place}]").select_option(str((index if rightly else place) + 1))
            continue
        chosen = one.question.right if rightly else [i for i in one.order if i not in one.question.right][:1]
        for index in chosen:
            page.locator(f"input[name={slug}][value='{index}']").check()
    page.get_by_role("button", name="交卷").click()


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_new_hire_learns_fails_once_and_passes(
    cast: Cast, library: None, open_page: OpenPage, look: Check, size: str
) -> None:
    cast.mei.notice_read_at = None
    cast.mei.save()
    module = Module.objects.select_related("current").get(slug="daily-order-check")
    assignment = assign_module(
        module=module, employee=cast.mei, site=cast.site, key="day", actor=Actor.system("command")
    )
    page = open_page(None, "/", size=size)
    page.locator("main input[type=text]").fill("1001")
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("系统记录了你的哪些信息")
    look(page)
    page.locator("main form button").click()
    expect(page.get_by_text("每日订单检查")).to_be_visible()
    look(page)
    page.get_by_role("link", name="继续").click()
    look(page)
    page.get_by_role("link", name="开始学").click()
    for _lesson in range(4):
        look(page)
        page.locator("main form button").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("考试")
    look(page)
    page.get_by_role("button", name="交卷").click()
    expect(page.get_by_role("alert")).to_contain_text("还没答")
    fill_quiz(page, assignment, 1, rightly=False)
    expect(page.get_by_role("heading", level=1)).to_have_text("这次没通过")
    look(page)
    page.get_by_role("link", name="再考一次").click()
    fill_quiz(page, assignment, 2, rightly=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("通过了")
    look(page)
    page.get_by_role("link", name="去今日待办").click()
    expect(page.get_by_text("现在没有待办")).to_be_visible()


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_lead_checks_finds_a_problem_and_gets_over_a_broken_printer(
    cast: Cast, library: None, open_page: OpenPage, look: Check, size: str, tmp_path: Path
) -> None:
    learned(cast)
    files = [upload(content, name) for name, content in moved_files("yunqi-xlsx", clock.now())]
    imported(cast.shop, *files)
    reconcile_orders(shop_id=cast.shop.pk)
    run = start_by_hand(cast, Checklist.objects.get(slug="morning-order-check"), shop=cast.shop)
    photo = tmp_path / "desk.jpg"
    photo.write_bytes(picture().read())
    page = open_page(cast.wang, "/", size=size)
    page.get_by_role("link", name="继续").click()
    expect(page.locator(".runner-figure")).to_contain_text("数据截至")
    look(page)
    answer_everything(page, run, photo, look)
    page.get_by_role("button", name="提交").click()
    run.refresh_from_db()
    assert run.state == Run.State.SUBMITTED and Case.objects.filter(source="check").exists()
    manager = open_page(cast.li, f"/checks/{run.pk}/record/", size=size)
    look(manager)
    manager.get_by_role("button", name="通过").first.click()
    run.refresh_from_db()
    assert run.state == Run.State.ACCEPTED
    spare = Material.objects.get(site=cast.site, slug="spare-label-printer")
    count_stock(material=spare, quantity=2, actor=Actor.of(cast.wang), client_id=uuid.uuid4())
    break_the_printer(page, look)
    spare.refresh_from_db()
    assert spare.balance == 1 and Activation.objects.get().closed_at is not None


def answer_everything(page: Page, run: Run, photo: Path, look: Check) -> None:
    """Every item in turn: a figure that is not 0 is a problem with a reason, a photo and a case."""
    for item in run.version.items.order_by("position"):
        page.goto(f"/checks/{run.pk}/?item={item.pk}")
        if item.kind == "number":
            page.locator("#number").fill(str(int(item.least or 0) + 1))
        if item.kind == "text":
            page.locator("#text").fill("无")
        if item.kind == "photo":
            page.locator("#photo").set_input_files(photo)
        if item.kind == "sample":
            for number in RunSample.objects.filter(run=run, item=item).values_list("number", flat=True):
                assert number not in page.locator("#item").inner_text()
                page.locator("input[name=scanned]").press_sequentially(number)  # as quickly as a scanner types
                page.locator("input[name=scanned]").press("Enter")
                page.wait_for_load_state("networkidle")
        passes = page.locator(".runner-pass")
        if passes.count():
            passes.click()
        else:
            page.locator(".runner-unfold").click()
            look(page)
            page.locator("fieldset .chip").first.click()
            page.locator("#photo").set_input_files(photo)
            if page.locator("#correction").count():
                page.locator("#correction").fill("马上处理")
            page.get_by_role("button", name="保存异常").click()
        page.wait_for_load_state("networkidle")
        assert page.locator("#item .alert-danger").all_inner_texts() == [], item.slug
    page.goto(f"/checks/{run.pk}/?item=end")


def break_the_printer(page: Page, look: Check) -> None:
    page.goto("/plans/")
    look(page)
    page.get_by_role("article").filter(has_text="打印机").get_by_role("link", name="启动").click()
    page.locator("textarea, input[type=text]").first.fill("2 号机卡纸")
    page.locator("button[value=real]").click()
    look(page)
    page.get_by_role("button", name="步已完成").or_(page.locator("#steps button.btn-lg")).first.click()
    expect(page.locator("#steps .btn-link").first).to_be_visible()
    page.get_by_role("button", name="领用").first.click()
    page.wait_for_load_state("networkidle")
    page.locator(".thumb-bar a").click()
    look(page)
    for field in page.locator("form textarea, form input[type=text]").all():
        field.fill("当时没有需要")
    page.get_by_role("button", name="结束预案").click()
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_manager_imports_finds_an_order_and_exports_completion(
    cast: Cast, library: None, open_page: OpenPage, look: Check, size: str, tmp_path: Path
) -> None:
    page = open_page(cast.li, "/orders/imports/", size=size)
    look(page)
    page.get_by_role("link", name="导入文件").first.click()
    for name, content in moved_files("shanye-csv", clock.now()):
        (tmp_path / name).write_bytes(content)
    page.locator("input[type=file]").set_input_files(sorted(tmp_path.iterdir()))
    page.get_by_role("button", name="查看文件内容").click()
    expect(page.locator("#import-progress")).to_be_visible()
    look(page)
    look_at_files(import_id=Import.objects.get().pk, asks=True)
    expect(page.get_by_text("第 3002 行")).to_be_visible(timeout=20_000)
    look(page)
    page.locator(".thumb-bar button").first.click()
    expect(page.locator("#import-progress")).to_be_visible()
    run_import(import_id=Import.objects.get().pk)
    reconcile_orders(shop_id=cast.shop.pk)
    page.goto("/orders/board/")
    look(page)
    assert Finding.objects.count() == 138
    finding = Finding.objects.filter(code="transposed_digits").select_related("order").earliest("id")
    page.goto(f"/orders/findings/{finding.pk}/")
    look(page)
    page.goto(f"/orders/lookup/?q={finding.order.number[-4:]}")
    look(page)
    page.goto(f"/orders/lookup/?q={finding.order.number}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(finding.order.number[-4:])
    look(page)
    page.goto("/compliance/")
    look(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("completion-")
    assert "姓名" in Path(download.value.path()).read_text("utf-8-sig").splitlines()[0]


def test_auditor_reads_and_verifies(cast: Cast, library: None, open_page: OpenPage, look: Check) -> None:
    learned(cast)
    page = open_page(cast.zhao, "/compliance/ledger/", size="phone")
    look(page)
    page.get_by_role("button", name="校验").first.click()
    expect(page.locator("#messages")).to_contain_text("完好")
    page.goto(f"/compliance/people/{cast.mei.pk}/")
    expect(page.get_by_role("heading", name="时的资格")).to_be_visible()
    look(page)


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_administrator_hires_gives_a_role_and_deactivates(
    cast: Cast, library: None, open_page: OpenPage, look: Check, size: str
) -> None:
    page = open_page(cast.sun, "/admin/", size=size)
    look(page)
    page.get_by_role("link", name="添加人员").first.click()
    page.locator("input[name=number]").fill("1020")
    page.locator("input[name=name]").fill("周小满")
    page.get_by_role("button", name="保存").click()
    password = page.get_by_test_id("password").inner_text()
    look(page)
    page.get_by_role("link", name="完成", exact=True).click()
    page.get_by_role("link", name="分配角色").click()
    page.locator("select[name=role]").select_option("employee")
    page.locator("select[name=place]").select_option(label=cast.site.name)
    look(page)
    page.locator("main form button").click()
    expect(page.locator("#messages")).not_to_be_empty()
    hired = Employee.objects.get(number="1020")
    first_day(open_page(None, "/", size=size), "1020", password)
    page.goto(f"/employees/{hired.pk}/")
    page.get_by_role("link", name="停用").click()
    look(page)
    page.locator("main form button.btn-danger").click()
    page.wait_for_load_state("networkidle")
    hired.refresh_from_db()
    assert not hired.is_active and not hired.memberships.filter(ends_on=None).exists()


def first_day(page: Page, number: str, password: str) -> None:
    """Somebody new signs in with what the administrator told them, chooses a password and reads the notice."""
    page.locator("main input[type=text]").fill(number)
    page.locator("input[type=password]").fill(password)
    page.keyboard.press("Enter")
    for name in ("password", "again"):
        page.locator(f"input[name={name}]").fill("bench-and-tape-9")
    if page.locator("input[name=current]").count():
        page.locator("input[name=current]").fill(password)
    page.locator("main form button").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("系统记录了你的哪些信息")
    page.locator("main form button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("今日待办")
