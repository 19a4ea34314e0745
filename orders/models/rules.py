"""Rules as dated data: what counts from a day on until the next one, and deadlines moved for a time."""

from django.conf import settings
from django.db import models

from people.models import Shop


class Rule(models.Model):
    """One setting from a day on, e.g. ship_by_hours = 48. `shop` empty: for every shop without one of its own."""

    key = models.CharField(max_length=40)
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="+")
    starts_on = models.DateField()
    value = models.JSONField()
    source = models.CharField(max_length=200, blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True, help_text="when open orders were marked to be judged by it")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "shop", "starts_on"], name="orders_rule_once"),
            models.UniqueConstraint(
                fields=["key", "starts_on"], name="orders_rule_common_once", condition=models.Q(shop=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} from {self.starts_on}"


class DeadlineMove(models.Model):
    """For orders paid in a time (a promotion, a holiday, a disaster) the platform allows until later."""

    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="+")
    paid_from = models.DateTimeField()
    paid_until = models.DateTimeField()
    ship_by = models.DateTimeField()
    reason = models.CharField(max_length=200)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, help_text="when the orders got, or got back, their deadline")
    client_id = models.UUIDField(unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(paid_until__gte=models.F("paid_from")), name="orders_deadlinemove_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paid_from:%m-%d}–{self.paid_until:%m-%d} → {self.ship_by:%m-%d}"
