"""What this room refuses, as facts."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused


class BadModule(Refused):
    """A module's text lacks something; the sentence names where."""


class LessonsLeft(Refused):
    sentence = _("Read all lessons first; then the quiz opens.")


class AnswersMissing(Refused):
    """`slugs` are the questions without an answer."""

    sentence = _("%(count)s questions are not answered yet.")

    def __init__(self, slugs: list[str]) -> None:
        super().__init__(count=len(slugs))
        self.slugs = slugs


class OldQuiz(Refused):
    status = 409
    sentence = _("The module has a new version. Read what is new, then take its quiz.")


class NotInUse(Refused):
    sentence = _("This module is not in use.")
