"""Which page opens the work of a duty, who may do it, and the navigation: which pages there are, for whom."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.points_account import rules_to_acknowledge
from cases.selectors import cases_to_close, points_to_decide
from checklists import gate
from checklists.selectors import held_answers
from duties.gates import Gate
from duties.selectors import Decision
from notifications.models import Notice
from orders.selectors.imports import imports_to_confirm
from orders.selectors.offline import parcels_to_take_out
from people.models import Role
from people.scope import Scope

# What every page knows of its viewer, asked with the viewer's own row.
VIEWER_FACTS = {"has_unread": Exists(Notice.objects.filter(recipient=OuterRef("pk"), read_at=None))}

# Kind of the duty → URL name, reversed with its subject's id.
DUTY_PAGES: dict[str, str] = {
    "case": "cases:case_detail",
    "follow_up": "cases:follow_up",
    "module": "training:assignment_work",
    "drill": "contingency:drill_detail",
    "run": "checklists:run_work",
    "review": "checklists:run_detail",
    "handover": "checklists:signature_open",
    "correction": "checklists:correction_work",
}

# Kind of the duty → what says who may not do it, with the reason; others ask the role alone.
DUTY_GATES: dict[str, Gate] = {
    "run": gate.may_work,
    "review": gate.may_review,
    "handover": gate.may_sign,
}

# URL names of the lists whose filters people keep under a name.
LISTS = frozenset({"cases:case_list", "orders:board"})


# From which role on what is asked, once each, that waits for somebody and is nobody's duty: Today shows it.
DECISIONS: tuple[tuple[Role, Callable[[Scope], Decision | None]], ...] = (
    (Role.MANAGER, points_to_decide),
    (Role.LEAD, cases_to_close),
    (Role.LEAD, held_answers),
    (Role.MANAGER, imports_to_confirm),
    (Role.EMPLOYEE, parcels_to_take_out),
    (Role.EMPLOYEE, rules_to_acknowledge),
)


@dataclass(frozen=True)
class Page:
    """One entry of the navigation; `place` puts it into the phone's bottom bar, under its `short` label."""

    label: str | Promise
    icon: str
    url_name: str
    role: Role = Role.EMPLOYEE
    reading: bool = True
    administrator: bool = False
    place: int = 0
    short: str | Promise = ""

    def is_for(self, scope: Scope) -> bool:
        if self.administrator:
            return scope.is_administrator
        return scope.has_role(self.role, reading=self.reading)


@dataclass(frozen=True)
class Group:
    label: str | Promise
    pages: tuple[Page, ...]


NAVIGATION = (
    Group(
        _("Do"),
        (
            Page(_("Today"), "check2-square", "duties:today", place=1, short=pgettext_lazy("bottom bar", "Today")),
            Page(_("Verify parcels"), "upc-scan", "orders:bench", reading=False, place=2, short=_("Verify")),
            Page(_("Checks"), "card-checklist", "checklists:run_list"),
        ),
    ),
    Group(
        _("Catch"),
        (
            Page(_("Alerts"), "exclamation-triangle", "orders:board"),
            Page(_("Look up"), "search", "orders:lookup"),
            Page(_("Cases"), "folder2-open", "cases:case_list", place=3, short=pgettext_lazy("bottom bar", "Cases")),
        ),
    ),
    Group(
        _("Learn"),
        (
            Page(_("My training"), "mortarboard", "training:my_training"),
            Page(_("Modules"), "journal-text", "training:module_list", role=Role.LEAD),
        ),
    ),
    Group(
        _("Mend"),
        (
            Page(_("Contingency plans"), "life-preserver", "contingency:plan_list"),
            Page(_("Materials"), "box-seam", "contingency:material_list"),
            Page(_("Retraining"), "arrow-repeat", "cases:retraining", role=Role.LEAD),
            Page(_("Points"), "plus-slash-minus", "cases:points_people", role=Role.MANAGER),
        ),
    ),
    Group(
        _("Prove"),
        (
            Page(_("Completion"), "grid-3x3-gap", "compliance:matrix", role=Role.LEAD),
            Page(_("Ledger"), "shield-check", "compliance:ledger", role=Role.LEAD),
        ),
    ),
    Group(
        _("Manage"),
        (
            Page(_("Imports"), "cloud-arrow-up", "orders:import_list", role=Role.MANAGER),
            Page(_("Goods and barcodes"), "upc", "orders:product_list", role=Role.LEAD),
            Page(_("Checklists"), "list-check", "checklists:checklist_list", role=Role.MANAGER),
            Page(_("Rules"), "sliders", "orders:rule_list", role=Role.MANAGER),
            Page(_("Figures"), "speedometer2", "orders:figure_list", role=Role.LEAD),
            Page(_("Roster"), "calendar3", "people:roster_home", role=Role.LEAD),
            Page(_("People and shops"), "people", "people:admin_home", administrator=True),
        ),
    ),
    Group(
        "",
        (Page(_("My account"), "person-circle", "people:me", place=4, short=_("Me")),),
    ),
)
