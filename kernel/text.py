"""Bilingual text: what people author once in Chinese and, where they like, in English."""

from typing import Any

from django.db import models
from django.utils.translation import get_language

Bilingual = dict[str, str]  # {"zh": "…", "en": "…"}; one of them may be missing


def localized(value: Any) -> str:
    """The text in the active language; the other language where one is missing."""
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    first, second = ("en", "zh") if (get_language() or "").startswith("en") else ("zh", "en")
    return value.get(first) or value.get(second) or ""


class BilingualField(models.JSONField):
    """{"zh": str, "en": str} as JSON."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("default", dict)
        super().__init__(**options)
