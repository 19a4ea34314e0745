"""Loaded before anything else: tests run in the test environment, however pytest was started."""

import os

os.environ.setdefault("APP_ENV", "test")
