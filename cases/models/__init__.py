"""Cases with what happened to them, who is responsible, and what is learnt from them."""

from cases.models.case import (
    Case,
    CaseCounter,
    CaseEvent,
    CaseFinding,
    CaseOrder,
    CaseWaybill,
    ContactLog,
)
from cases.models.points import Appeal, Deduction, PointEntry, PointRule, RuleAcknowledgement
from cases.models.responsibility import Responsibility, Retraining, RetrainingRule, Statement
from cases.models.stations import CourierStation, SayingText

__all__ = [
    "Appeal",
    "Case",
    "CaseCounter",
    "CaseEvent",
    "CaseFinding",
    "CaseOrder",
    "CaseWaybill",
    "ContactLog",
    "CourierStation",
    "Deduction",
    "PointEntry",
    "PointRule",
    "Responsibility",
    "Retraining",
    "RetrainingRule",
    "RuleAcknowledgement",
    "SayingText",
    "Statement",
]
