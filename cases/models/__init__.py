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
from cases.models.responsibility import Responsibility, Retraining, RetrainingRule, Statement
from cases.models.stations import CourierStation

__all__ = [
    "Case",
    "CaseCounter",
    "CaseEvent",
    "CaseFinding",
    "CaseOrder",
    "CaseWaybill",
    "ContactLog",
    "CourierStation",
    "Responsibility",
    "Retraining",
    "RetrainingRule",
    "Statement",
]
