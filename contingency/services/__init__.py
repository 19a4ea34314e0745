"""Every write on plans, activations, drills and materials.

A plan is published by its owner's manager, activated and closed by a lead of the site; ticking a step, taking and
counting materials is for everyone who works there. Locks: own row, duties, the ledger's head last.
"""

from contingency.services.activations import activate_plan, close_activation, tick_step, untick_step
from contingency.services.drills import schedule_drill
from contingency.services.publishing import add_materials, publish_plan
from contingency.services.stock import count_stock, move_stock, receive_stock, return_material, take_material

__all__ = [
    "activate_plan",
    "add_materials",
    "close_activation",
    "count_stock",
    "move_stock",
    "publish_plan",
    "receive_stock",
    "return_material",
    "schedule_drill",
    "take_material",
    "tick_step",
    "untick_step",
]
