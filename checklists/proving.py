"""What was sealed of checklists, submissions and corrections against the rows of today."""

from collections import defaultdict

from checklists.details import data_digest
from checklists.frozen import frozen_digest
from checklists.models import Answer, ChecklistVersion, Run
from checklists.selectors import counting_answers
from checklists.services.closing import digest_lines
from records.models import Evidence
from records.selectors import Differences, Sealed, differing_versions


def check_checklists(entries: list[Sealed]) -> Differences:
    versions = ChecklistVersion.objects.filter(checklist__in={entry.subject_id for entry in entries})
    said = {"named": "digest", "parts": "items"}
    return differing_versions(entries, versions, "checklist_id", digest=frozen_digest, **said)


def check_runs(entries: list[Sealed]) -> Differences:
    """The answers that counted when a run was submitted give the digest that was sealed (docs/adr/0016, 0017)."""
    runs = Run.objects.in_bulk({entry.subject_id for entry in entries})
    answers: dict[int, list[Answer]] = defaultdict(list)
    rows = Answer.objects.filter(run__in=runs).select_related("item").order_by("answered_at", "id")
    for answer in rows:
        answers[answer.run_id].append(answer)
    proofs = _proofs_of(answers)
    for entry in entries:
        run = runs.get(entry.subject_id)
        if run is None:
            yield entry, "the run is gone"
        elif _digest_then(entry, answers[run.pk], proofs) != entry.payload["digest"]:
            yield entry, "the answers are others"


def _digest_then(entry: Sealed, answers: list[Answer], proofs: dict[str, list[str]]) -> str:
    """Of what counted at that moment: what came later, or was let count later, did not."""
    there = [a for a in answers if a.received_at <= entry.at and (not a.held or _let(a, entry))]
    counting = sorted(counting_answers(there).values(), key=lambda answer: answer.item.position)
    lines = [(answer.item.slug, answer) for answer in counting]
    return digest_lines(lines, proofs, form=entry.payload.get("form", 1))


def _let(answer: Answer, entry: Sealed) -> bool:
    return answer.is_accepted and answer.decided_at is not None and answer.decided_at <= entry.at


def _proofs_of(answers: dict[int, list[Answer]]) -> dict[str, list[str]]:
    refs = [answer.ref for its in answers.values() for answer in its]
    proofs: dict[str, list[str]] = defaultdict(list)
    for start in range(0, len(refs), 5000):
        rows = Evidence.objects.filter(owner__in=refs[start : start + 5000]).order_by("id")
        for owner, digest in rows.values_list("owner", "digest"):
            proofs[owner].append(digest)
    return proofs


def check_corrections(entries: list[Sealed]) -> Differences:
    answers = Answer.objects.in_bulk({entry.payload["answer"] for entry in entries})
    for entry in entries:
        answer = answers.get(entry.payload["answer"])
        if answer is None:
            yield entry, "the correction is gone"
        elif (answer.value, answer.content, data_digest(answer)) != tuple(
            entry.payload[key] for key in ("value", "content", "data")
        ):
            yield entry, "the correction says something else"
