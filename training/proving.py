"""What was sealed of modules and passes against the rows of today."""

from records.canonical import canonical_text, sha256
from records.selectors import Differences, Sealed
from training.frozen import frozen_digest
from training.models import Attempt, ModuleVersion


def check_modules(entries: list[Sealed]) -> Differences:
    """A published version is frozen: its rows give the digest that was sealed. Before rows were sealed, the digest of
    the content alone can be compared."""
    of_module = ModuleVersion.objects.filter(module__in={entry.subject_id for entry in entries})
    versions = {(version.module_id, version.number): version for version in of_module}
    for entry in entries:
        version = versions.get((entry.subject_id, entry.payload["version"]))
        if version is None:
            yield entry, "the version is gone"
        elif version.digest != entry.payload["content"]:
            yield entry, "the version names another content"
        elif "rows" in entry.payload and frozen_digest(version) != entry.payload["rows"]:
            yield entry, "the version's lessons or questions are others"


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
