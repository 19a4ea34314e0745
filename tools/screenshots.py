"""The README's pictures, taken from a running demo: python -m tools.screenshots http://127.0.0.1:8000

The demo is fresh (make demo-reset; make run); the walk imports the second shop's files.
"""

import json
import sys
import time
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tools.steps import ROOT

PHONE, DESKTOP = ViewportSize(width=390, height=780), ViewportSize(width=1280, height=760)
LANGUAGES, LOCALES = {"zh": "zh-hans", "en": "en"}, {"zh": "zh-CN", "en": "en-GB"}


class Walk:
    """Signed-in pages of the demo's people, one language at a time."""

    def __init__(self, browser: Browser, base: str, language: str) -> None:
        self.browser, self.base, self.language = browser, base, language
        self.folder = ROOT / "docs" / "images" / language
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = json.loads((ROOT / "var" / "demo" / "accounts.json").read_text("utf-8"))
        self.accounts = {row["role"]: row for row in rows}

    def page(self, role: str, size: ViewportSize) -> Page:
        context = self.browser.new_context(
            viewport=size, color_scheme="light", device_scale_factor=1.5, locale=LOCALES[self.language]
        )
        page = context.new_page()
        page.goto(f"{self.base}/sign-in/")
        page.locator("main input[type=text]").fill(self.accounts[role]["number"])
        page.locator("input[type=password]").fill(self.accounts[role]["password"])
        page.keyboard.press("Enter")
        page.wait_for_load_state("networkidle")
        cookie = {"name": "django_language", "value": LANGUAGES[self.language], "url": self.base}
        context.add_cookies([cookie])  # type: ignore[list-item]
        if "/notice/" in page.url:
            page.locator("main form button").click()
        return page

    def take(self, page: Page, name: str, path: str = "") -> None:
        if path:
            page.goto(f"{self.base}{path}")
        page.wait_for_load_state("networkidle")
        page.evaluate("document.activeElement?.blur()")
        picture = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(160, dither=Image.Dither.NONE)
        picture.save(self.folder / f"{name}.png", optimize=True)


def learn(walk: Walk) -> None:
    page = walk.page("employee", PHONE)
    walk.take(page, "today-new-hire", "/")
    page.locator("article a.btn-primary").click()
    walk.take(page, "module")
    page.locator(".card-list a").nth(1).click()
    walk.take(page, "lesson")


def check(walk: Walk) -> None:
    page = walk.page("lead", PHONE)
    walk.take(page, "today-lead", "/")
    page.goto(f"{walk.base}/checks/")
    run = page.locator(".card-list a.card-row").first
    if run.count():
        run.click()
        walk.take(page, "runner")
    walk.take(page, "board", "/orders/board/?tab=mismatch")
    number = page.locator("[data-copy]").first.get_attribute("data-copy") or ""
    page.goto(f"{walk.base}/orders/bench/")
    page.locator("#scanned").fill(number)
    page.locator("#scanned").press("Enter")
    page.wait_for_selector(".verdict")
    walk.take(page, "bench")
    walk.take(page, "plans", "/plans/")


def manage(walk: Walk) -> None:
    page = walk.page("manager", DESKTOP)
    files = sorted(p for p in (ROOT / "var" / "demo").iterdir() if p.suffix == ".csv")
    page.goto(f"{walk.base}/orders/imports/new/")
    page.locator("select[name=shop]").select_option(label="山野户外旗舰店")
    page.locator("input[type=file]").set_input_files([str(p) for p in files])
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/orders/imports/*/", timeout=60_000)
    walk.take(page, "import-preview")
    if walk.language == "zh":
        page.locator(".thumb-bar button").first.click()
        for _second in range(90):
            page.wait_for_timeout(1000)
            if page.locator("#import-progress a.btn-primary").count():
                break
    else:
        page.locator(".thumb-bar button").last.click()
    walk.take(page, "board-desktop", "/orders/board/?tab=mismatch")
    page.locator(".alerts tbody .col-kind a").first.click()
    walk.take(page, "finding")
    walk.take(page, "matrix", "/compliance/")


def prove(walk: Walk) -> None:
    page = walk.page("auditor", DESKTOP)
    page.goto(f"{walk.base}/compliance/ledger/")
    page.locator("main form button").first.click()
    walk.take(page, "ledger")
    page.goto(f"{walk.base}/compliance/")
    page.locator("tbody th a").nth(4).click()
    walk.take(page, "person")


def main() -> None:
    base = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    with sync_playwright() as player:
        chromium = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), None)
        browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for language in LANGUAGES:
            walk = Walk(browser, base, language)
            for part in (learn, check, manage, prove):
                began = time.monotonic()
                part(walk)
                print(f"{language} {part.__name__}: {time.monotonic() - began:.0f} s")
        browser.close()


if __name__ == "__main__":
    main()
