"""What was sealed of modules and passes against the rows of today."""

from records.canonical import canonical_text, sha256
from records.selectors import Differences, Sealed, differing_versions
from training.frozen import frozen_digest
from training.models import Attempt, ModuleVersion


def check_modules(entries: list[Sealed]) -> Differences:
    versions = ModuleVersion.objects.filter(module__in={entry.subject_id for entry in entries})
    said = {"named": "content", "parts": "lessons or questions"}
    return differing_versions(entries, versions, "module_id", digest=frozen_digest, **said)


def check_passes(entries: list[Sealed]) -> Differences:
    of_assignment = Attempt.objects.filter(assignment__in={entry.subject_id for entry in entries})
    attempts = {(attempt.assignment_id, attempt.number): attempt for attempt in of_assignment}
    for entry in entries:
        attempt = attempts.get((entry.subject_id, entry.payload["attempt"]))
        if attempt is None:
            yield entry, "the attempt is gone"
            continue
        sealed = tuple(entry.payload[key] for key in ("answers", "right", "asked"))
        if (sha256(canonical_text(attempt.answers)), attempt.right, attempt.asked) != sealed or not attempt.passed:
            yield entry, "the attempt says something else"
