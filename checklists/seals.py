"""What this room seals."""

from django.utils.translation import gettext_lazy as _

from records.seals import register

SCHEDULE = {"checklist": int, "weekdays": str, "opens": str, "due": str, "shift": int | None}
REVIEW = {"digest": str, "note": str}
HELD = {"answer": int, "content": str}

register(
    "checklists",
    _("checks"),
    nouns={
        "checklist": _("checklist"),
        "schedule": _("schedule"),
        "run": _("check"),
        "answer": _("answer"),
        "correction": _("corrective action"),
    },
    kinds={
        "checklist.published": (_("checklist published"), {"version": int, "digest": str, "rows?": str}),
        "schedule.added": (_("schedule added"), SCHEDULE),
        "schedule.paused": (_("schedule paused"), SCHEDULE),
        "schedule.resumed": (_("schedule resumed"), SCHEDULE),
        "run.submitted": (
            _("check submitted"),
            {
                **{"checklist": int, "duty": int, "digest": str, "form": int},
                **{"version": int, "answers": int, "problems": int},
            },
        ),
        "run.accepted": (_("check accepted"), REVIEW),
        "run.returned": (_("check sent back"), REVIEW),
        "pass.given": (_("pass for a shift"), {"employee": int, "reason": str}),
        "answer.accepted": (_("held answer accepted"), HELD),
        "answer.declined": (_("held answer declined"), HELD),
        "answer.corrected": (
            _("answer corrected"),
            {"answer": int, "item": str, "value": str, "content": str, "data": str},
        ),
        "correction.done": (_("corrective action done"), {"correction": int, "note": str}),
    },
)
