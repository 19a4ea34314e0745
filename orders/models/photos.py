"""Photos of labels taken at the bench."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models.findings import Verification
from orders.models.sides import Order
from people.models import Site


class LabelPhoto(models.Model):
    """A photo of a label: read by barcode at once, by OCR in the worker; compared with the order, then cropped to
    barcode and number. `candidates` are what the waybill can be, where that is a person's to say. `compared` says of
    each field whether label and order agree; of buyers nothing else is kept."""

    class State(models.TextChoices):
        WAITING = "waiting", _("being read")
        READ = "read", _("read")
        FAILED = "failed", _("not readable")

    client_id = models.UUIDField(unique=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    shop_ids = models.JSONField(help_text="the shops whose parcels the viewer verifies")
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    number = models.CharField(max_length=40, blank=True)
    method = models.CharField(max_length=8, blank=True, help_text="barcode or ocr")
    candidates = models.JSONField(default=list, help_text="[{number, courier, source}] where it can be several")
    compared = models.JSONField(default=list, help_text="[{field, label, order, agrees}]")
    order = models.ForeignKey(Order, models.SET_NULL, null=True, related_name="+")
    verification = models.ForeignKey(Verification, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="orders_labelphoto_at")]  # the tick: which are old

    def __str__(self) -> str:
        return f"{self.pk} {self.number}"

    @property
    def ref(self) -> str:
        return f"label_photo:{self.pk}"

    @property
    def is_sure(self) -> bool:
        """Whether the number is the label's waybill without a person's word: codes and print left no other."""
        return self.method == "barcode" and not self.candidates
