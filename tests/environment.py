"""Loaded before anything else: tests run in the test environment, however pytest was started."""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("APP_ENV", "test")
if not os.environ.get("DATA_DIR"):  # a database of its own for each run: two of one clone may run at once
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="shipshape-test-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in the test's thread
