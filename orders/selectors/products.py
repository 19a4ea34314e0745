"""Products as their pages show them."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from orders.models import Barcode, Product
from orders.words import code_in
from people.models import Role
from people.scope import Scope
from records.models import Evidence


def seen_products(scope: Scope, at_least: Role = Role.LEAD) -> QuerySet[Product]:
    return Product.objects.filter(scope.at_shops("shop", at_least)).select_related("shop")


def listed_products(scope: Scope, wish: dict[str, Any]) -> QuerySet[Product]:
    """By name, seller code or barcode; or those that no barcode stands for. By seller code."""
    rows = seen_products(scope)
    if shop := wish.get("shop"):
        rows = rows.filter(shop=shop)
    if wanted := wish.get("q"):
        by_code = Barcode.objects.filter(code=code_in(wanted)).values("product")
        rows = rows.filter(Q(title__icontains=wanted) | Q(key__icontains=code_in(wanted)) | Q(pk__in=by_code))
    if state := wish.get("state"):
        has_code = Exists(Barcode.objects.filter(product=OuterRef("pk")))
        rows = rows.filter(has_code if state == "with" else ~has_code)
    return rows.prefetch_related("barcodes").order_by("key", "id")


def picture_of(product: Product) -> Evidence | None:
    return Evidence.objects.filter(owner=product.ref, erased_at=None).order_by("-id").first()
