"""Which shop a row belongs to, where an import's files speak of several."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from orders.models import Label, LabelOrder, Order, Waybill
from orders.readers.cells import BadCell
from orders.readers.rows import ItemRow, LabelRow, OrderRow, Row, TrackingRow

BATCH = 800  # rows of one transaction at most: people's writes wait for it
Lines = Iterable[tuple[int, Row | BadCell]]


def of_known_shops(lines: Lines, shop_names: Mapping[str, int | None]) -> Iterator[tuple[int, Row | BadCell]]:
    """The rows, those of a shop that is not known here as their fault."""
    for line, row in lines:
        if isinstance(row, OrderRow) and shop_names.get(row.shop_name, 0) is None:
            yield line, BadCell("other_shop", "shop_name", row.shop_name, is_told=True)
        else:
            yield line, row


def shares(rows: Sequence[Row], shop_ids: Sequence[int], shop_names: Mapping[str, int | None]) -> dict[int, list[Row]]:
    """Rows by shop. Orders say theirs; lines, labels and events go where their order or number is known, else to the
    first shop, which the import was made for. A label for orders of two shops goes to both."""
    if len(shop_ids) == 1:
        return {shop_ids[0]: list(rows)}
    found: dict[int, list[Row]] = defaultdict(list)
    orders = _shops_of_orders(rows, shop_ids)
    numbers = _shops_of_numbers({row.number for row in rows if isinstance(row, TrackingRow)}, shop_ids)
    for row in rows:
        shops: set[int] = set()
        if isinstance(row, OrderRow):
            shops = {shop_names.get(row.shop_name) or shop_ids[0]}
        elif isinstance(row, ItemRow):
            shops = orders.get(row.order_number, shops)
        elif isinstance(row, LabelRow):
            shops = shops.union(*(orders.get(number, ()) for number in row.orders))
        elif isinstance(row, TrackingRow):
            shops = numbers.get(row.number, shops)
        for shop_id in shops or {shop_ids[0]}:
            found[shop_id].append(row)
    return found


def _shops_of_orders(rows: Sequence[Row], shop_ids: Sequence[int]) -> dict[str, set[int]]:
    named = {row.order_number for row in rows if isinstance(row, ItemRow)}
    named.update(number for row in rows if isinstance(row, LabelRow) for number in row.orders)
    found: dict[str, set[int]] = defaultdict(set)
    known = Order.objects.filter(shop__in=shop_ids, number__in=named) if named else Order.objects.none()
    for number, shop_id in known.values_list("number", "shop_id"):
        found[number].add(shop_id)
    return found


def _shops_of_numbers(numbers: set[str], shop_ids: Sequence[int]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    if not numbers:
        return found
    for number, shop_id in Waybill.objects.filter(number__in=numbers).values_list("number", "order__shop_id"):
        found[number].add(shop_id)
    named = LabelOrder.objects.filter(
        label__in=list(Label.objects.filter(number__in=numbers).values_list("id", flat=True))
    )
    for number, shop_id in named.values_list("label__number", "shop_id"):
        found[number].add(shop_id)
    return {number: shops & set(shop_ids) for number, shops in found.items()}
