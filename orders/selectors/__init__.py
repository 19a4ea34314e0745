"""Reads of the orders room."""

from orders.selectors.board import visible_findings
from orders.selectors.figures import FIGURES, Figure, figure, sample_waybills
from orders.selectors.sides import look_up, sides_of, visible_orders

__all__ = [
    "FIGURES",
    "Figure",
    "figure",
    "look_up",
    "sample_waybills",
    "sides_of",
    "visible_findings",
    "visible_orders",
]
