"""What a service refuses, as facts. Each carries a sentence for the user, in the user's language."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """A service did not do what was asked; `str()` is the sentence to show. HTTP status in `status`; `field` is where a
    form shows it, the form's head where it names none."""

    status = 422
    sentence: str | Promise = _("This cannot be done.")
    field = ""

    def __init__(self, sentence: str | Promise | None = None, *, field: str = "", **details: Any) -> None:
        self.details = details
        self.field = field or self.field
        self.shown = self.sentence if sentence is None else sentence
        super().__init__(self.shown)

    def __str__(self) -> str:
        text = str(self.shown)
        return text % self.details if self.details else text


class NotAllowed(Refused):
    """The viewer may see it, but the role, or what it takes, is lacking."""

    status = 403
    sentence = _("Your role does not allow this.")
    lacking = ""  # what it takes, in a word, and where it is to be had
    path = ""


class Conflict(Refused):
    """The same key came again with another content, or somebody was quicker."""

    status = 409
    sentence = _("Somebody else changed this in the meantime. Look at it again, then repeat.")
