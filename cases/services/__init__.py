"""Every write on cases. Each that a person can repeat carries a client_id: a repeat changes nothing.

Whoever works for the shop takes, notes, logs, resolves; giving a case to somebody, closing it and reopening it are a
lead's. Locks: the case, its duties, the ledger's head last.
"""

from cases.services.contacts import complete_follow_up, log_contact
from cases.services.deductions import (
    NotDeductible,
    appeal_deduction,
    check_deductible,
    decide_appeal,
    decide_deduction,
    deduction_rule,
    propose_deduction,
)
from cases.services.opening import open_by_hand, open_case, open_cases
from cases.services.point_rules import (
    acknowledge_rule,
    end_point_rule,
    record_deduction_rule,
    set_reward,
    shipped,
)
from cases.services.points import SecondPerson, counter_points, reward_points, send_statements
from cases.services.resolving import NotTold, resolve_case, set_refund_condition
from cases.services.responsibility import NoProof, NotHeard, record_statement, set_responsible
from cases.services.retention import forget_old_buyers
from cases.services.retraining import add_retraining_rule, assign_retraining, end_retraining_rule
from cases.services.stations import StationKnown, UnknownPlaceholder, save_saying, save_station
from cases.services.timeline import CaseClosed
from cases.services.working import (
    Given,
    NotSettled,
    add_note,
    assign_case,
    assign_cases,
    close_case,
    reopen_case,
    set_status,
    take_case,
)

__all__ = [
    "CaseClosed",
    "Given",
    "NoProof",
    "NotDeductible",
    "NotHeard",
    "NotSettled",
    "NotTold",
    "SecondPerson",
    "StationKnown",
    "UnknownPlaceholder",
    "acknowledge_rule",
    "add_note",
    "add_retraining_rule",
    "appeal_deduction",
    "assign_case",
    "assign_cases",
    "assign_retraining",
    "check_deductible",
    "close_case",
    "complete_follow_up",
    "counter_points",
    "decide_appeal",
    "decide_deduction",
    "deduction_rule",
    "end_point_rule",
    "end_retraining_rule",
    "forget_old_buyers",
    "log_contact",
    "open_by_hand",
    "open_case",
    "open_cases",
    "propose_deduction",
    "record_deduction_rule",
    "record_statement",
    "reopen_case",
    "resolve_case",
    "reward_points",
    "save_saying",
    "save_station",
    "send_statements",
    "set_refund_condition",
    "set_responsible",
    "set_reward",
    "set_status",
    "shipped",
    "take_case",
]
