"""What this room seals: every change of who owes what by when, and what ended it."""

from django.utils.translation import gettext_lazy as _

from records.seals import register

CHANGE = {"kind": str, "about": int, "assignee": str, "note": str, "changes": dict}

register(
    "duties",
    _("duties"),
    nouns={"duty": _("duty")},
    kinds={
        "duty.claimed": (_("duty taken"), CHANGE),
        "duty.released": (_("duty put back"), CHANGE),
        "duty.reassigned": (_("duty given to somebody else"), CHANGE),
        "duty.completed": (_("duty done"), CHANGE),
        "duty.reopened": (_("duty reopened"), CHANGE),
        "duty.missed": (_("duty missed"), CHANGE),
        "duty.waived": (_("duty waived"), CHANGE),
        "duty.put_off": (_("deadline moved by leave"), CHANGE),
    },
)
