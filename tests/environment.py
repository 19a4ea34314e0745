"""Loaded before anything else: tests run in the test environment, however pytest was started."""

import os

os.environ.setdefault("APP_ENV", "test")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in the test's thread
