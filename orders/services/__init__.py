"""Writes of the orders room."""

from orders.services.bench import undo_verification, verify_parcel
from orders.services.findings import dismiss_finding, mark_in_case
from orders.services.importing import (
    Upload,
    cancel_import,
    confirm_import,
    create_import,
    run_import,
    set_coverage,
)
from orders.services.reconciling import recheck_orders, reconcile_orders

__all__ = [
    "Upload",
    "cancel_import",
    "confirm_import",
    "create_import",
    "dismiss_finding",
    "mark_in_case",
    "recheck_orders",
    "reconcile_orders",
    "run_import",
    "set_coverage",
    "undo_verification",
    "verify_parcel",
]
