"""Every write of the checklists room."""

from checklists.services.answering import Answered, Details, answer_item, correct_answer
from checklists.services.closing import decide_held, give_pass, review_run, settle_correction, submit_run
from checklists.services.opening import open_due_runs, open_runs, start_run
from checklists.services.publishing import publish_checklist
from checklists.services.sampling import draw_sample, verify_sample
from checklists.services.schedules import add_schedule, pause_schedule

__all__ = [
    "Answered",
    "Details",
    "add_schedule",
    "answer_item",
    "correct_answer",
    "decide_held",
    "draw_sample",
    "give_pass",
    "open_due_runs",
    "open_runs",
    "pause_schedule",
    "publish_checklist",
    "review_run",
    "settle_correction",
    "start_run",
    "submit_run",
    "verify_sample",
]
