"""Who may answer: those qualified on the modules that the version requires, and those whom a lead let pass.

`may_work`, `may_sign` and `may_review` are asked before somebody takes a run, a signature or a review, or is given one.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from checklists.errors import NotQualified
from checklists.frozen import content_of
from checklists.models import Answer, ChecklistVersion, HandoverSignature, Item, Run, ShiftPass
from checklists.selectors import did_it
from duties.models import Duty
from kernel.errors import NotAllowed
from kernel.text import listed, localized
from people.models import Employee, Role
from people.scope import Scope, scope_of
from training.models import Module
from training.selectors import missing_modules


def required_modules(version: ChecklistVersion) -> QuerySet[Module]:
    """What whoever answers a run of this version has learned."""
    return version.modules.order_by("slug")


def titles_of(modules: Iterable[Module]) -> str:
    return listed(localized(getattr(module, "title", None)) or module.slug for module in modules)


def lacking_modules(*, run: Run, employee: Employee, at: datetime) -> list[Module]:
    """What the employee lacks to answer a run at a moment; nothing for whom the lead gave a pass."""
    module_ids = content_of(run.version).module_ids
    missing = missing_modules(employee=employee, module_ids=module_ids, at=at) if module_ids else []
    if (
        missing
        and ShiftPass.objects.filter(
            employee=employee, checklist=run.version.checklist_id, site=run.site_id, shift=run.shift_id, day=run.day
        )
        .exclude(given_by=employee)
        .exists()
    ):
        return []
    return missing


def may_work(duty: Duty, employee: Employee, at: datetime) -> None:
    """Somebody of the site or shop who is qualified, or has a pass. Raises NotAllowed, NotQualified."""
    run = Run.objects.to_answer().filter(duty=duty).first()
    if run is None:
        return
    scope_of(employee).require(Role.EMPLOYEE, site_id=run.site_id, shop_id=run.shop_id)
    missing = lacking_modules(run=run, employee=employee, at=at)
    if missing:
        raise NotQualified(
            _("%(name)s is not trained for this check yet: %(titles)s. Learn it first, or let a lead give a pass."),
            name=employee.name,
            titles=titles_of(missing),
        )


def why_not_sign(*, run: Run, item: Item, employee: Employee, scope: Scope, answers: Iterable[Answer]) -> str | Promise:
    """Why a signature is not this person's to give; empty where it is. `answers` are those of the run."""
    if not item.signer:
        return ""
    if not scope.acts(Role.LEAD, site_id=run.site_id):
        return _("A handover is signed by the two leads.")
    if any(a.employee_id == employee.pk and a.item_id != item.pk and "signed" in a.data for a in answers):
        return _("You have signed the other side already; the other lead signs this one.")
    return ""


def may_sign(duty: Duty, employee: Employee, at: datetime) -> None:
    """A lead of the site who does not sign the other side. Raises NotAllowed."""
    signature = HandoverSignature.objects.filter(duty=duty).select_related("run", "item").first()
    if signature is None:
        return
    if not scope_of(employee).acts(Role.LEAD, site_id=signature.run.site_id):
        raise NotAllowed(_("A handover is signed by the two leads."))
    others = HandoverSignature.objects.filter(run=signature.run_id).exclude(pk=signature.pk)
    if others.filter(Q(duty__assignee=employee) | Q(duty__completed_by=employee)).exists():
        side = Item.Signer(signature.item.signer).label if signature.item.signer else ""
        raise NotAllowed(
            _("%(name)s signs the other side; another lead signs as %(side)s."), name=employee.name, side=side
        )


def may_review(duty: Duty, employee: Employee, at: datetime) -> None:
    """A lead of the site who had no part in the run. Raises NotAllowed."""
    run = Run.objects.filter(review_duty=duty).first()
    if run is None:
        return
    if not scope_of(employee).acts(Role.LEAD, site_id=run.site_id):
        raise NotAllowed
    if employee.pk in did_it(run):
        raise NotAllowed(_("%(name)s answered or submitted this run; somebody else reviews it."), name=employee.name)
