"""Who may answer: those qualified on the modules that the version requires, and those whom a lead let pass."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from checklists.frozen import content_of
from checklists.models import ChecklistVersion, Run, ShiftPass
from kernel.text import localized
from people.models import Employee
from training.models import Module
from training.selectors import missing_modules


def required_modules(version: ChecklistVersion) -> QuerySet[Module]:
    """What whoever answers a run of this version has learned."""
    return version.modules.order_by("slug")


def titles_of(modules: Iterable[Module]) -> str:
    return ", ".join(localized(getattr(module, "title", None)) or module.slug for module in modules)


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
