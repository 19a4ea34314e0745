"""Writes of the orders room."""

from orders.services.bench import Scan, judge_parcel, take_out, undo_verification, verify_parcel
from orders.services.bringing import bring_files, create_import, look_again, look_at_files, say_newest
from orders.services.findings import dismiss_finding, dismiss_findings, mark_in_case
from orders.services.forgetting import forget_buyers
from orders.services.goods import ParcelEnded, end_parcel, scan_goods
from orders.services.importing import FilesGone, cancel_import, compare_again, confirm_import, run_import, set_coverage
from orders.services.mapping import ColumnLacking, forget_mapping, save_mapping
from orders.services.operators import match_operator
from orders.services.photos import close_numbers, confirm_photo, discard_label_photos, take_label_photo
from orders.services.products import forget_barcode, set_product_picture, teach_barcode, teach_barcodes
from orders.services.reconciling import recheck_orders, reconcile_orders
from orders.services.ruling import apply_rules, move_deadlines, set_rule, withdraw_move
from orders.uploads import Upload

__all__ = [
    "ColumnLacking",
    "FilesGone",
    "ParcelEnded",
    "Scan",
    "Upload",
    "apply_rules",
    "bring_files",
    "cancel_import",
    "close_numbers",
    "compare_again",
    "confirm_import",
    "confirm_photo",
    "create_import",
    "discard_label_photos",
    "dismiss_finding",
    "dismiss_findings",
    "end_parcel",
    "forget_barcode",
    "forget_buyers",
    "forget_mapping",
    "judge_parcel",
    "look_again",
    "look_at_files",
    "mark_in_case",
    "match_operator",
    "move_deadlines",
    "recheck_orders",
    "reconcile_orders",
    "run_import",
    "save_mapping",
    "say_newest",
    "scan_goods",
    "set_coverage",
    "set_product_picture",
    "set_rule",
    "take_label_photo",
    "take_out",
    "teach_barcode",
    "teach_barcodes",
    "undo_verification",
    "verify_parcel",
    "withdraw_move",
]
