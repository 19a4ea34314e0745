"""The rules in force on a day: rows of orders.Rule first, then the file that ships with the product."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db.models import Q

from orders.models import Rule

FILE = Path(__file__).parent / "rules" / "platform.yaml"


@cache
def _shipped_rules() -> tuple[tuple[str, date, Any], ...]:
    rows = yaml.safe_load(FILE.read_text("utf-8"))
    return tuple(sorted(((r["key"], r["starts_on"], r["value"]) for r in rows), key=lambda r: r[1]))


@dataclass(frozen=True)
class Rules:
    """Every rule of one shop on one day."""

    values: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def loss(self, key: str, amount_cents: int) -> int:
        """The estimated cost of a breach in cents: a share of the order between a least and a most."""
        rule = self.values[key]
        return int(min(max(amount_cents * rule["percent"] // 100, rule["least"]), rule["most"]))


def rules_of(shop_id: int, day: date) -> Rules:
    """The rules of a shop on a day: the shop's own before the common ones, the latest start before earlier ones."""
    values = {key: value for key, start, value in _shipped_rules() if start <= day}
    rows = Rule.objects.filter(Q(shop=shop_id) | Q(shop=None), starts_on__lte=day)
    ordered = sorted(rows, key=lambda r: (r.shop_id is not None, r.starts_on))
    values.update({rule.key: rule.value for rule in ordered})
    return Rules(values)
