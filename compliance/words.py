"""Entries of the ledger, what they are about, and faults of a chain, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
    "case.joined": _("noticed again in a case"),
    "case.reopened": _("case opened again"),
    "case.responsible": _("responsible named"),
    "retraining_rule.added": _("retraining rule added"),
    "retraining_rule.ended": _("retraining rule ended"),
    "saying.set": _("words for the courier or buyer changed"),
    "point_rule.added": _("rule on points added"),
    "point_rule.acknowledged": _("rule on points acknowledged"),
    "point_rule.ended": _("rule on points ended"),
    "points.entered": _("points entered"),
    "deduction.proposed": _("deduction proposed"),
    "deduction.approved": _("deduction approved"),
    "deduction.refused": _("deduction refused"),
    "deduction.appealed": _("deduction appealed"),
    "appeal.upheld": _("appeal upheld"),
    "appeal.rejected": _("appeal rejected"),
    "finding.dismissed": _("finding dismissed"),
    "import.done": _("import done"),
    "rule.set": _("rule changed"),
    "deadline.moved": _("deadlines moved"),
    "deadline.move_withdrawn": _("moved deadlines withdrawn"),
    "operator.matched": _("name in the label log matched"),
    "barcode.taught": _("barcode added"),
    "barcode.forgotten": _("barcode removed"),
    "plan.published": _("plan published"),
    "plan.activated": _("plan activated"),
    "plan.closed": _("activation closed"),
    "employee.hired": _("employee hired"),
    "employee.changed": _("employee changed"),
    "employee.left": _("employee left"),
    "employee.returned": _("employee back"),
    "employee.password_reset": _("password reset"),
    "employee.password_changed": _("password changed"),
    "employee.pin_changed": _("PIN changed"),
    "notice.acknowledged": _("notice on data read"),
    "membership.changed": _("membership changed"),
    "roster.changed": _("roster changed"),
    "roster.copied": _("roster copied"),
    "shift.checked_in": _("checked in"),
    "site.created": _("site created"),
    "shop.created": _("shop created"),
    "team.created": _("team created"),
    "shift.created": _("shift created"),
    "site.changed": _("site changed"),
    "shop.changed": _("shop changed"),
    "team.changed": _("team changed"),
    "shift.changed": _("shift changed"),
}
NOUNS: dict[str, Promise] = {  # what an entry is about: the word before the number of its reference
    "module": _("module"),
    "assignment": pgettext_lazy("training", "assignment"),
    "checklist": _("checklist"),
    "schedule": _("schedule"),
    "run": _("check"),
    "answer": _("answer"),
    "correction": _("corrective action"),
    "case": _("case"),
    "retraining_rule": _("retraining rule"),
    "saying": _("words to say"),
    "point_rule": _("rule on points"),
    "point_entry": _("entry of points"),
    "deduction": pgettext_lazy("ledger", "deduction"),
    "finding": _("finding"),
    "import": _("import"),
    "rule": _("rule"),
    "deadline_move": _("moved deadlines"),
    "operator": _("name in the label log"),
    "barcode": _("barcode"),
    "plan": _("plan"),
    "activation": _("activation"),
    "employee": _("employee"),
    "team": _("team"),
    "shift": _("shift"),
    "site": _("site"),
    "shop": _("shop"),
    "company": _("company"),
    "system": _("system"),
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


def ref_words(ref: str) -> str:
    """«run:12» → “check 12”, as people say it; «company» → “company”."""
    noun, _colon, number = ref.partition(":")
    return f"{NOUNS.get(noun, noun)} {number}".strip()


def ref_of(words: str) -> str:
    """What `ref_words` said, or the beginning of it, as the ledger has it; anything else as it stands."""
    noun, _space, number = words.rpartition(" ")
    if not number.isdecimal():
        noun, number = words, ""
    found = next((key for key, word in NOUNS.items() if noun == str(word)), "")
    return f"{found}:{number}" if found not in ("", "company", "system") else found or words


def fault_words(fault: str) -> str:
    return str(FAULTS.get(fault, fault))
