"""Writes of the orders room."""

from orders.services.bench import undo_verification, verify_parcel
from orders.services.findings import dismiss_finding, mark_in_case

__all__ = ["dismiss_finding", "mark_in_case", "undo_verification", "verify_parcel"]
