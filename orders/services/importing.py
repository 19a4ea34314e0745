"""Import: files are looked at, confirmed, then kept in short batches that let people's writes in between."""

import hashlib
import os
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from kernel import clock
from kernel.errors import Conflict, Refused
from kernel.pacing import paced
from orders.couriers import courier_code
from orders.models import Coverage, Import, ImportFile, RowFault
from orders.readers.cells import BadCell
from orders.readers.rows import LabelRow, OrderRow, Row, TrackingRow, read_rows
from orders.readers.table import Table, open_table
from orders.services.keeping import KEEPERS, Tally
from people.models import Employee, Role, Shop
from people.scope import Scope
from records.services import append_entry, chain_name, record_fact

BATCH = 400  # rows of one transaction: people's writes wait for it
FAULTS_KEPT = 1000
KIND_ORDER = ("orders", "items", "labels", "tracking")


class FileTooLarge(Refused):
    sentence = _("“%(name)s” is larger than %(limit)s MB. Export a shorter period, or split the file.")


class NothingToImport(Refused):
    sentence = _("Choose at least one file.")


class ImportClosed(Refused):
    status = 409
    sentence = _("This import was confirmed or cancelled already.")


class FilesGone(Refused):
    status = 409
    sentence = _("The files of this import are kept no longer. Bring them again.")


@dataclass(frozen=True)
class Upload:
    """A file as it came: its name, its size in bytes, something to read it from."""

    name: str
    size: int
    file: IO[bytes]


def uploads_folder() -> Path:
    return Path(settings.DATA_DIR) / "imports"


def stored_path(digest: str) -> Path:
    return uploads_folder() / digest


def _store(upload: Upload) -> str:
    """Keeps an upload under its SHA-256 and returns that; reads it in pieces, so size does not matter."""
    if upload.size > settings.UPLOAD_MAX_MB * 1024 * 1024:
        raise FileTooLarge(name=upload.name, limit=settings.UPLOAD_MAX_MB)
    folder = uploads_folder()
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{uuid.uuid4().hex}.part"
    digest = hashlib.sha256()
    with part.open("wb") as file:
        while chunk := upload.file.read(1 << 20):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    part.replace(stored_path(digest.hexdigest()))
    return digest.hexdigest()


def create_import(
    *, shop: Shop, uploads: Sequence[Upload], by: Employee | None, client_id: uuid.UUID, scope: Scope | None = None
) -> Import:
    """Stores and reads the files and says what they would change; nothing is kept of their rows yet.

    Once per client_id. Raises what the readers refuse a file for, FileTooLarge, NothingToImport.
    """
    if scope is not None:
        scope.require(Role.MANAGER, shop_id=shop.pk)
    if not uploads:
        raise NothingToImport
    stored = [(upload, _store(upload)) for upload in uploads]
    digests = {digest for _upload, digest in stored}
    if known := _known_import(shop, client_id, digests):
        return known
    tables = [(upload, digest, open_table(stored_path(digest), upload.name)) for upload, digest in stored]
    looks = [(upload, digest, table, _look(shop, table)) for upload, digest, table in tables]
    now = clock.now()
    try:
        return _write_import(shop, by, client_id, looks, now)
    except IntegrityError:  # the same form, sent twice at once
        if known := _known_import(shop, client_id, digests):
            return known
        raise


def _known_import(shop: Shop, client_id: uuid.UUID, digests: set[str]) -> Import | None:
    known = Import.objects.filter(client_id=client_id).first()
    if known and (known.shop_id != shop.pk or {f.digest for f in known.files.all()} != digests):
        raise Conflict
    return known


def _write_import(
    shop: Shop,
    by: Employee | None,
    client_id: uuid.UUID,
    looks: "list[tuple[Upload, str, Table, Look]]",
    now: datetime,
) -> Import:
    with transaction.atomic():
        moments = [look.latest for *_rest, look in looks if look.latest]
        batch = Import.objects.create(
            shop=shop, by=by, client_id=client_id, created_at=now, as_of=min(max(moments), now) if moments else None
        )
        for upload, digest, table, look in sorted(looks, key=lambda row: KIND_ORDER.index(row[2].kind)):
            file = ImportFile.objects.create(
                batch=batch,
                name=upload.name[:200],
                kind=table.kind,
                digest=digest,
                size=upload.size,
                is_latest_only=table.is_latest_only,
                other_shop=look.other_shop(shop),
                rows=look.rows,
                new=look.tally.new,
                changed=look.tally.changed,
                unchanged=look.tally.unchanged,
                faults=look.faults,
            )
            RowFault.objects.bulk_create(
                [RowFault(file=file, line=n, code=f.code, column=f.column, value=f.value) for n, f in look.kept]
            )
            if look.earliest and look.latest and table.kind in ("labels", "tracking"):
                Coverage.objects.create(
                    batch=batch,
                    shop=shop,
                    side=table.kind,
                    couriers=sorted(look.couriers) if table.kind == "tracking" else [],
                    starts_at=look.earliest - (timedelta(days=3) if table.kind == "tracking" else timedelta()),
                    ends_at=look.latest,
                    knows_first_event=not table.is_latest_only,
                )
    return batch


@dataclass
class Look:
    """What one pass over a file showed."""

    rows: int = 0
    faults: int = 0
    earliest: datetime | None = None
    latest: datetime | None = None
    tally: Tally = field(default_factory=Tally)
    couriers: set[str] = field(default_factory=set)
    shop_names: Counter[str] = field(default_factory=Counter)
    kept: list[tuple[int, BadCell]] = field(default_factory=list)

    def see(self, row: Row) -> None:
        moment = None
        if isinstance(row, OrderRow):
            moment = row.created_at or row.paid_at
            self.shop_names[row.shop_name] += 1
        elif isinstance(row, LabelRow):
            moment = row.printed_at
        elif isinstance(row, TrackingRow):
            moment = row.at
            self.couriers.add(row.courier)
        if moment:
            self.earliest = min(self.earliest or moment, moment)
            self.latest = max(self.latest or moment, moment)

    def other_shop(self, shop: Shop) -> str:
        """The shop that most rows name, where that is not the one they are imported for."""
        name = max(self.shop_names, key=self.shop_names.__getitem__, default="")
        return "" if name == shop.name else name


def _look(shop: Shop, table: Table) -> Look:
    look, keep = Look(), KEEPERS[table.kind]
    for lines in _batches(read_rows(table)):
        good = []
        for line, row in lines:
            look.rows += 1
            if isinstance(row, BadCell):
                look.faults += 1
                if len(look.kept) < FAULTS_KEPT:
                    look.kept.append((line, row))
            else:
                look.see(row)
                good.append(row)
        look.tally += keep(shop=shop, batch=None, rows=good, is_latest_only=table.is_latest_only)
    return look


def _batches(rows: Iterable[tuple[int, Row | BadCell]]) -> Iterator[list[tuple[int, Row | BadCell]]]:
    iterator = iter(rows)
    while some := list(islice(iterator, BATCH)):
        yield some


def set_coverage(
    *, coverage: Coverage, couriers: Iterable[str], starts_at: datetime, ends_at: datetime, scope: Scope
) -> Coverage:
    """Corrects what an import speaks for, before it is confirmed."""
    scope.require(Role.MANAGER, shop_id=coverage.shop_id)
    if coverage.batch.state != Import.State.PREVIEW:
        raise ImportClosed
    if ends_at < starts_at:
        raise Refused(_("The period ends before it starts."))
    coverage.couriers = sorted({courier_code(c) for c in couriers if c.strip()})
    coverage.starts_at, coverage.ends_at = starts_at, ends_at
    coverage.save(update_fields=["couriers", "starts_at", "ends_at"])
    return coverage


@transaction.atomic
def confirm_import(*, batch: Import, scope: Scope | None = None) -> Import:
    """Hands an import to the worker; a second tap changes nothing."""
    row = Import.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if scope is not None:
        scope.require(Role.MANAGER, shop_id=row.shop_id)
    if row.state in (Import.State.WAITING, Import.State.RUNNING, Import.State.DONE):
        return row
    if row.state == Import.State.CANCELLED:
        raise ImportClosed
    if not all(stored_path(file.digest).exists() for file in row.files.all()):
        raise FilesGone
    row.state, row.confirmed_at, row.problem = Import.State.WAITING, clock.now(), ""
    row.save(update_fields=["state", "confirmed_at", "problem"])
    run_import_task.enqueue(row.pk)
    return row


@transaction.atomic
def cancel_import(*, batch: Import, scope: Scope) -> Import:
    """Throws a preview away."""
    row = Import.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    scope.require(Role.MANAGER, shop_id=row.shop_id)
    if row.state == Import.State.PREVIEW:
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
        fail_import(import_id=import_id, problem=str(error) if isinstance(error, Refused) else "")
        raise


def fail_import(*, import_id: int, problem: str) -> None:
    """An import that could not be read to its end: what is kept stays, and it can be confirmed again."""
    rows = Import.objects.filter(pk=import_id, state__in=(Import.State.WAITING, Import.State.RUNNING))
    rows.update(state=Import.State.FAILED, problem=problem[:500])


def run_import(*, import_id: int, at_most: int | None = None, gives_way: bool = False) -> str:
    """Keeps what is left of an import, a batch a transaction; goes on where a worker that died stopped.

    `at_most` stops after so many batches; `gives_way` leaves the database to people's writes between two of them.
    Returns the import's state.
    """
    batch = Import.objects.select_related("shop").get(pk=import_id)
    if batch.state not in (Import.State.WAITING, Import.State.RUNNING):
        return batch.state
    Import.objects.filter(pk=batch.pk).update(state=Import.State.RUNNING)
    for file in batch.files.order_by("id"):
        if file.done_rows == 0:
            ImportFile.objects.filter(pk=file.pk, done_rows=0).update(new=0, changed=0, unchanged=0)
        table = open_table(stored_path(file.digest), file.name)
        rows = islice(read_rows(table), file.done_rows, None)
        done = file.done_rows
        for lines in _batches(rows):
            if at_most is not None and at_most <= 0:
                return Import.State.RUNNING
            with paced(gives_way):
                if not _keep_batch(batch, file, lines, done):
                    return Import.State.RUNNING  # another worker has it
            done += len(lines)
            at_most = None if at_most is None else at_most - 1
    return _finish(batch)


@transaction.atomic
def _keep_batch(batch: Import, file: ImportFile, lines: list[tuple[int, Row | BadCell]], done: int) -> bool:
    Shop.objects.select_for_update(of=("self",), no_key=True).get(pk=batch.shop_id)  # one import of a shop at a time
    row = ImportFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if row.done_rows != done:
        return False
    good = [r for _line, r in lines if not isinstance(r, BadCell)]
    tally = KEEPERS[file.kind](shop=batch.shop, batch=batch, rows=good, is_latest_only=file.is_latest_only)
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
    append_entry(
        chain=chain_name(shop_id=row.shop_id),
        kind="import.done",
        actor=f"employee:{row.by_id}" if row.by_id else "",
        subject=row.ref,
        payload={"files": [{"kind": f.kind, "sha256": f.digest, "rows": f.rows, "faults": f.faults} for f in files]},
    )
    return row.state
