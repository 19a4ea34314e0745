"""Numbers that people type: written out in digits, within what somebody can have meant."""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOST = Decimal(1_000_000)
PLAIN = re.compile(r"[+-]?\d{1,9}(?:\.\d{1,6})?", re.ASCII)


def read_number(text: Any) -> Decimal | None:
    """«１，０２４．５» → 1024.5. Wide characters, spaces and commas between thousands are forgiven; powers of ten, NaN,
    infinity and more digits than anybody counts are None."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", str(text)))
    if re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        plain = plain.replace(",", "")
    return Decimal(plain) if PLAIN.fullmatch(plain) else None


class NumberField(forms.DecimalField):
    """Not below zero and not above a million, unless its form says otherwise; two places after the point."""

    default_error_messages = {"invalid": _("Write a number in digits, such as 12 or 3.5.")}

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", 0)
        options.setdefault("max_value", MOST)
        options.setdefault("decimal_places", 2)
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values or not str(value).strip():
            return None
        number = read_number(value)
        if number is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return number


class CountField(forms.IntegerField):
    """A whole number: pieces, hours, points. Not below zero and not above a million, unless its form says otherwise."""

    default_error_messages = {"invalid": _("Write a whole number in digits, such as 12.")}

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", 0)
        options.setdefault("max_value", int(MOST))
        super().__init__(**options)

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or not str(value).strip():
            return None
        number = read_number(value)
        if number is None or number != number.to_integral_value():
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(number)
