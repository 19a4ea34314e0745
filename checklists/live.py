"""What items read from orders: live figures and the parcels drawn as a sample."""

from dataclasses import dataclass, field
from datetime import datetime

from checklists.models import Item, Run, RunSample
from orders.models import Verification
from orders.selectors import Figure, figure, sample_waybills
from people.models import Shop


@dataclass(frozen=True)
class SampleLine:
    """A drawn parcel and the latest verdict on it since the run opened: passed, stopped, unknown or "" (not yet)."""

    number: str
    verdict: str = ""


@dataclass(frozen=True)
class SampleState:
    lines: list[SampleLine] = field(default_factory=list)
    wanted: int = 0

    @property
    def done(self) -> int:
        return sum(line.verdict == Verification.Verdict.PASSED for line in self.lines)

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


def sample_of(*, run: Run, item: Item) -> SampleState:
    """The parcels drawn for an item and what the bench has said of each since the run opened."""
    numbers = list(RunSample.objects.filter(run=run, item=item).order_by("id").values_list("number", flat=True))
    verdicts: dict[str, str] = {}
    if numbers:
        rows = Verification.objects.judged().filter(number__in=numbers, at__gte=run.opened_at).order_by("id")
        verdicts = dict(rows.values_list("number", "verdict"))
    return SampleState([SampleLine(number, verdicts.get(number, "")) for number in numbers], item.sample_size)


def draw_numbers(*, run: Run, item: Item) -> list[str]:
    waybills = sample_waybills(shop_ids=shop_ids_of(run), seed=f"{run.ref}:{item.pk}", count=item.sample_size)
    return [waybill.number for waybill in waybills]
