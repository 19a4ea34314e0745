"""Bilingual text: what people author once in Chinese and, where they like, in English."""

import re
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, override

Bilingual = dict[str, str]  # {"zh": "…", "en": "…"}; one of them may be missing
STRONG = re.compile(r"\*\*(\S|\S.*?\S)\*\*")
CODE = re.compile(r"`([^`]+)`")


def localized(value: Any) -> str:
    """The text in the active language; the other language where one is missing."""
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    first, second = ("en", "zh") if (get_language() or "").startswith("en") else ("zh", "en")
    return value.get(first) or value.get(second) or ""


def in_both(sentence: Any) -> Bilingual:
    """What is said now, for whoever reads it later, in their language."""
    said = {}
    for key, code in (("zh", "zh-hans"), ("en", "en")):
        with override(code):
            said[key] = str(sentence)
    return said


def listed(things: Iterable[Any]) -> str:
    """«a、b» or “a, b”, in the active language."""
    return gettext(", ").join(map(str, things))


def labelled(label: Any, text: Any) -> str:
    """«label：text» or “label: text”, in the active language."""
    return f"{label}{gettext(': ')}{text}"


def sentence(value: Any) -> SafeString:
    """Authored text of a sentence or two as HTML: escaped, with **strong** and `code` as lessons write them."""
    text = STRONG.sub(r"<strong>\1</strong>", escape(localized(value)))
    return mark_safe(CODE.sub(r"<code>\1</code>", text))


class BilingualField(models.JSONField):
    """{"zh": str, "en": str} as JSON."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("default", dict)
        super().__init__(**options)
