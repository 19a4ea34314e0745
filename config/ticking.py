"""What the clock's tick does, in this order. A step takes the moment, is idempotent and returns a count."""

from collections.abc import Callable
from datetime import datetime

from cases.services import forget_old_buyers, send_statements
from checklists.services import open_due_runs
from duties.ticking import close_missed_duties, escalate_duties, escalate_further, remind_duties, spare_absent
from duties.workers import ask_for_life, forget_tasks, requeue_tasks
from notifications.services import requeue_deliveries
from orders.services import apply_rules, discard_label_photos
from orders.services.discarding import discard_uploads
from orders.services.lost import settle_lost
from orders.services.reconciling import recheck_orders
from people.services import tell_memberships
from records.evidence import sweep_evidence
from records.services import requeue_facts
from records.signing import keep_heads, sign_heads

STEPS: list[Callable[[datetime], int]] = [
    tell_memberships,
    open_due_runs,
    apply_rules,
    recheck_orders,
    spare_absent,
    close_missed_duties,
    remind_duties,
    escalate_duties,
    escalate_further,
    requeue_facts,
    requeue_deliveries,
    sign_heads,
    keep_heads,
    requeue_tasks,
    settle_lost,
    ask_for_life,
    forget_tasks,
    discard_uploads,
    discard_label_photos,
    sweep_evidence,
    forget_old_buyers,
    send_statements,
]
