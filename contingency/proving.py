"""What was sealed of plans against the rows of today."""

from contingency.frozen import frozen_digest
from contingency.models import PlanVersion
from records.selectors import Differences, Sealed


def check_plans(entries: list[Sealed]) -> Differences:
    """A published version is frozen: its rows give the digest that was sealed."""
    of_plan = PlanVersion.objects.filter(plan__in={entry.subject_id for entry in entries})
    versions = {(version.plan_id, version.number): version for version in of_plan}
    for entry in entries:
        version = versions.get((entry.subject_id, entry.payload["version"]))
        if version is None:
            yield entry, "the version is gone"
        elif version.digest != entry.payload["content"]:
            yield entry, "the version names another content"
        elif "rows" in entry.payload and frozen_digest(version) != entry.payload["rows"]:
            yield entry, "the version's steps or materials are others"
