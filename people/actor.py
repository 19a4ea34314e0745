"""Who acts: an employee with the scope of this moment, or the system with its reason.

Every service that writes takes an `actor` and asks it, before it locks: there is no other guard, and no `None` that
means anybody. Pages pass `request.actor`, everything else says who (`Actor.of`) or why (`Actor.system`).
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import NotAllowed
from people.models import Employee, Role
from people.scope import Scope, scope_of

REASONS = {
    "clock": _("the clock"),
    "rule": _("by rule"),
    "command": _("a command on the server"),
    "library": _("the starter library"),
    "demo": _("the demo company"),
    "setup": _("the first start"),
}


@dataclass(frozen=True)
class Actor:
    """Whoever writes something. `scope` is what they reach; the system reaches all."""

    employee: Employee | None
    scope: Scope
    reason: str = ""

    @classmethod
    def of(cls, employee: Employee) -> "Actor":
        """A person with what they may do now; nothing for somebody who has left."""
        return cls(employee, scope_of(employee))

    @classmethod
    def system(cls, reason: str) -> "Actor":
        """No person: one of REASONS says what made it act."""
        if reason not in REASONS:
            raise ValueError(reason)
        return cls(None, Scope(employee_id=0, zone=clock.company_zone(), is_administrator=True), reason)

    @property
    def is_system(self) -> bool:
        return self.employee is None

    @property
    def ref(self) -> str:
        """Who the ledger says that it was."""
        return self.employee.ref if self.employee else f"system:{self.reason}"

    @property
    def person(self) -> Employee:
        """Whoever does what only a person can do; raises NotAllowed for the system and for somebody who has left."""
        if self.employee is None or not self.employee.is_active:
            raise NotAllowed
        return self.employee

    def is_person(self, employee_id: int | None) -> bool:
        return self.employee is not None and self.employee.pk == employee_id

    def acts(self, role: Role, *, site_id: int | None = None, shop_id: int | None = None) -> bool:
        """Whether they may act in this role there; with neither given, for the company."""
        return self.scope.acts(role, site_id=site_id, shop_id=shop_id)

    def require(self, role: Role, *, site_id: int | None = None, shop_id: int | None = None) -> None:
        """Raises NotAllowed (403) unless they may act in this role there."""
        self.scope.require(role, site_id=site_id, shop_id=shop_id)

    def require_administrator(self) -> None:
        self.scope.require_administrator()

    def require_self(self, employee_id: int | None) -> None:
        """Raises NotAllowed unless it is this very person, still with us."""
        if self.person.pk != employee_id:
            raise NotAllowed
