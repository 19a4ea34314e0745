"""A published plan as it lies in its tables, in one digest."""

from contingency.models import PlanVersion
from records.frozen import rows_digest

VERSION = "number title trigger when_to_use roles"
STEP = "position title instruction who target_minutes"
MATERIAL = "slug name unit least place"


def frozen_digest(version: PlanVersion) -> str:
    """Only what is never changed; the columns named here are part of what is sealed."""
    return rows_digest(
        (PlanVersion.objects.filter(pk=version.pk), VERSION),
        (version.steps.order_by("position"), STEP),
        (version.materials.order_by("slug"), MATERIAL),
    )
