"""The three sides of an order, how they came in, what does not match, and what was verified at the bench."""

from orders.models.findings import Finding, Verification
from orders.models.goods import Barcode, Product
from orders.models.imports import Coverage, Import, ImportFile, RowFault, RowNote
from orders.models.mappings import ColumnMapping
from orders.models.operators import Operator
from orders.models.photos import LabelPhoto
from orders.models.rules import DeadlineMove, Rule
from orders.models.sides import AfterSale, Label, LabelOrder, Order, OrderChange, OrderItem, TrackingEvent, Waybill

__all__ = [
    "AfterSale",
    "Barcode",
    "ColumnMapping",
    "Coverage",
    "DeadlineMove",
    "Finding",
    "Import",
    "ImportFile",
    "Label",
    "LabelOrder",
    "LabelPhoto",
    "Operator",
    "Order",
    "OrderChange",
    "OrderItem",
    "Product",
    "RowFault",
    "RowNote",
    "Rule",
    "TrackingEvent",
    "Verification",
    "Waybill",
]
