"""What is sold, and the barcodes that stand for it at the bench."""

from django.conf import settings
from django.db import models

from people.models import Shop


class Product(models.Model):
    """Something a shop sells, as its item report names it: by the seller's code (商家编码), else by its title."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    key = models.CharField(max_length=200, help_text="the seller's code, or the title where there is none")
    seller_code = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "key"], name="orders_product_once")]

    def __str__(self) -> str:
        return self.key

    @property
    def ref(self) -> str:
        return f"product:{self.pk}"


class Barcode(models.Model):
    """A code printed on goods and the product that it stands for, with the pieces in the pack that carries it."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    code = models.CharField(max_length=64)
    product = models.ForeignKey(Product, models.CASCADE, related_name="barcodes")
    pieces = models.PositiveSmallIntegerField(default=1)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "code"], name="orders_barcode_once"),
            models.CheckConstraint(condition=models.Q(pieces__gte=1), name="orders_barcode_pieces"),
        ]

    def __str__(self) -> str:
        return self.code
