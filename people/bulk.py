"""People hired in the past, set-based: for the demo company and for histories brought along from elsewhere."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from people.actor import Actor
from people.models import Employee, Membership, Roster, Shift, Site, Team
from people.services.account import NOTICE_VERSION
from records.services import COMPANY, append_entries, chain_name, commit_many

BATCH = 2000


@dataclass(frozen=True, kw_only=True)
class PastHire:
    """Somebody with one role at a site since a day. Without a password they cannot sign in until they are given one."""

    number: str
    name: str
    role: str
    site: Site
    starts_on: date
    team: Team | None = None
    password: str = ""
    has_read_notice: bool = True
    is_administrator: bool = False


@transaction.atomic
def hire_many(rows: list[PastHire]) -> list[Employee]:
    """Creates employees with their memberships and the ledger's entries; a number that exists is left out."""
    known = set(Employee.objects.filter(number__in=[r.number for r in rows]).values_list("number", flat=True))
    rows = [r for r in rows if r.number not in known]
    employees = Employee.objects.bulk_create(
        [
            Employee(
                number=row.number,
                name=row.name,
                hired_on=row.starts_on,
                is_administrator=row.is_administrator,
                notice_read_at=_start(row) if row.has_read_notice else None,
                password=make_password(row.password or None),
            )
            for row in rows
        ],
        batch_size=BATCH,
    )
    pairs = list(zip(rows, employees, strict=True))
    memberships = Membership.objects.bulk_create(
        [
            Membership(employee=e, role=r.role, site=r.site, team=r.team, starts_on=r.starts_on)
            for r, e in pairs
            if r.role
        ],
        batch_size=BATCH,
    )
    _seal(pairs, memberships)
    return employees


def _start(row: PastHire) -> datetime:
    return datetime.combine(row.starts_on, time(9), row.site.tz)


def _seal(pairs: list[tuple[PastHire, Employee]], memberships: list[Membership]) -> None:
    digests = iter(commit_many((e.ref, value) for _r, e in pairs for value in (e.number, e.name, e.email)))
    starts = {e.pk: _start(row) for row, e in pairs}
    entries: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row, employee in pairs:
        payload = {key: next(digests) for key in ("number", "name", "email")}
        entries[COMPANY].append(
            {
                "kind": "employee.hired",
                "actor": Actor.system("demo").ref,
                "subject": employee.ref,
                "payload": {**payload, "administrator": row.is_administrator},
                "at": starts[employee.pk],
            }
        )
        if row.has_read_notice:
            entries[COMPANY].append(
                {
                    "kind": "notice.acknowledged",
                    "actor": employee.ref,
                    "subject": employee.ref,
                    "payload": {"notice": NOTICE_VERSION},
                    "at": starts[employee.pk],
                }
            )
    for made in memberships:
        entries[chain_name(site_id=made.site_id)].append(
            {
                "kind": "membership.changed",
                "actor": Actor.system("demo").ref,
                "subject": f"employee:{made.employee_id}",
                "payload": {
                    "membership": made.pk,
                    "role": str(made.role),
                    "team": made.team_id,
                    "from": made.starts_on.isoformat(),
                    "to": None,
                },
                "at": starts[made.employee_id],
            }
        )
    for chain, its in sorted(entries.items()):
        append_entries(chain=chain, entries=sorted(its, key=lambda e: e["at"]))


def roster_many(rows: list[tuple[Employee, date, Shift | None]]) -> None:
    """Rosters as they stand; no shift means on leave."""
    Roster.objects.bulk_create(
        [Roster(employee=e, day=day, shift=shift, is_leave=shift is None) for e, day, shift in rows],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
