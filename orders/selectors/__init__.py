"""Reads of the orders room."""

from orders.selectors.figures import FIGURES, Figure, figure, sample_waybills

__all__ = ["FIGURES", "Figure", "figure", "sample_waybills"]
