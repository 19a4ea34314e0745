"""What Django says of a field, in this product's words: sentences that say what to do, in both languages.

Django keeps its sentences on its classes; there they are replaced, once, when the program starts. A field or form may
still say something more fitting.
"""

from typing import Any

from django import forms
from django.core import validators
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

TAKEN = _("There is one with this %(field_label)s already. Choose another.")


def speak() -> None:
    """Puts the sentences in their places."""
    fill_in, choose = _("Fill this in."), _("Choose one.")
    not_offered = _("This is not offered any more. Choose another.")
    forms.Field.default_error_messages = {**forms.Field.default_error_messages, "required": fill_in}
    of_fields: dict[type[forms.Field], dict[str, Any]] = {
        forms.ChoiceField: {"required": choose, "invalid_choice": not_offered},
        forms.MultipleChoiceField: {
            "required": _("Choose at least one."),
            "invalid_choice": not_offered,
            "invalid_list": not_offered,
        },
        forms.ModelChoiceField: {"required": choose, "invalid_choice": not_offered},
        forms.BooleanField: {"required": _("Tick this.")},
        forms.FileField: {
            "required": _("Choose a file."),
            "invalid": _("The file did not arrive. Choose it again."),
            "missing": _("The file did not arrive. Choose it again."),
            "empty": _("This file is empty."),
            "max_length": _("The name of this file is too long. Rename it."),
        },
        forms.UUIDField: {"invalid": _("This page is too old to be sent. Load it again.")},
        forms.RegexField: {"invalid": _("This cannot be read.")},
        forms.EmailField: {"invalid": _("This is no e-mail address. Write it like name@example.com.")},
    }
    for field, sentences in of_fields.items():
        own = {k: v for k, v in vars(field).get("default_error_messages", {}).items() if k not in sentences}
        field.default_error_messages = {**own, **sentences}
    models.Field.default_error_messages = {**models.Field.default_error_messages, "unique": TAKEN}
    validators.EmailValidator.message = of_fields[forms.EmailField]["invalid"]
    validators.MaxValueValidator.message = _("At most %(limit_value)s.")
    validators.MinValueValidator.message = _("At least %(limit_value)s.")
    validators.MaxLengthValidator.message = ngettext_lazy(
        "At most %(limit_value)d character; this has %(show_value)d.",
        "At most %(limit_value)d characters; this has %(show_value)d.",
        "limit_value",
    )
    validators.MinLengthValidator.message = ngettext_lazy(
        "At least %(limit_value)d character; this has %(show_value)d.",
        "At least %(limit_value)d characters; this has %(show_value)d.",
        "limit_value",
    )
    validators.ProhibitNullCharactersValidator.message = _(
        "There is a character in it that cannot be kept. Type it anew."
    )
    validators.validate_slug.message = _("Letters, digits, dash and underscore only.")
    of_decimals: dict[str, Any] = {
        "invalid": _("Write a number in digits, such as 12 or 3.5."),
        "max_digits": ngettext_lazy("At most %(max)s digit.", "At most %(max)s digits.", "max"),
        "max_decimal_places": ngettext_lazy(
            "At most %(max)s digit after the point.", "At most %(max)s digits after the point.", "max"
        ),
        "max_whole_digits": ngettext_lazy(
            "At most %(max)s digit before the point.", "At most %(max)s digits before the point.", "max"
        ),
    }
    validators.DecimalValidator.messages = of_decimals
