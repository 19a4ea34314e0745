"""What this room seals."""

from django.utils.translation import gettext_lazy as _

from records.seals import register

RUN = {"plan": int, "version": int, "is_drill": bool}
STEP = {"step": int, "note": str}

register(
    "contingency",
    _("plans"),
    nouns={"plan": _("plan"), "activation": _("activation"), "drill": _("drill"), "material": _("material")},
    kinds={
        "plan.published": (_("plan published"), {"version": int, "content": str, "rows?": str}),
        "plan.activated": (_("plan activated"), RUN),
        "plan.closed": (_("activation closed"), {**RUN, "left_out": int}),
        "plan.step_done": (_("step of a plan done"), STEP),
        "plan.step_undone": (_("step of a plan taken back"), STEP),
        "drill.planned": (_("drill planned"), {"plan": int, "lead": str, "due_at": str}),
        "stock.moved": (
            _("material moved or counted"),
            {"kind": str, "quantity": int, "balance": int, "activation": int | None, "note": str},
        ),
    },
)
