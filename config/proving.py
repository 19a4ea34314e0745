"""Which check compares what a kind of ledger entry has sealed with what its room holds today."""

from checklists.proving import check_checklists, check_corrections, check_runs
from contingency.proving import check_plans
from duties.models import DutyEvent
from duties.proving import check_changes
from people.proving import check_persons
from records.selectors import Check
from training.proving import check_modules, check_passes

CHECKS: dict[str, Check] = {
    **{f"duty.{kind}": check_changes for kind in DutyEvent.Kind.values},
    "answer.corrected": check_corrections,
    "checklist.published": check_checklists,
    "employee.changed": check_persons,
    "employee.hired": check_persons,
    "module.completed": check_passes,
    "module.published": check_modules,
    "plan.published": check_plans,
    "run.submitted": check_runs,
}
