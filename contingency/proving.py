"""What was sealed of plans against the rows of today."""

from contingency.frozen import frozen_digest
from contingency.models import PlanVersion
from records.selectors import Differences, Sealed, differing_versions


def check_plans(entries: list[Sealed]) -> Differences:
    versions = PlanVersion.objects.filter(plan__in={entry.subject_id for entry in entries})
    said = {"named": "content", "parts": "steps or materials"}
    return differing_versions(entries, versions, "plan_id", digest=frozen_digest, **said)
