"""What the columns of a file mean where its header is not known by itself."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ColumnMapping(models.Model):
    """A manager's word on files with this header: of which kind they are, which column is what, what states mean. It
    counts before what the header says by itself, for every shop, from the next look at a file on."""

    class Kind(models.TextChoices):
        ORDERS = "orders", _("order report")
        ITEMS = "items", _("item report")
        AFTERSALES = "aftersales", _("list of after-sales")
        LABELS = "labels", _("label log")
        TRACKING = "tracking", _("tracking")

    signature = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the header's cells")
    header = models.JSONField(help_text="the header's cells, as the file has them")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    columns = models.JSONField(help_text="field → position, from 0")
    statuses = models.JSONField(default=dict, help_text="state as the file says it → ours")
    refunds = models.JSONField(default=dict, help_text="word about a refund → what it means for a parcel")
    couriers = models.JSONField(default=dict, help_text="a courier's name → its code; counts in every file")
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return " · ".join(self.header[:4])
