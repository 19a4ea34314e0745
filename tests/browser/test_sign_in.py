"""Signing in on a phone, as a person does it."""

import pytest

from tests.browser.conftest import OpenPage, fits
from tests.cast import PASSWORD, Cast


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_mei_signs_in_and_sees_what_she_owes(
    transactional_db: None, cast: Cast, open_page: OpenPage, axe, size: str
) -> None:
    page = open_page(None, "/", size=size)
    fits(page)
    axe(page)
    page.locator("input:visible").nth(0).fill(cast.mei.number)
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("h1")
    page.wait_for_url("**/")
    fits(page)
    axe(page)
    assert "sign-in" not in page.url
