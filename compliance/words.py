"""Entries of the ledger and faults of a chain, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: dict[str, Promise] = {
    "module.published": _("module published"),
    "module.completed": _("module passed"),
    "checklist.published": _("checklist published"),
    "schedule.added": _("schedule added"),
    "schedule.paused": _("schedule paused"),
    "schedule.resumed": _("schedule resumed"),
    "run.submitted": _("check submitted"),
    "run.accepted": _("check accepted"),
    "run.returned": _("check sent back"),
    "pass.given": _("pass for a shift"),
    "answer.accepted": _("held answer accepted"),
    "answer.declined": _("held answer declined"),
    "answer.corrected": _("answer corrected"),
    "correction.done": _("corrective action done"),
    "case.opened": _("case opened"),
    "case.resolved": _("case resolved"),
    "case.closed": _("case closed"),
    "case.reopened": _("case opened again"),
    "finding.dismissed": _("finding dismissed"),
    "import.done": _("import done"),
    "plan.published": _("plan published"),
    "plan.activated": _("plan activated"),
    "plan.closed": _("activation closed"),
    "employee.hired": _("employee hired"),
    "employee.changed": _("employee changed"),
    "employee.left": _("employee left"),
    "employee.returned": _("employee back"),
    "employee.password_reset": _("password reset"),
    "membership.changed": _("membership changed"),
    "roster.changed": _("roster changed"),
    "roster.copied": _("roster copied"),
    "shift.checked_in": _("checked in"),
    "site.created": _("site created"),
    "shop.created": _("shop created"),
    "team.created": _("team created"),
    "shift.created": _("shift created"),
}
GROUPS: dict[str, Promise] = {
    "module": _("training"),
    "run": _("checks"),
    "case": _("cases"),
    "finding": _("findings"),
    "import": _("imports"),
    "plan": _("plans"),
    "employee": _("people"),
    "membership": _("memberships"),
}
FAULTS: dict[str, Promise] = {
    "changed": _("an entry was changed"),
    "removed": _("an entry is missing"),
    "inserted": _("an entry was put in"),
    "reordered": _("entries are out of order"),
    "head": _("the head does not fit the last entry"),
    "signature": _("a signed head does not agree"),
}


def kind_words(kind: str) -> str:
    return str(KINDS.get(kind, kind))


def fault_words(fault: str) -> str:
    return str(FAULTS.get(fault, fault))
