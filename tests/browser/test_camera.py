"""The bench scans with a camera; here a film of a label plays in its place."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import BrowserContext, BrowserType, expect

from orders.models import Verification
from tests.browser.conftest import FLAGS, PHONE, chromium, session_of
from tests.cast import Cast
from tests.orders.test_photos import CLEAN, FOLDER, order_of

pytestmark = pytest.mark.django_db(transaction=True)
WIDTH, HEIGHT = 1280, 720


def film_of(photo: Path, film: Path) -> Path:
    """A few frames of one picture as YUV4MPEG2, which Chromium plays for a camera."""
    frame = Image.new("L", (WIDTH, HEIGHT), 255)
    label = Image.open(photo).convert("L")
    label.thumbnail((WIDTH, HEIGHT * 2))
    frame.paste(label, ((WIDTH - label.width) // 2, 0))
    plain = b"\x80" * (WIDTH * HEIGHT // 2)
    header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420\n".encode()
    film.write_bytes(header + (b"FRAME\n" + frame.tobytes() + plain) * 5)
    return film


@pytest.fixture
def filmed(browser_type: BrowserType, live_server: Any, cast: Cast, tmp_path: Path) -> Iterator[BrowserContext]:
    """Mei's phone, whose camera looks at a label."""
    film = film_of(FOLDER / CLEAN["file"], tmp_path / "label.y4m")
    camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    flags = [*FLAGS, *camera, f"--use-file-for-fake-video-capture={film}"]
    browser = browser_type.launch(executable_path=chromium(), args=flags)
    context = browser.new_context(viewport=PHONE, base_url=live_server.url, permissions=["camera"])  # type: ignore[arg-type]
    cookies = {settings.LANGUAGE_COOKIE_NAME: "zh-hans", settings.SESSION_COOKIE_NAME: session_of(cast.mei)}
    context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()])
    yield context
    browser.close()


def test_camera_scans_the_label_that_it_sees(cast: Cast, filmed: BrowserContext) -> None:
    order_of(cast, CLEAN)
    page = filmed.new_page()
    page.goto("/orders/bench/")
    page.get_by_role("button", name="相机扫码").click()
    expect(page.locator("#camera video")).to_be_visible()
    expect(page.locator(".verdict--passed")).to_be_visible(timeout=20000)
    assert Verification.objects.get(verdict="passed").number == CLEAN["waybill"]
    page.get_by_role("button", name="关闭相机").click()
    expect(page.locator("#camera")).to_be_hidden()
    expect(page.get_by_role("button", name="相机扫码")).to_be_visible()
