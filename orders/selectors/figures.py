"""Live figures: how many orders are in trouble, as of when, and whether that is fresh enough to answer an item."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel.text import Bilingual
from orders.models import Finding, Import, ImportFile

STALE_AFTER = timedelta(hours=4)
Code = Finding.Code

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
NEEDS_TRACKING = {"no_pickup_24h", "sync_delay"}


@dataclass(frozen=True)
class Figure:
    """A number with its moment; `value` is None while nothing was imported that could tell it."""

    key: str
    value: int | None
    as_of: datetime | None
    is_stale: bool
    coverage_note: str
    url: str

    @property
    def title(self) -> Bilingual:
        return FIGURES[self.key]


def figure(key: str, *, shop_ids: Iterable[int], at: datetime) -> Figure:
    """One live figure over some shops, in two queries. Its moment is that of the shop whose data is oldest."""
    shops = sorted(set(shop_ids))
    url = reverse("orders:figure_rows", args=[key])
    kind = ImportFile.Kind.TRACKING if key in NEEDS_TRACKING else ImportFile.Kind.ORDERS
    moments: dict[int, datetime] = {}
    for shop_id, as_of in (
        Import.objects.filter(Q(files__kind=kind), shops__in=shops, state=Import.State.DONE, as_of__isnull=False)
        .order_by("as_of")
        .values_list("shops", "as_of")
    ):
        moments[shop_id] = as_of
    if not moments:
        note = _("No tracking was imported yet.") if key in NEEDS_TRACKING else _("No orders were imported yet.")
        return Figure(key, None, None, True, note, url)
    value = figure_findings(key, moments).count()
    as_of = min(moments.values())
    lacking = len(shops) - len(moments)
    note = ngettext("%(n)d shop has no data.", "%(n)d shops have no data.", lacking) % {"n": lacking} if lacking else ""
    return Figure(key, value, as_of, at - as_of > STALE_AFTER, note, url)


def figure_findings(key: str, shop_ids: Iterable[int]) -> QuerySet[Finding]:
    """The rows that a figure counts, and that its list shows."""
    return Finding.objects.standing().filter(shop__in=list(shop_ids), code__in=CODES[key])
