"""What this room refuses, as facts."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.errors import NotAllowed, Refused


class RunClosed(Refused):
    status = 409
    sentence = _("This run is closed; it takes no more answers.")


class NotQualified(NotAllowed):
    """The employee lacks modules that the checklist requires; `modules` are they."""

    sentence = _("You are not trained for this check yet: %(titles)s. Learn it first, or ask the lead for a pass.")


class ItemsMissing(Refused):
    """Not everything is answered; `positions` are the open items."""

    sentence = _("%(count)s items are not answered yet: %(positions)s.")


class Unchanged(Refused):
    """A run that was sent back comes again as it was."""

    sentence = _("This was sent back, and nothing was answered anew since. Answer what the note asks for, then submit.")


class Unfit(Refused):
    """The answer lacks something that the item demands."""


class OutOfRange(Unfit):
    """A number that can be, but does not pass: it is a problem, to be told with its reason."""

    sentence = _("%(number)s is outside the range: answer “problem” and say why.")


class NotFresh(Unfit):
    """Live evidence does not carry a pass. An answer given offline is held for it, one given here is refused."""

    def __init__(self, sentence: str | Promise | None = None, *, evidence: dict[str, Any], **details: Any) -> None:
        super().__init__(sentence, **details)
        self.evidence = evidence


class BadContent(Refused):
    """A checklist's text lacks something; the sentence names where."""
