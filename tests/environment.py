"""Loaded before anything else: tests run in the test environment, however pytest was started."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("APP_ENV", "test")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in the test's thread


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Names what failed in the file that FAILED_TESTS names: `make test` runs it once more by itself."""
    reporter, place = session.config.pluginmanager.get_plugin("terminalreporter"), os.environ.get("FAILED_TESTS")
    if place and reporter and not hasattr(session.config, "workerinput"):
        reports = [*reporter.stats.get("failed", ()), *reporter.stats.get("error", ())]
        Path(place).write_text("\n".join(dict.fromkeys(report.nodeid for report in reports)), "utf-8")
