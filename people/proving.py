"""What was sealed of persons against what is known of them: the salts lie here, and the values of today fit them."""

import json

from people.models import Employee
from people.services.employees import PERSONAL
from records.canonical import sha256
from records.models import Commitment, LedgerEntry
from records.selectors import Differences, Sealed


def check_persons(entries: list[Sealed]) -> Differences:
    """Each commitment has its salt; one that stands for today's value gives its digest again. The salt of a value that
    was changed since cannot be tried: the value is gone."""
    digests = [value for entry in entries for key, value in entry.payload.items() if key in PERSONAL]
    salts = {row.digest: row for row in Commitment.objects.filter(digest__in=digests)}
    people = Employee.objects.in_bulk({entry.subject_id for entry in entries})
    newest = _newest(people)
    for entry in entries:
        person = people.get(entry.subject_id)
        if person is None:
            if any(salt.person == entry.subject for salt in salts.values()):
                yield entry, "the person is gone, and the salts are still there"
            continue  # erased: row and salts went together, and the entry stands for nobody
        for key in (key for key in PERSONAL if key in entry.payload):
            salt, digest = salts.get(entry.payload[key]), entry.payload[key]
            if salt is None or salt.person != person.ref:
                yield entry, f"the salt of “{key}” is gone"
            elif newest.get((person.pk, key)) == digest and sha256(salt.salt + getattr(person, key)) != digest:
                yield entry, f"“{key}” or its salt is another"


def _newest(people: dict[int, Employee]) -> dict[tuple[int, str], str]:
    """The last sealed digest of each value of each person."""
    refs = {person.ref: pk for pk, person in people.items()}
    rows = LedgerEntry.objects.filter(subject__in=refs, kind__in=("employee.hired", "employee.changed")).order_by("seq")
    found = {}
    for row in rows:
        payload = json.loads(row.canonical)["payload"]
        found.update({(refs[row.subject], key): payload[key] for key in PERSONAL if key in payload})
    return found
