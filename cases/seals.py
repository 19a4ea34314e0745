"""What this room seals."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from records.seals import register

STANDING = {"number": str, "status": str, "cause": str, "resolution": str}
RETRAINING = {"cause": str, "role": str, "module": int, "starts_on": str}
OF_CASE = {"case": str}

register(
    "cases",
    _("cases and points"),
    nouns={
        "case": _("case"),
        "retraining_rule": _("retraining rule"),
        "saying": _("words to say"),
        "point_rule": _("rule on points"),
        "point_entry": _("entry of points"),
        "deduction": pgettext_lazy("ledger", "deduction"),
    },
    kinds={
        "case.opened": (_("case opened"), {"number": str, "kind": str, "source": str, "content": str}),
        "case.contacted": (_("contact recorded"), {"number": str, "whom": str, "channel": str, "content": str}),
        "case.heard": (_("statement recorded"), {"number": str, "employee": str, "content": str}),
        "case.responsible": (_("responsible named"), {"number": str, "employee": str}),
        "case.resolved": (_("case resolved"), STANDING),
        "case.closed": (_("case closed"), STANDING),
        "case.joined": (_("noticed again in a case"), STANDING),
        "case.reopened": (_("case opened again"), STANDING),
        "retraining_rule.added": (_("retraining rule added"), RETRAINING),
        "retraining_rule.ended": (_("retraining rule ended"), RETRAINING),
        "saying.set": (
            _("words for the courier or buyer changed"),
            {"whom": str, "kind": str, "cause": str, "content": str},
        ),
        "point_rule.added": (_("rule on points added"), {"kind": str, "for": str, "points": int, "starts_on": str}),
        "point_rule.acknowledged": (_("rule on points acknowledged"), {}),
        "point_rule.ended": (_("rule on points ended"), {}),
        "points.entered": (_("points entered"), {**OF_CASE, "points": int, "kind": str}),
        "deduction.proposed": (_("deduction proposed"), {**OF_CASE, "points": int}),
        "deduction.approved": (_("deduction approved"), OF_CASE),
        "deduction.refused": (_("deduction refused"), OF_CASE),
        "deduction.appealed": (_("deduction appealed"), OF_CASE),
        "appeal.upheld": (_("appeal upheld"), OF_CASE),
        "appeal.rejected": (_("appeal rejected"), OF_CASE),
    },
)
