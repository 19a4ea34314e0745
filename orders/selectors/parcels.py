"""What is known about a number that somebody scans, and what its parcel has to hold."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Sum

from orders.matching.sides import Receiver
from orders.matching.verdicts import same_receiver
from orders.models import Label, LabelOrder, Order, OrderItem, Product, Verification, Waybill
from orders.words import candidates, product_key
from records.models import Evidence


@dataclass
class Parcel:
    """What is known about a scanned number."""

    number: str
    waybills: list[Waybill] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    printed_for: set[int] = field(default_factory=set)  # the orders that its labels name


Status, Refund = Order.Status, Order.Refund
DOUBTS = ("aftersale_unknown", "state_unknown", "receivers_masked")  # reasons for which nobody here can judge a parcel


def stop_of(orders: Iterable[Order]) -> tuple[str, Order | None]:
    """Why what the platform says of a parcel's orders keeps it here; ("", None) where nothing does."""
    for order in orders:
        if order.refund in (Refund.REQUESTED, Refund.REFUNDED):
            return ("refunded" if order.refund == Refund.REFUNDED else "refund_requested"), order
        if order.status == Status.CLOSED:
            return "order_closed", order
    return "", None


def doubt_of(orders: Sequence[Order], printed_for: Collection[int]) -> tuple[str, Order | None]:
    """Why nobody here can tell whether a parcel may go: words that nobody has explained, or one number on orders whose
    receivers are masked, where no label says that they go in one parcel."""
    for order in orders:
        if order.refund == Refund.UNKNOWN:
            return "aftersale_unknown", order
        if order.status == Status.UNKNOWN:
            return "state_unknown", order
    for order in orders[1:]:
        is_one = {order.pk, orders[0].pk} <= set(printed_for)
        if not is_one and same_receiver(receiver_of(orders[0]), receiver_of(order)) is None:
            return "receivers_masked", order
    return "", None


def receiver_of(order: Order) -> Receiver:
    return order.receiver_surname, order.phone_tail, order.city


def find_parcel(number: str, shops: Iterable[int], *, is_locked: bool = False) -> Parcel:
    """The number's rows in these shops. Locked, whoever scans the same parcel at the same moment waits for the
    verdict."""
    parcel, names, mine = Parcel(number), candidates(number), set(shops)
    waybills, labels = Waybill.objects.all(), Label.objects.all()
    if is_locked:
        waybills, labels = waybills.select_for_update(of=("self",)), labels.select_for_update(of=("self",))
    found = waybills.select_related("order").filter(number__in=names, withdrawn_at=None).order_by("id")[:20]
    parcel.waybills = [w for w in found if w.order.shop_id in mine]  # asked by shop, SQLite would search all its orders
    parcel.labels = list(labels.filter(number__in=names, shop__in=mine).order_by("printed_at", "id")[:20])
    good = [label.pk for label in parcel.labels if not label.is_void]
    orders = {w.order_id: w.order for w in parcel.waybills}
    if good:
        named = LabelOrder.objects.filter(label__in=good).values_list("order_number", flat=True)
        printed_for = Order.objects.filter(shop__in={label.shop_id for label in parcel.labels}, number__in=list(named))
        first = {order.pk: order for order in printed_for}
        parcel.printed_for = set(first)
        orders = {**first, **orders}  # the parcel's own order first: what the label says is in it
    parcel.orders = list(orders.values())
    return parcel


@dataclass
class Line:
    """A product that the parcel has to hold: pieces ordered, those in this parcel, and in the order's other parcels."""

    key: str
    title: str
    seller_code: str
    wanted: int = 0
    counted: int = 0
    elsewhere: int = 0
    product_id: int | None = None
    picture: Evidence | None = None

    @property
    def missing(self) -> int:
        return max(0, self.wanted - self.elsewhere - self.counted)


@dataclass
class Contents:
    """What a begun parcel has to hold. Empty `lines`: no item report told. `may_end_early`: the orders have other
    parcels that still can hold the rest."""

    orders: list[Order]
    lines: list[Line]
    may_end_early: bool = False

    @property
    def missing(self) -> int:
        return sum(line.missing for line in self.lines)

    @property
    def counted(self) -> int:
        return sum(line.counted for line in self.lines)

    @property
    def wanted(self) -> int:
        return self.counted + self.missing

    def line(self, key: str) -> Line | None:
        return next((line for line in self.lines if line.key == key), None)


COUNTS = (Verification.Verdict.COUNTED, Verification.Verdict.PASSED)


def contents_of(begun: Verification, *, pictures: bool = False) -> Contents:
    """Of a parcel that the waybill's scan began, in a fixed number of queries."""
    orders = find_parcel(begun.number, [begun.shop_id]).orders if begun.shop_id else []
    contents = Contents(orders, _ordered(orders))
    scans = Verification.objects.filter(verdict__in=COUNTS, undone_by=None)
    here = scans.filter(parcel=begun).values_list("product").annotate(n=Sum("pieces")).order_by()
    for key, pieces in here:
        if line := contents.line(key):
            line.counted = pieces
    others = _other_numbers(begun, orders)
    if others:
        ended = scans.filter(number__in=others, verdict=Verification.Verdict.PASSED, shop=begun.shop_id)
        passed = dict(ended.values_list("number", "parcel"))
        contents.may_end_early = len(passed) < len(others)
        for key, pieces in scans.filter(parcel__in=passed.values()).values_list("product").annotate(n=Sum("pieces")):
            if line := contents.line(key):
                line.elsewhere = pieces
    if pictures and contents.lines:
        _add_pictures(begun, contents)
    return contents


def _ordered(orders: list[Order]) -> list[Line]:
    lines: dict[str, Line] = {}
    for item in OrderItem.objects.filter(order__in=[order.pk for order in orders]).order_by("order", "line_number"):
        key = product_key(item.seller_code, item.title)
        lines.setdefault(key, Line(key, item.title, item.seller_code)).wanted += item.quantity
    return list(lines.values())


def _other_numbers(begun: Verification, orders: list[Order]) -> set[str]:
    """Of the other parcels of the same orders."""
    names = candidates(begun.number)
    on_platform = Waybill.objects.filter(order__in=[order.pk for order in orders], withdrawn_at=None)
    printed = LabelOrder.objects.filter(
        shop=begun.shop_id, order_number__in=[order.number for order in orders], label__is_void=False
    )
    found = {*on_platform.values_list("number", flat=True), *printed.values_list("label__number", flat=True)}
    return found - {*names}


def _add_pictures(begun: Verification, contents: Contents) -> None:
    lines = {line.key: line for line in contents.lines}
    products = Product.objects.filter(shop=begun.shop_id, key__in=lines).values_list("id", "key")
    refs = {f"product:{pk}": (pk, lines[key]) for pk, key in products}
    for evidence in Evidence.objects.filter(owner__in=refs, erased_at=None).order_by("id"):
        pk, line = refs[evidence.owner]
        line.product_id, line.picture = pk, evidence
