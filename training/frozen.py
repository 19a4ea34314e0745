"""A published module as it lies in its tables, in one digest."""

from records.frozen import rows_digest
from training.models import ModuleVersion

VERSION = "number title summary audience minutes pass_percent questions_asked is_urgent due_days roles"
LESSON = "position slug title minutes body"
QUESTION = "position slug lesson__slug kind text options why"


def frozen_digest(version: ModuleVersion) -> str:
    """Only what is never changed; the columns named here are part of what is sealed."""
    return rows_digest(
        (ModuleVersion.objects.filter(pk=version.pk), VERSION),
        (version.lessons.order_by("position"), LESSON),
        (version.questions.order_by("position"), QUESTION),
    )
