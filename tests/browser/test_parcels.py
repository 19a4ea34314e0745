"""From the packing bench to a closed case, on a phone."""

import pytest
from playwright.sync_api import Error, Page, expect

from cases.models import Case
from kernel import clock
from orders.models import Finding, LabelPhoto, Order, Rule, Verification
from orders.services.photos import read_photo_task
from tests.browser.conftest import OpenPage, fits
from tests.cast import Cast
from tests.orders.factories import make_finding, make_import, make_label, make_order
from tests.orders.test_photos import CLEAN, FOLDER, order_of

pytestmark = pytest.mark.django_db(transaction=True)
GOOD, WRONG = "YT1234567890123", "YT1234567890456"


@pytest.fixture
def parcels(cast: Cast) -> None:
    """A parcel whose sides agree, one whose number was mistyped on the platform, two that nobody picked up."""
    make_import(cast.shop)
    make_label(make_order(cast.shop, "4140000000000000001", GOOD, status="shipped"), GOOD)
    order = make_order(cast.shop, "4140000000000000002", "YT1234567890465", status="shipped")
    make_label(order, WRONG, courier="yto")
    sides = {
        "platform": {"waybill": "YT1234567890465", "courier": "yto"},
        "warehouse": {"waybill": WRONG, "courier": "yto", "printed_by": "陈梅"},
    }
    make_finding(order, waybill="YT1234567890465", evidence=sides)
    for n in (3, 4):
        late = make_order(cast.shop, f"414000000000000000{n}", f"YT12345678909{n}", status="shipped")
        evidence = {"platform": {"waybill": f"YT12345678909{n}", "courier": "yto"}}
        make_finding(late, waybill=f"YT12345678909{n}", code="no_pickup_24h", cause="courier", evidence=evidence)


def scan(page: Page, number: str) -> None:
    page.get_by_label("扫快递单号").fill(number)
    page.keyboard.press("Enter")


def test_packer_stops_a_parcel_opens_a_case_and_the_lead_closes_it(
    cast: Cast, parcels: None, open_page: OpenPage
) -> None:
    page = open_page(cast.mei, "/orders/bench/")
    scan(page, GOOD)
    expect(page.locator(".verdict--passed")).to_be_visible()
    scan(page, WRONG)
    expect(page.locator(".verdict--stopped")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="建异常单").click()
    page.locator("textarea[name=note]").fill("面单和平台差两位")
    page.locator(".form-actions .btn-primary").click()
    expect(page.locator("h1")).to_contain_text("C-")
    fits(page)
    page.get_by_role("button", name="我来处理").click()
    page.locator("#contact > summary").click()
    page.locator("#contact textarea[name=said]").fill("已请圆通更正")
    page.locator("#contact .form-actions .btn-primary").click()
    expect(page.locator(".timeline").last).to_contain_text("已请圆通更正")
    page.locator("#resolve > summary").click()
    page.locator("#resolve select[name=cause]").select_option("manual_entry")
    page.locator("#resolve select[name=resolution]").select_option("platform_corrected")
    page.locator("#resolve input[name=waybill]").fill(WRONG)
    page.locator("#resolve .form-actions .btn-primary").click()
    expect(page.locator("main")).to_contain_text("已解决")
    lead = open_page(cast.wang, page.url.removeprefix(page.url.split("/cases/")[0]))
    lead.locator("#close .form-actions .btn-primary").click()
    expect(lead.locator("main")).to_contain_text("已关闭")
    fits(lead)
    case = Case.objects.get()
    assert (case.status, case.cause, case.resolution) == ("closed", "manual_entry", "platform_corrected")
    assert [v.verdict for v in Verification.objects.order_by("id")] == ["passed", "stopped"]


def test_next_scan_does_not_wave_a_stopped_parcel_through(cast: Cast, parcels: None, open_page: OpenPage) -> None:
    page = open_page(cast.mei, "/orders/bench/", steady=False)
    page.wait_for_selector("#bench[data-kept]")
    stop = page.locator(".verdict--stopped")
    scan(page, WRONG)
    expect(page.get_by_role("button", name="已拿下").or_(page.get_by_role("link", name="已拿下"))).to_be_focused()
    page.keyboard.type(GOOD)
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    expect(stop).to_contain_text(WRONG)
    page.keyboard.press("Enter")
    expect(stop).to_be_hidden()
    page.context.set_offline(True)
    scan(page, WRONG)
    expect(page.get_by_role("button", name="已拿下")).to_be_focused()
    page.keyboard.type(GOOD)
    page.keyboard.press("Enter")
    expect(stop).to_contain_text(WRONG)
    page.keyboard.press("Enter")
    expect(stop).to_be_hidden()
    assert [v.verdict for v in Verification.objects.all()] == ["stopped"]


def test_enter_in_an_empty_field_keeps_nothing_without_network(cast: Cast, parcels: None, open_page: OpenPage) -> None:
    page = open_page(cast.mei, "/orders/bench/", steady=False)
    page.wait_for_selector("#bench[data-kept]")
    page.context.set_offline(True)
    scan(page, "")
    scan(page, GOOD)
    expect(page.locator(".verdict--passed")).to_contain_text("离线核对")
    expect(page.locator("[data-sync-state]")).to_contain_text("待上传 1")


def test_lead_makes_one_case_of_several_alerts(cast: Cast, parcels: None, open_page: OpenPage) -> None:
    page = open_page(cast.wang, "/orders/board/?tab=pickup")
    bar = page.locator(".chosen-bar")
    expect(bar.get_by_role("button", name="建单")).to_be_hidden()
    page.get_by_label("全选本页").check()
    expect(bar).to_contain_text("已选 2")
    fits(page)
    bar.get_by_role("button", name="建单").click()
    expect(page.locator("h1")).to_contain_text("C-")
    assert sorted(w.number for w in Case.objects.get().waybills.all()) == ["YT123456789093", "YT123456789094"]
    assert Finding.objects.filter(state="in_case").count() == 2
    expect(page.locator("section[aria-labelledby=say]")).to_contain_text("还没有揽收记录")


def test_bench_goes_on_without_network_and_syncs(cast: Cast, parcels: None, open_page: OpenPage) -> None:
    make_order(cast.shop, "4140000000000000009", "YT1234567890999", status="shipped", refund="requested")
    Rule.objects.create(key="bench_asks", shop=cast.shop, starts_on=clock.today(cast.site.zone), value="codes")
    for order in Order.objects.filter(number__in=["4140000000000000001", "4140000000000000003"]):
        order.items.create(line_number="1", seller_code="LAMP-1", title="露营灯", quantity=2)
    with_list = "orders/bench/known.json"
    page = open_page(cast.mei, "/orders/lookup/", steady=False)
    with page.expect_response(lambda answer: with_list in answer.url):
        page.goto(page.url.replace("/orders/lookup/", "/orders/bench/"))
    page.context.set_offline(True)
    scan(page, GOOD)
    expect(page.locator(".goods")).to_contain_text("露营灯")
    page.get_by_label("扫商品条码").fill("lamp-1")
    page.keyboard.press("Enter")
    expect(page.locator(".goods-number")).to_have_text("1/2")
    fits(page)
    page.wait_for_timeout(2100)  # at once it would be the same piece, fired twice
    page.get_by_label("扫商品条码").fill("LAMP-1")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict--passed")).to_contain_text("离线核对")
    scan(page, GOOD)
    expect(page.locator(".verdict--stopped")).to_contain_text("已经验过")
    page.get_by_role("button", name="已拿下").click()
    scan(page, "YT1234567890999")
    expect(page.locator(".verdict--stopped")).to_be_visible()
    page.get_by_role("button", name="已拿下").click()
    scan(page, "YT0000000000000")
    expect(page.locator(".verdict--unknown")).to_contain_text("这台手机")
    expect(page.locator("[data-sync-state]")).to_contain_text("待上传 6")
    assert not Verification.objects.exists()
    page.context.set_offline(False)
    expect(page.locator("[data-sync-state]")).not_to_contain_text("待上传")
    rows = Verification.objects.order_by("id").values_list("verdict", "told")
    assert list(rows) == [
        ("started", "started"),
        ("counted", "counted"),
        ("passed", "passed"),
        ("stopped", "stopped"),
        ("stopped", "stopped"),
        ("unknown", "unknown"),
    ]


def test_bench_is_there_after_a_reload_without_network_until_its_person_signs_out(
    cast: Cast, parcels: None, open_page: OpenPage
) -> None:
    page = open_page(cast.mei, "/orders/bench/", steady=False)
    page.wait_for_selector("#bench[data-kept]")
    page.context.set_offline(True)
    page.reload()
    scan(page, GOOD)
    expect(page.locator(".verdict--passed")).to_contain_text("离线核对")
    expect(page.locator("[data-sync-state]")).to_contain_text("待上传 1")
    page.context.set_offline(False)
    expect(page.locator("[data-sync-state]")).not_to_contain_text("待上传")
    assert Verification.objects.get().told == "passed"
    page.get_by_role("button", name="换人").click()
    expect(page.locator("input[name=username]")).to_be_visible()
    page.context.set_offline(True)
    with pytest.raises(Error, match="ERR_"):
        page.goto(page.url.split("/sign-in/")[0] + "/orders/bench/")


def test_packer_photographs_a_label_and_sees_what_differs(cast: Cast, open_page: OpenPage) -> None:
    order_of(cast, CLEAN, receiver_surname="钱")
    page = open_page(cast.mei, "/orders/bench/")
    page.set_input_files("input[type=file]", str(FOLDER / CLEAN["file"]))
    expect(page.locator(".verdict--passed")).to_be_visible()
    read_photo_task.call(LabelPhoto.objects.get().pk)
    expect(page.locator("section[aria-labelledby=compared]")).to_contain_text("不一致")
    expect(page.locator("#photo img")).to_be_visible()
    fits(page)
