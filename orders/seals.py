"""What this room seals."""

from django.utils.translation import gettext_lazy as _

from records.seals import register

MOVE = {"from": str, "until": str, "to": str}
BARCODE = {"code": str, "product": str, "pieces": int}

register(
    "orders",
    _("orders and imports"),
    nouns={
        "finding": _("finding"),
        "import": _("import"),
        "mapping": _("meaning of columns"),
        "rule": _("rule"),
        "deadline_move": _("moved deadlines"),
        "operator": _("name in the label log"),
        "barcode": _("barcode"),
    },
    kinds={
        "finding.dismissed": (_("finding dismissed"), {"order": int, "code": str, "evidence": str}),
        "import.done": (_("import done"), {"files": list}),
        "mapping.set": (_("meaning of columns set"), {"import": int, "kind": str, "content": str}),
        "mapping.forgotten": (_("meaning of columns forgotten"), {"import": int}),
        "rule.set": (_("rule changed"), {"key": str, "value": object, "starts_on": str}),
        "deadline.moved": (_("deadlines moved"), MOVE),
        "deadline.move_withdrawn": (_("moved deadlines withdrawn"), MOVE),
        "operator.matched": (_("name in the label log matched"), {"employee": str}),
        "barcode.taught": (_("barcode added"), BARCODE),
        "barcode.forgotten": (_("barcode removed"), BARCODE),
    },
)
