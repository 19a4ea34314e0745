"""Rules as dated data: what counts from a day on until the next one."""

from django.db import models

from people.models import Shop


class Rule(models.Model):
    """One setting from a day on, e.g. ship_by_hours = 48. `shop` empty: for every shop without one of its own."""

    key = models.CharField(max_length=40)
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="+")
    starts_on = models.DateField()
    value = models.JSONField()
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "shop", "starts_on"], name="orders_rule_once"),
            models.UniqueConstraint(
                fields=["key", "starts_on"], name="orders_rule_common_once", condition=models.Q(shop=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} from {self.starts_on}"
