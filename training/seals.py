"""What this room seals."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from records.seals import register

PASSED = {"version": int, "content": str, "attempt": int, "answers": str, "right": int, "asked": int}

register(
    "training",
    _("training"),
    nouns={"module": _("module"), "assignment": pgettext_lazy("training", "assignment")},
    kinds={
        "module.published": (_("module published"), {"version": int, "content": str, "urgent": bool, "rows?": str}),
        "module.assigned": (_("module assigned"), {"module": int, "employee": str, "due_at": str, "reason": str}),
        "module.completed": (_("module passed"), {"module": int, **PASSED}),
    },
)
