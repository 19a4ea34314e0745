"""What a phone at the bench keeps, to judge parcels while the network is down, and what it judged otherwise."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from duties.selectors import Decision
from kernel import clock
from kernel.clock import day_of
from kernel.pacing import parts
from kernel.prepared import count_of
from orders.models import Barcode, Finding, LabelOrder, Order, OrderItem, Product, Verification, Waybill
from orders.ruling import rules_of
from orders.selectors.parcels import doubt_of, stop_of
from orders.words import MISMATCH, VERDICTS, product_key
from people.models import Role
from people.scope import Scope
from people.selectors import shop_zones

RECENT = timedelta(days=2)  # a shipped order's parcel may still lie in the warehouse so long after its deadline
MOST = 6000  # orders, those due soonest: about 300 kB before compression
A_WEEK = timedelta(days=7)
BATCH = 500
KNOWN = ("id", "shop_id", "number", "status", "refund", "receiver_surname", "phone_tail", "city")  # of an order


def known_parcels(shop_ids: Iterable[int], at: datetime) -> dict[str, Any]:
    """{at, parcels: {number: {code, tail, shop, asks, orders?, lines?}}, barcodes: {shop: {code: [key, pieces]}},
    words: {code: [sentence, instruction]}}: every parcel that may lie on the bench, with why it must not go, or ok.

    `lines`: [[key, title, pieces]]; only in shops that want each piece scanned. In a few queries for 500 orders.
    """
    asked = {shop: rules_of(shop, day_of(at, zone))["bench_asks"] for shop, zone in shop_zones(shop_ids).items()}
    parcels: dict[str, dict[str, Any]] = {}
    for some in parts(_orders(list(asked), at), BATCH):
        _add(parcels, some, asked)
    codes = [shop for shop, asks in asked.items() if asks == "codes"]
    words = {code: [str(said.sentence), str(said.instruction)] for code, said in VERDICTS.items()}
    words |= {
        code: [str(MISMATCH.sentence), str(MISMATCH.instruction)] for code in Finding.STOPPING if code not in words
    }
    return {"at": at.isoformat(), "parcels": parcels, "barcodes": _barcodes(codes), "words": words}


def _orders(shops: list[int], at: datetime) -> list[Order]:
    waiting = Q(status__in=(Order.Status.TO_SHIP, Order.Status.PART_SHIPPED))
    ended = (Order.Status.SHIPPED, Order.Status.CLOSED, Order.Status.UNKNOWN)
    recent = Q(status__in=ended, ship_by__gte=at - RECENT)
    rows = Order.objects.filter(waiting | recent, shop__in=shops).order_by("ship_by", "id")
    return list(rows.only(*KNOWN)[:MOST])


def _add(parcels: dict[str, dict[str, Any]], orders: Sequence[Order], asked: dict[int, str]) -> None:
    numbers: dict[str, list[Order]] = defaultdict(list)
    by_id = {order.pk: order for order in orders}
    by_name = {(order.shop_id, order.number): order for order in orders}
    for number, order_id in Waybill.objects.filter(order__in=by_id, withdrawn_at=None).values_list("number", "order"):
        numbers[number].append(by_id[order_id])
    labels = LabelOrder.objects.filter(shop__in=asked, order_number__in=[order.number for order in orders])
    void: dict[str, bool] = {}
    printed_for: dict[str, set[int]] = defaultdict(set)
    for number, is_void, shop_id, name in labels.order_by("label__printed_at", "label").values_list(
        "label__number", "label__is_void", "shop", "order_number"
    ):
        void[number] = is_void
        order = by_name.get((shop_id, name))
        if order and not is_void:
            printed_for[number].add(order.pk)
            if order not in numbers[number]:
                numbers[number].insert(0, order)
    stopped = _stopped(by_id, numbers)
    items = _items([o for o in orders if asked[o.shop_id] == "codes"])
    for number, mine in numbers.items():
        asks = asked[mine[0].shop_id] if mine else ""
        code = _code(number, mine, void.get(number, False), stopped, printed_for[number])
        lines: dict[str, list[Any]] = {}
        for order in mine:
            for key, title, pieces in items.get(order.pk, ()):
                lines.setdefault(key, [key, title, 0])[2] += pieces
        if code == "ok" and asks == "codes" and not lines:
            code = "goods_unknown"
        told: dict[str, Any] = {"code": code, "asks": asks, "tail": mine[0].tail if mine else ""}
        if mine:
            told["shop"] = mine[0].shop_id
        if asks == "slip":
            told["orders"] = [order.number for order in mine]
        if lines:
            told["lines"] = list(lines.values())
        parcels[number] = told


def _stopped(orders: dict[int, Order], numbers: Iterable[str]) -> dict[str | int, str]:
    """Why an order (by id) or a number must not go."""
    standing = Finding.objects.standing().filter(code__in=Finding.STOPPING)
    found: dict[str | int, str] = {}
    for order_id, waybill, code in standing.filter(order__in=orders).values_list("order", "waybill", "code"):
        found[order_id] = code
        found.setdefault(waybill, code)
    passed = Verification.objects.filter(number__in=list(numbers), verdict="passed", undone_by=None)
    found.update(dict.fromkeys(passed.values_list("number", flat=True), "already_verified"))
    return found


def _code(number: str, orders: list[Order], is_void: bool, stopped: dict[str | int, str], printed_for: set[int]) -> str:
    """The gravest reason first, as the bench's own verdict has it."""
    if is_void:
        return "label_void"
    if not orders:
        return "no_order"
    if code := stop_of(orders)[0]:
        return code
    if stopped.get(number) == "already_verified":
        return "already_verified"
    found = next((stopped[o.pk] for o in orders if o.pk in stopped), stopped.get(number))
    return found or doubt_of(orders, printed_for)[0] or "ok"


def _items(orders: list[Order]) -> dict[int, list[tuple[str, str, int]]]:
    found: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    rows = OrderItem.objects.filter(order__in=[order.pk for order in orders])
    for order_id, code, title, pieces in rows.values_list("order", "seller_code", "title", "quantity"):
        found[order_id].append((product_key(code, title), title or code, pieces))
    return found


def _barcodes(shops: list[int]) -> dict[int, dict[str, list[Any]]]:
    found: dict[int, dict[str, list[Any]]] = {shop: {} for shop in shops}
    for shop, key in Product.objects.filter(shop__in=shops).exclude(seller_code="").values_list("shop", "key")[:MOST]:
        found[shop][key] = [key, 1]
    rows = Barcode.objects.filter(shop__in=shops).values_list("shop", "code", "product__key", "pieces")
    for shop, code, key, pieces in rows[:MOST]:
        found[shop][code] = [key, pieces]
    return found


def late_verdicts(scope: Scope, at: datetime, *, own: bool) -> QuerySet[Verification]:
    """Parcels that a phone let go while it was offline and that should not have gone; of the last week, not yet taken
    out. One's own, or those at the sites that the viewer leads."""
    return _let_go(scope, own, since=at - A_WEEK).select_related("order", "shop", "employee").order_by("-at")[:50]


def parcels_to_take_out(scope: Scope) -> Decision | None:
    """The same for Today: a lead's people's, else one's own; in one statement."""
    own = not scope.has_role(Role.LEAD)
    if not (n := count_of(_let_go, scope, own, since=clock.now() - A_WEEK)):
        return None
    said = ngettext(
        "%(n)d parcel was let go while the network was down: find it and take it out",
        "%(n)d parcels were let go while the network was down: find them and take them out",
        n,
    )
    return Decision(said % {"n": n}, reverse("orders:bench" if own else "orders:bench_counts"))


def _let_go(scope: Scope, own: bool, *, since: datetime) -> QuerySet[Verification]:
    whose = Q(employee=scope.employee_id) if own else Q(scope.at_sites("site", Role.LEAD))
    return Verification.objects.let_go_offline().filter(whose, at__gte=since)
