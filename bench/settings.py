"""The product's own settings, with the floors' URLs beside its own."""

from pathlib import Path

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
TEMPLATES[0]["DIRS"].append(Path(__file__).parent / "templates")  # noqa: F405
