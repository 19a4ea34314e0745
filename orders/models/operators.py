"""Who prints labels, as the log writes them, and the employee that it is."""

from django.conf import settings
from django.db import models

from people.models import Shop


class Operator(models.Model):
    """A name in the label log (打单人). It stays text until it is matched: by itself where one person of the site has
    exactly this name or number, else by a manager."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    text = models.CharField(max_length=40)
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    matched_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "text"], name="orders_operator_once")]

    def __str__(self) -> str:
        return self.text

    @property
    def ref(self) -> str:
        return f"operator:{self.pk}"
