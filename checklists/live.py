"""What items read from orders: live figures and the parcels drawn as a sample."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from checklists.models import Item, Run, RunSample, SampleScan
from kernel import clock
from kernel.text import listed
from orders.models import Label, Verification, Waybill
from orders.selectors import Figure, figure, sample_numbers
from orders.words import said_of
from people.models import Shop


@dataclass(frozen=True)
class SampleLine:
    """A drawn parcel, what finds it in the house, and the run's latest look at it: passed, stopped, unknown or "" (not
    yet)."""

    number: str
    verdict: str = ""
    sentence: str = ""
    instruction: str = ""
    is_typed: bool = False
    courier: str = ""
    order_tail: str = ""
    shop: str = ""

    @property
    def tail(self) -> str:
        return self.number[-4:]


@dataclass(frozen=True)
class SampleState:
    lines: list[SampleLine] = field(default_factory=list)
    wanted: int = 0

    @property
    def done(self) -> int:
        return sum(line.verdict == Verification.Verdict.PASSED for line in self.lines)

    @property
    def is_stopped(self) -> bool:
        """Whether a parcel that must not go was found: that is a problem, whatever the others are."""
        return any(line.verdict == Verification.Verdict.STOPPED for line in self.lines)

    @property
    def is_done(self) -> bool:
        return bool(self.lines) and self.done == len(self.lines)

    @property
    def is_short(self) -> bool:
        """Fewer parcels could be drawn than the item wants."""
        return len(self.lines) < self.wanted


def shop_ids_of(run: Run) -> list[int]:
    """The shop of a run; without one, all active shops of its site."""
    if run.shop_id:
        return [run.shop_id]
    return list(Shop.objects.filter(site=run.site_id, is_active=True).order_by("id").values_list("id", flat=True))


def figure_of(*, run: Run, item: Item, at: datetime) -> Figure:
    return figure(item.figure, shop_ids=shop_ids_of(run), at=at)


def is_told(item: Item, figure: Figure) -> bool:
    """Whether the live figure tells what to answer: it is whole, or above the limit whatever is still missing."""
    if figure.value is None or figure.is_stale or figure.is_comparing:
        return False
    return figure.carries or (item.most is not None and figure.value > item.most)


def is_broken(item: Item, figure: Figure) -> bool:
    """Whether the live figure tells that there is a problem."""
    return is_told(item, figure) and figure.value is not None and not item.is_within(figure.value)


def sample_of(*, run: Run, item: Item) -> SampleState:
    """The parcels drawn for an item and the run's latest look at each; in five queries."""
    numbers = dict(RunSample.objects.filter(run=run, item=item).order_by("id").values_list("id", "number"))
    if not numbers:
        return SampleState([], item.sample_size)
    latest = {scan.sample_id: scan for scan in SampleScan.objects.filter(sample__in=numbers).order_by("id")}
    known = _known(set(numbers.values()), shop_ids_of(run))
    return SampleState(
        [_line(number, latest.get(pk), known.get(number, {})) for pk, number in numbers.items()], item.sample_size
    )


def _line(number: str, scan: SampleScan | None, known: dict[str, Any]) -> SampleLine:
    if scan is None:
        return SampleLine(number, **known)
    said, is_typed = said_of(scan.code), scan.method == SampleScan.Method.TYPED
    return SampleLine(number, scan.verdict, str(said.sentence), str(said.instruction), is_typed, **known)


def _known(numbers: Collection[str], shops: list[int]) -> dict[str, dict[str, str]]:
    """Of each number what helps to find its parcel."""
    found: dict[str, dict[str, str]] = {}
    for label in (
        Label.objects.filter(number__in=numbers, shop__in=shops).select_related("shop").prefetch_related("orders")
    ):
        tails = listed(order.order_number[-4:] for order in label.orders.all())
        found[label.number] = {"courier": label.courier_name, "order_tail": tails, "shop": label.shop.name}
    held = Waybill.objects.filter(number__in=numbers, order__shop__in=shops, withdrawn_at=None)
    for waybill in held.select_related("order__shop"):
        said = {"courier": waybill.courier_name, "order_tail": waybill.order.tail, "shop": waybill.order.shop.name}
        found.setdefault(waybill.number, said)
    return found


def draw_numbers(*, run: Run, item: Item, count: int, held: Collection[str] = ()) -> list[str]:
    return sample_numbers(shop_ids=shop_ids_of(run), at=clock.now(), seed=seed_of(run, item), count=count, held=held)


def seed_of(run: Run, item: Item) -> str:
    """What a sample is drawn by: nobody chooses it."""
    return f"{run.ref}:{item.pk}"
