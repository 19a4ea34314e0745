"""Parcels drawn as a sample: drawn from what is in the house, and looked at by the run itself."""

import uuid
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from checklists.errors import NotQualified, RunClosed, Unfit
from checklists.gate import lacking_modules, titles_of
from checklists.live import draw_numbers, seed_of, shop_ids_of
from checklists.models import Item, Run, RunSample, SampleScan
from kernel import clock
from kernel.errors import Conflict
from orders.selectors import drawn_from, numbers_in_house
from orders.selectors.parcels import find_parcel
from orders.services import judge_parcel
from orders.words import candidates, number_in
from people.actor import Actor
from people.models import Role


def draw_first(runs: Iterable[Run], items: Iterable[Item]) -> None:
    """Draws the samples of new runs; what is in the house is read once for all runs of the same shops."""
    at, wanted = clock.now(), [(run, item) for run in runs for item in items]
    houses = {(run.site_id, run.shop_id): run for run, _item in wanted}
    held = {place: numbers_in_house(shop_ids_of(run), at) for place, run in houses.items()}
    RunSample.objects.bulk_create(
        RunSample(run=run, item=item, number=number)
        for run, item in wanted
        for number in drawn_from(held[run.site_id, run.shop_id], seed=seed_of(run, item), count=item.sample_size)
    )


def draw(run: Run, item: Item) -> int:
    """Draws what the item's sample still lacks; what was drawn stays."""
    held = set(RunSample.objects.filter(run=run, item=item).values_list("number", flat=True))
    numbers = draw_numbers(run=run, item=item, count=item.sample_size - len(held), held=held)
    rows = [RunSample(run=run, item=item, number=number) for number in numbers]
    return len(RunSample.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def draw_sample(*, run: Run, item: Item, actor: Actor) -> int:
    """Draws parcels for a sample that found too few when the run opened, say because the orders came in later. Nothing
    that was drawn is taken back. Raises RunClosed. Returns how many were drawn."""
    actor.require(Role.EMPLOYEE, site_id=run.site_id, shop_id=run.shop_id)
    return draw(_open(run), item)


@transaction.atomic
def verify_sample(
    *,
    run: Run,
    item: Item,
    scanned: str,
    actor: Actor,
    client_id: uuid.UUID,
    method: str = SampleScan.Method.TYPED,
) -> SampleScan:
    """Judges a drawn parcel by what is known of it, as often as it is scanned; what the bench passed before is another
    matter. Raises RunClosed, NotQualified, Unfit for a parcel that was not drawn, Conflict."""
    actor.require(Role.EMPLOYEE, site_id=run.site_id, shop_id=run.shop_id)
    known = SampleScan.objects.select_related("sample").filter(client_id=client_id).first()
    if known:
        if (known.scanned, known.employee_id, known.sample.run_id) != (scanned, actor.person.pk, run.pk):
            raise Conflict
        return known
    run, now = _open(run), clock.now()
    if missing := lacking_modules(run=run, employee=actor.person, at=now):
        raise NotQualified(titles=titles_of(missing))
    drawn = {sample.number: sample for sample in RunSample.objects.filter(run=run, item=item)}
    sample = next((drawn[name] for name in candidates(number_in(scanned)) if name in drawn), None)
    if sample is None:
        raise Unfit(_("This parcel was not drawn. Look for one of those in the list."))
    shops = shop_ids_of(run)
    verdict, code, _order = judge_parcel(find_parcel(sample.number, shops), shops, once=False)
    made = SampleScan(sample=sample, employee=actor.person, scanned=scanned, method=method, client_id=client_id, at=now)
    made.verdict, made.code = verdict, code
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict from error
    return made


def _open(run: Run) -> Run:
    """The run as it is now, locked and open. Raises RunClosed."""
    locked = Run.objects.select_for_update(of=("self",)).select_related("duty").get(pk=run.pk)
    locked.version, locked.site = run.version, run.site
    if locked.is_closed_at(clock.now()):
        raise RunClosed
    return locked
