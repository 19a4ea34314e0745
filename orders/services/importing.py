"""Import: files are looked at, confirmed, then kept in short batches that let people's writes in between."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from kernel import clock
from kernel.disk import disk_trouble
from kernel.errors import Refused
from kernel.pacing import Pace, paced
from kernel.text import in_both
from orders.couriers import courier_code
from orders.models import Coverage, Import, ImportFile
from orders.readers.cells import BadCell
from orders.readers.rows import Row, read_rows
from orders.readers.table import open_table
from orders.selectors.columns import known_headers
from orders.services.ages import Age, age_of
from orders.services.keeping import KEEPERS, Tally
from orders.services.sharing import BATCH, of_known_shops, shares
from orders.uploads import stored_path
from people.actor import Actor
from people.models import Role, Shop
from records.services import append_entry, chain_name, owe_again, record_fact

STOPPED = _("The import stopped half-way. What it kept stays; start it again and it goes on from there.")


class ImportClosed(Refused):
    status = 409
    sentence = _("This import was confirmed or cancelled already.")


class FilesGone(Refused):
    status = 409
    sentence = _("The files of this import are kept no longer. Bring them again.")


class NotLookedAt(Refused):
    status = 409
    sentence = _("The files of this import have not been looked at to their end yet.")


class NothingKnown(Refused):
    sentence = _("Nothing of these files can be read. Say what their columns mean, or throw the import away.")


class ColumnsUnknown(Refused):
    sentence = _("Say first what the columns of “%(name)s” mean, or throw the import away.")


def set_coverage(
    *, coverage: Coverage, couriers: Iterable[str], starts_at: datetime, ends_at: datetime, actor: Actor
) -> Coverage:
    """Corrects what an import speaks for, before it is confirmed."""
    actor.require(Role.MANAGER, shop_id=coverage.shop_id)
    if coverage.batch.state != Import.State.PREVIEW:
        raise ImportClosed
    if ends_at < starts_at:
        raise Refused(_("The period ends before it starts."), field="ends_at")
    coverage.couriers = sorted({courier_code(c) for c in couriers if c.strip()})
    coverage.starts_at, coverage.ends_at = starts_at, ends_at
    coverage.save(update_fields=["couriers", "starts_at", "ends_at"])
    return coverage


@transaction.atomic
def confirm_import(*, batch: Import, actor: Actor) -> Import:
    """Hands an import to the worker; a second tap changes nothing. A manager of all its shops may."""
    row = Import.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    for shop_id in row.shop_ids:
        actor.require(Role.MANAGER, shop_id=shop_id)
    if row.state in (Import.State.WAITING, Import.State.RUNNING, Import.State.DONE):
        return row
    if row.state == Import.State.CANCELLED:
        raise ImportClosed
    if row.is_unseen:
        raise NotLookedAt
    files = list(row.files.all())
    if files and all(file.left_out for file in files):
        raise NothingKnown
    for file in files:
        if not file.kind and not file.left_out:
            raise ColumnsUnknown(name=file.title)
        if not stored_path(file.digest).exists():
            raise FilesGone
    row.state, row.confirmed_at, row.problem = Import.State.WAITING, clock.now(), {}
    row.save(update_fields=["state", "confirmed_at", "problem"])
    run_import_task.enqueue(row.pk)
    return row


@transaction.atomic
def cancel_import(*, batch: Import, actor: Actor) -> Import:
    """Throws an import away that is not being kept: what a failed one kept stays."""
    row = Import.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    actor.require(Role.MANAGER, shop_id=row.shop_id)
    if row.may_be_cancelled:
        row.state = Import.State.CANCELLED
        row.save(update_fields=["state"])
    elif row.state != Import.State.CANCELLED:
        raise ImportClosed
    return row


@task
def run_import_task(import_id: int) -> str:
    try:
        return run_import(import_id=import_id, gives_way=True)
    except Exception as error:
        fail_import(
            import_id=import_id, problem=error if isinstance(error, Refused) else disk_trouble(error) or STOPPED
        )
        raise


def fail_import(*, import_id: int, problem: Refused | Promise) -> int:
    """An import that could not be looked at, or read to its end: what is kept stays, and it can be tried again."""
    under_way = (Import.State.LOOKING, Import.State.WAITING, Import.State.RUNNING)
    rows = Import.objects.filter(pk=import_id, state__in=under_way)
    return rows.update(state=Import.State.FAILED, problem=in_both(problem))


def compare_again(*, batch: Import, actor: Actor) -> None:
    """Asks the worker once more for the comparing that failed."""
    actor.require(Role.MANAGER, shop_id=batch.shop_id)
    owe_again(key=f"{batch.ref}:finished")


def run_import(*, import_id: int, at_most: int | None = None, gives_way: bool = False) -> str:
    """Keeps what is left of an import, a batch a transaction; goes on where a worker that died stopped.

    `at_most` stops after so many batches; `gives_way` leaves the database to people's writes between two of them.
    Returns the import's state.
    """
    batch = Import.objects.select_related("shop").get(pk=import_id)
    if batch.state not in (Import.State.WAITING, Import.State.RUNNING):
        return batch.state
    waiting = Import.objects.filter(pk=batch.pk, state__in=(Import.State.WAITING, Import.State.RUNNING))
    if not waiting.update(state=Import.State.RUNNING):
        return run_import(import_id=import_id)  # thrown away in this moment
    known, pace = known_headers(), Pace(BATCH)
    for file in batch.files.exclude(kind="").order_by("id"):
        if file.done_rows == 0:
            ImportFile.objects.filter(pk=file.pk, done_rows=0).update(new=0, changed=0, unchanged=0)
        table = open_table(stored_path(file.digest), file.name, known, file.sheet or None, file.cut)
        age = age_of(file, table, batch.created_at)
        rows = islice(of_known_shops(read_rows(table), batch.shop_names), file.done_rows, None)
        done = file.done_rows
        for lines in pace.split(rows):
            if at_most is not None and at_most <= 0:
                return Import.State.RUNNING
            with paced(gives_way, pace):
                if not _keep_batch(batch, file, lines, done, age):
                    return Import.State.RUNNING  # another worker has it
            done += len(lines)
            at_most = None if at_most is None else at_most - 1
    return _finish(batch)


@transaction.atomic
def _keep_batch(batch: Import, file: ImportFile, lines: list[tuple[int, Row | BadCell]], done: int, age: Age) -> bool:
    ids = batch.shop_ids
    locked = Shop.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("pk")
    shops = {shop.pk: shop for shop in locked}  # one import of a shop at a time
    row = ImportFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if row.done_rows != done:
        return False
    good = [r for _line, r in lines if not isinstance(r, BadCell)]
    tally, keep = Tally(), KEEPERS[file.kind]
    for shop_id, rows in shares(good, ids, batch.shop_names).items():
        tally += keep(shop=shops[shop_id], batch=batch, rows=rows, age=age)
    row.new += tally.new
    row.changed += tally.changed
    row.unchanged += tally.unchanged
    row.done_rows += len(lines)
    row.save(update_fields=["new", "changed", "unchanged", "done_rows"])
    return True


@transaction.atomic
def _finish(batch: Import) -> str:
    row = Import.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if row.state != Import.State.RUNNING:
        return row.state
    row.state, row.finished_at = Import.State.DONE, clock.now()
    row.save(update_fields=["state", "finished_at"])
    Coverage.objects.filter(batch=row).update(is_active=True)
    files = list(row.files.order_by("id"))
    record_fact(kind="import.finished", key=f"{row.ref}:finished", subject=row.ref, shop_id=row.shop_id)
    told = [{"kind": f.kind, "sha256": f.digest, "rows": f.rows, "faults": f.faults} for f in files if f.kind]
    for shop_id in sorted(row.shop_ids):
        append_entry(
            chain=chain_name(shop_id=shop_id),
            kind="import.done",
            actor=f"employee:{row.by_id}" if row.by_id else "",
            subject=row.ref,
            payload={"files": told},
        )
    return row.state
