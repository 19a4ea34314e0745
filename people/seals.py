"""What this room seals."""

from django.utils.translation import gettext_lazy as _

from records.seals import register

DIGESTS = {"number?": str, "name?": str, "email?": str}
PLACE = {"active": bool, "site": int}
CODED = {**PLACE, "code": str}
SHIFT = {**PLACE, "starts": str, "ends": str}

register(
    "people",
    _("people"),
    nouns={
        "employee": _("employee"),
        "site": _("site"),
        "shop": _("shop"),
        "team": _("team"),
        "shift": _("shift"),
    },
    kinds={
        "employee.hired": (_("employee hired"), {"number": str, "name": str, "email": str, "administrator": bool}),
        "employee.changed": (_("employee changed"), {"changed": list, "administrator?": bool, **DIGESTS}),
        "employee.left": (_("employee left"), {"on": str, "ended": list, "dropped": list}),
        "employee.returned": (_("employee back"), {}),
        "employee.password_reset": (_("password reset"), {}),
        "employee.password_changed": (_("password changed"), {}),
        "employee.pin_changed": (_("PIN changed"), {}),
        "notice.acknowledged": (_("notice on data read"), {"notice": int}),
        "membership.changed": (
            _("membership changed"),
            {"membership": int, "role": str, "team": int | None, "from": str, "to": str | None},
        ),
        "roster.changed": (
            _("roster changed"),
            {"day": str, "shift": int | None, "leave": bool, "before": list},
        ),
        "roster.copied": (_("roster copied"), {"monday": str, "days": int}),
        "shift.checked_in": (_("checked in"), {"shift": int, "day": str}),
        "site.created": (_("site created"), CODED),
        "site.changed": (_("site changed"), CODED),
        "shop.created": (_("shop created"), CODED),
        "shop.changed": (_("shop changed"), CODED),
        "team.created": (_("team created"), PLACE),
        "team.changed": (_("team changed"), PLACE),
        "shift.created": (_("shift created"), SHIFT),
        "shift.changed": (_("shift changed"), SHIFT),
    },
)
