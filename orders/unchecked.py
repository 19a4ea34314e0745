"""What could not be compared (未核对), because a side does not speak for it: which question, and which side lacks.

An order keeps its gaps as text, «,pickup:tracking:yto,match:labels,», so that one index counts them and one condition
finds them again.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.couriers import courier_name

QUESTIONS: dict[str, Promise] = {
    "match": gettext_lazy("whether the number is the label's"),
    "pickup": gettext_lazy("whether it was picked up"),
    "moving": gettext_lazy("whether it moves on"),
    "sync": gettext_lazy("whether the courier has it already"),
}
MOST = 8  # gaps that an order keeps; more would need a parcel each with as many couriers


@dataclass(frozen=True, order=True)
class Side:
    """A side that lacks: the order report, the label log, or the tracking of a courier; `shop` where a whole shop's
    lacks."""

    kind: str
    courier: str = ""
    shop: str = ""

    @property
    def words(self) -> str:
        if self.kind == "tracking":
            name = courier_name(self.courier)
            words = _("tracking of %(courier)s") % {"courier": name} if name else _("courier tracking")
        else:
            words = _("label log") if self.kind == "labels" else _("order report")
        return _("%(side)s (%(shop)s)") % {"side": words, "shop": self.shop} if self.shop else words


@dataclass(frozen=True, order=True)
class Gap:
    question: str
    side: Side

    @property
    def words(self) -> str:
        question = str(QUESTIONS[self.question])
        return _("%(question)s: %(side)s missing") % {"question": question, "side": self.side.words}


def names_of(sides: Iterable[Side]) -> str:
    """«tracking of SF Express, label log»."""
    return _(", ").join(side.words for side in sides)


def spell_gaps(gaps: Iterable[Gap]) -> str:
    """As an order keeps them; "" where everything could be compared."""
    tokens = [f"{gap.question}:{gap.side.kind}:{gap.side.courier}" for gap in sorted(set(gaps))[:MOST]]
    return f",{','.join(tokens)}," if tokens else ""


def read_gaps(text: str) -> list[Gap]:
    parts = (token.split(":") for token in text.split(",") if token)
    return [Gap(question, Side(kind, courier)) for question, kind, courier in parts]


def has_gap(questions: Iterable[str] = (), side: Side | None = None, kinds: Iterable[str] = ()) -> Q:
    """Orders with a gap in one of these questions (any by default) and, where given, of this side or of these kinds."""
    tails = [f":{side.kind}:{side.courier},"] if side else [f":{kind}:" for kind in kinds] or [":"]
    heads = [f",{question}" for question in questions] or [""]
    found = Q(pk__in=[])
    for head in heads:
        for tail in tails:
            found |= Q(unchecked__contains=head + tail)
    return ~Q(unchecked="") & found
