"""What the numbers on a label are known as: a waybill, an order, goods."""

from collections.abc import Iterable

from orders.models import Barcode, Label, Order, Product, Waybill
from orders.words import candidates, code_in

MOST = 50  # codes of one picture


def known_codes(codes: Iterable[str], shop_ids: Iterable[int] | None = None) -> dict[str, str]:
    """{code: waybill, order or goods} of those that are known in these shops, or in any. In five queries."""
    asked = {code: [*candidates(code), code_in(code)] for code in [*codes][:MOST]}
    words = {word for names in asked.values() for word in names}
    mine = {} if shop_ids is None else {"shop__in": sorted(shop_ids)}
    of_mine = {f"order__{name}": shops for name, shops in mine.items()}
    found: dict[str, str] = {}
    for kind, rows in (
        ("goods", Barcode.objects.filter(code__in=words, **mine).values_list("code", flat=True)),
        ("goods", Product.objects.filter(key__in=words, **mine).values_list("key", flat=True)),
        ("order", Order.objects.filter(number__in=words, **mine).values_list("number", flat=True)),
        ("waybill", Label.objects.filter(number__in=words, is_void=False, **mine).values_list("number", flat=True)),
        (
            "waybill",
            Waybill.objects.filter(number__in=words, withdrawn_at=None, **of_mine).values_list("number", flat=True),
        ),
    ):
        found |= dict.fromkeys(rows, kind)
    return {code: found[name] for code, names in asked.items() for name in names if name in found}
