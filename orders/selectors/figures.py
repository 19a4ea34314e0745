"""Live figures: how many orders are in trouble, as of when that was compared, and whether it carries an answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.text import Bilingual
from orders.models import Finding, Import, Order
from orders.selectors.unchecked import ALL_CHECKED, Missing, Unchecked, counted, unchecked_by_text
from orders.unchecked import QUESTIONS, Side, names_of
from people.models import Shop

STALE_AFTER = timedelta(hours=4)
OVERDUE_COMPARING = timedelta(minutes=10)  # an order that time has made due for comparing waits a minute for the tick
Code = Finding.Code


@dataclass(frozen=True)
class Rests:
    """What a figure rests on: the files that it is as old as, and the questions that each of its orders was asked."""

    files: tuple[str, ...]
    questions: tuple[str, ...] = ()


FIGURES: dict[str, Bilingual] = {
    "unshipped_overdue": {"zh": "超时未发货", "en": "Past the deadline, not shipped"},
    "unshipped_due_12h": {"zh": "12 小时内到期", "en": "Due within 12 hours"},
    "no_pickup_24h": {"zh": "上传超 24 小时无揽收", "en": "Uploaded, no pickup for 24 h"},
    "sync_delay": {"zh": "已揽收、平台未发货", "en": "Picked up, platform still waits"},
    "refund_hold": {"zh": "退款中，先拦下", "en": "Refund requested, hold back"},
    "findings_open": {"zh": "未处理预警", "en": "Open findings"},
}
CODES: dict[str, list[str]] = {
    "unshipped_overdue": [Code.LATE_UNSHIPPED],
    "unshipped_due_12h": [Code.DUE_WITHIN_12H],
    "no_pickup_24h": [Code.NO_PICKUP_24H],
    "sync_delay": [Code.SYNC_DELAY_UNSHIPPED],
    "refund_hold": [Code.REFUND_HOLD],
    "findings_open": list(Code.values),
}
RESTS: dict[str, Rests] = {
    "unshipped_overdue": Rests(("orders",)),
    "unshipped_due_12h": Rests(("orders",)),
    "no_pickup_24h": Rests(("tracking",), ("pickup",)),
    "sync_delay": Rests(("tracking",), ("sync",)),
    "refund_hold": Rests(("orders",)),
    "findings_open": Rests(("orders",), tuple(QUESTIONS)),
}


@dataclass(frozen=True)
class Figure:
    """A number with the moment of the data that was compared; `value` is None while there is none. `uncovered` of its
    orders could not be compared, for lack of `missing`; `is_comparing`: what was uploaded last is not compared yet."""

    key: str
    value: int | None
    as_of: datetime | None
    is_stale: bool
    url: str
    is_comparing: bool = False
    uncovered: int = 0
    missing: tuple[Missing, ...] = ()
    unchecked_url: str = ""

    @property
    def title(self) -> Bilingual:
        return FIGURES[self.key]

    @property
    def carries(self) -> bool:
        """Whether it may answer an item: compared, fresh, and whole."""
        return self.value is not None and not (self.is_stale or self.is_comparing or self.uncovered or self.missing)

    @property
    def coverage_note(self) -> str:
        """What it cannot speak for, in a sentence."""
        if not self.missing:
            return ""
        names = names_of(part.side for part in self.missing)
        if self.uncovered:
            return _("%(n)d orders are not checked: %(names)s missing.") % {"n": self.uncovered, "names": names}
        return _("Not checked: %(names)s missing.") % {"names": names}


def figure(key: str, *, shop_ids: Iterable[int], at: datetime) -> Figure:
    return figures([key], shop_ids=shop_ids, at=at)[0]


def figures(keys: Iterable[str], *, shop_ids: Iterable[int], at: datetime) -> list[Figure]:
    """Live figures over some shops, in six queries however many. Each is as old as the shop whose data is oldest."""
    wanted, shops = list(keys), sorted(set(shop_ids))
    here = Q(shop__in=shops)
    codes = {code for key in wanted for code in CODES[key]}
    found = Finding.objects.standing().filter(here, code__in=codes).order_by().values_list("code")
    counts = dict(found.annotate(n=Count("id")))
    moments, is_comparing = compared(shops, at)
    gaps = unchecked_by_text(here) if any(RESTS[key].questions for key in wanted) else []
    names = dict(Shop.objects.filter(pk__in=shops).values_list("id", "name")) if len(shops) > 1 else {}
    return [
        _figure(
            key,
            shops,
            at,
            sum(counts.get(code, 0) for code in CODES[key]),
            moments,
            is_comparing,
            counted(gaps, RESTS[key].questions) if RESTS[key].questions else ALL_CHECKED,
            names,
        )
        for key in wanted
    ]


def _figure(
    key: str,
    shops: list[int],
    at: datetime,
    value: int,
    moments: dict[tuple[int, str], datetime],
    is_comparing: bool,
    unchecked: Unchecked,
    names: dict[int, str],
) -> Figure:
    rests = RESTS[key]
    query = urlencode([("shop", shop) for shop in shops])
    url = f"{reverse('orders:figure_rows', args=[key])}?{query}"
    missing = list(unchecked.missing)
    for kind in dict.fromkeys(("orders", *rests.files)):
        known = [shop for shop in shops if (shop, kind) in moments]
        if kind == "orders" or not known:
            lacking = [shop for shop in shops if shop not in known]
            missing += [Missing(Side(kind, "", names.get(shop, "")), 0) for shop in lacking]
    times = [moments[shop, kind] for shop in shops for kind in rests.files if (shop, kind) in moments]
    if not times:
        return Figure(key, None, None, True, url, is_comparing, 0, tuple(missing))
    told = f"{reverse('orders:unchecked_list')}?{query}&figure={key}" if unchecked.orders else ""
    as_of = min(times)
    return Figure(
        key, value, as_of, at - as_of > STALE_AFTER, url, is_comparing, unchecked.orders, tuple(missing), told
    )


def compared(shops: list[int], at: datetime) -> tuple[dict[tuple[int, str], datetime], bool]:
    """({(shop, kind of file): the latest moment that compared files speak of}, whether something is uploaded and not
    compared yet). Three queries."""
    done = Import.objects.filter(shops__in=shops, compared_at__isnull=False, as_of__isnull=False).order_by()
    rows = done.values_list("shops", "files__kind").annotate(at=Max("as_of"))
    moments = {(shop, kind): moment for shop, kind, moment in rows if shop in shops}
    is_comparing = Import.objects.comparing().filter(shops__in=shops).exists() or late_for_comparing(shops, at)
    return moments, is_comparing


def late_for_comparing(shops: list[int], at: datetime) -> bool:
    """Whether orders wait for longer than the tick should take: nobody looks whether their time has come."""
    return Order.objects.filter(shop__in=shops, recheck_at__lt=at - OVERDUE_COMPARING).exists()


def figure_findings(key: str, shop_ids: Iterable[int]) -> QuerySet[Finding]:
    """The rows that a figure counts, and that its list shows."""
    return Finding.objects.standing().filter(shop__in=list(shop_ids), code__in=CODES[key])
