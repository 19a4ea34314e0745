"""Reads of the orders room."""

from orders.selectors.board import Card, card, in_order, visible_findings
from orders.selectors.figures import FIGURES, Figure, figure, figure_findings, figures
from orders.selectors.house import drawn_from, numbers_in_house, sample_numbers
from orders.selectors.sides import Sides, look_up, photos_of, sides_of, visible_orders

__all__ = [
    "FIGURES",
    "Card",
    "Figure",
    "Sides",
    "card",
    "drawn_from",
    "figure",
    "figure_findings",
    "figures",
    "in_order",
    "look_up",
    "numbers_in_house",
    "photos_of",
    "sample_numbers",
    "sides_of",
    "visible_findings",
    "visible_orders",
]
