"""The box for a drawn parcel's number tells whether it was scanned or typed."""

from playwright.sync_api import expect

from checklists.models import SampleScan
from tests.browser.conftest import OpenPage
from tests.cast import Cast
from tests.checklists.conftest import published, start_by_hand, two
from tests.orders.factories import make_label, make_order

NUMBERS = ("SF1234567890101", "SF1234567890102", "SF1234567890103")


def test_number_that_comes_at_once_is_scanned_and_one_from_fingers_or_the_clipboard_is_typed(
    cast: Cast, open_page: OpenPage
) -> None:
    for n, number in enumerate(NUMBERS):
        make_label(make_order(cast.shop, f"41400000000000{n:05}"), number)
    sample = {"slug": "sample", "kind": "sample", "sample": 3, "title": two("抽 3 件", "Verify three")}
    run = start_by_hand(cast, published(items=[sample]), shop=cast.shop)
    page = open_page(cast.mei, f"/checks/{run.pk}/")
    box = page.locator("#scanned")
    box.press_sequentially(NUMBERS[0], delay=90)
    box.press("Enter")
    expect(page.get_by_text("手输").first).to_be_visible()
    expect(box).to_be_focused()  # the scanner types into the page that came back
    page.keyboard.insert_text(NUMBERS[1])
    box.press("Enter")
    expect(page.locator(".state--ok")).to_have_count(2)
    box.evaluate(
        """(field, text) => {
            field.value = text;
            field.dispatchEvent(new InputEvent("input", { inputType: "insertFromPaste", bubbles: true }));
        }""",
        NUMBERS[2],
    )
    box.press("Enter")
    expect(page.locator(".state--ok")).to_have_count(3)
    methods = dict(SampleScan.objects.values_list("scanned", "method"))
    assert methods == dict(zip(NUMBERS, ("typed", "scanned", "typed"), strict=True))
