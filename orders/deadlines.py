"""Whose word a deadline is: the platform's own, or one that was worked out here, and how."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from orders.models import Finding, Order

Source = Order.Deadline
NAMES: dict[str, Promise] = {
    Source.PLATFORM: _("The platform's deadline"),
    Source.RULE: _("Estimated deadline"),
    Source.MOVED: _("Moved deadline"),
    "": _("Estimated deadline"),
}


@dataclass(frozen=True)
class Deadline:
    """`source` is that of an order's; empty where it follows from a dated rule, such as how long a pickup may take."""

    at: datetime
    source: str

    @property
    def is_platforms(self) -> bool:
        return self.source == Source.PLATFORM

    @property
    def name(self) -> str | Promise:
        return NAMES[self.source]

    @property
    def short(self) -> str | Promise:
        """Beside the time left, where it is not the platform's own."""
        if self.is_platforms:
            return ""
        return pgettext("deadline", "moved") if self.source == Source.MOVED else pgettext("deadline", "estimated")

    @property
    def how(self) -> str | Promise:
        """How it was worked out; empty for the platform's own."""
        if self.is_platforms:
            return ""
        return Source(self.source).label if self.source else _("by the dated rules")

    @property
    def words(self) -> str:
        """Whose word it is and how it was worked out, in a line: for files."""
        return gettext("%(name)s (%(how)s)") % {"name": self.name, "how": self.how} if self.how else str(self.name)


def deadline_of_order(order: Order) -> Deadline | None:
    return Deadline(order.ship_by, order.deadline_source) if order.ship_by else None


def deadline_of_finding(finding: Finding) -> Deadline | None:
    """Needs its order loaded: late and due findings have the order's deadline, others one of the rules."""
    if finding.due_at is None:
        return None
    return Deadline(finding.due_at, finding.order.deadline_source if finding.due_at == finding.order.ship_by else "")
