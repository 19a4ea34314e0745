"""Checklists as they are written (definition) and as they are worked through (work)."""

from checklists.models.definition import Checklist, ChecklistVersion, Item, Schedule
from checklists.models.work import (
    Answer,
    Correction,
    HandoverSignature,
    Run,
    RunSample,
    SampleScan,
    ShiftPass,
)

__all__ = [
    "Answer",
    "Checklist",
    "ChecklistVersion",
    "Correction",
    "HandoverSignature",
    "Item",
    "Run",
    "RunSample",
    "SampleScan",
    "Schedule",
    "ShiftPass",
]
