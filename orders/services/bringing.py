"""Files that somebody brings: kept as they came, looked at by the worker, looked at again when asked."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from kernel import clock
from kernel.disk import disk_trouble
from kernel.errors import Conflict, Refused
from orders.models import Import, ImportFile
from orders.services.importing import FilesGone, ImportClosed, fail_import
from orders.services.looking import ThrownAway, look_at, write_looks
from orders.uploads import Stored, Upload, store_upload, stored_path, unpacked
from people.actor import Actor
from people.models import Role, Shop

LOOK_FAILED = _("The files could not be looked at. Try again, or throw the import away.")


class NothingToImport(Refused):
    sentence = _("Choose at least one file.")


def bring_files(*, shop: Shop, uploads: Sequence[Upload], actor: Actor, client_id: uuid.UUID) -> Import:
    """Keeps files as they came, once per client_id, and asks the worker to look at them. Raises FileTooLarge,
    NothingToImport, Conflict."""
    return _brought(shop, uploads, actor, client_id, is_for_worker=True)[0]


def create_import(
    *,
    shop: Shop,
    uploads: Sequence[Upload],
    actor: Actor,
    client_id: uuid.UUID,
    asks: bool = False,
) -> Import:
    """As `bring_files`, and looks at them at once: for commands. One that cannot be read leaves no import behind.

    The files of a ZIP and the sheets of a workbook each come as one. With `asks` a file whose columns nobody knows
    comes in without a kind, for somebody to say what they mean. Raises what the readers refuse a file for too.
    """
    batch, is_new = _brought(shop, uploads, actor, client_id, is_for_worker=False)
    if is_new:
        try:
            look_at_files(import_id=batch.pk, asks=asks)
        except BaseException:
            batch.delete()
            raise
        batch.refresh_from_db()
    return batch


def _brought(
    shop: Shop,
    uploads: Sequence[Upload],
    actor: Actor,
    client_id: uuid.UUID,
    *,
    is_for_worker: bool,
) -> tuple[Import, bool]:
    """The import of these files, and whether they come for the first time."""
    actor.require(Role.MANAGER, shop_id=shop.pk)
    if not uploads:
        raise NothingToImport
    stored = [asdict(store_upload(upload)) for upload in uploads]
    told = {
        "shop": shop,
        "by": actor.employee,
        "state": Import.State.LOOKING,
        "uploads": stored,
        "created_at": clock.now(),
    }
    with transaction.atomic():
        batch, is_new = Import.objects.get_or_create(client_id=client_id, defaults=told)
        if is_new and is_for_worker:
            look_task.enqueue(batch.pk)
    digests = {file["digest"] for file in stored}
    if batch.shop_id != shop.pk or {file["digest"] for file in batch.uploads} != digests:
        raise Conflict
    return batch, is_new


@transaction.atomic
def look_again(*, batch: Import, actor: Actor) -> Import:
    """Asks the worker to look at the files anew: somebody said what their columns mean, or the first look failed.
    Raises ImportClosed, FilesGone."""
    row = Import.objects.select_for_update(of=("self",)).select_related("shop").get(pk=batch.pk)
    actor.require(Role.MANAGER, shop_id=row.shop_id)
    if row.state == Import.State.LOOKING:
        return row
    if row.state != Import.State.PREVIEW and not row.is_unseen:
        raise ImportClosed
    if not all(stored_path(file["digest"]).exists() for file in row.uploads):
        raise FilesGone
    row.state, row.problem, row.seen_rows, row.all_rows = Import.State.LOOKING, {}, 0, 0
    row.save(update_fields=["state", "problem", "seen_rows", "all_rows"])
    look_task.enqueue(row.pk)
    return row


def say_newest(*, file: ImportFile, actor: Actor) -> Import:
    """A manager says that a file is newer than what is known: what it says counts, also where it goes back."""
    batch = file.batch
    actor.require(Role.MANAGER, shop_id=batch.shop_id)
    ImportFile.objects.filter(pk=file.pk, batch__state=Import.State.PREVIEW).update(is_newest=True)
    return look_again(batch=batch, actor=actor)


@task
def look_task(import_id: int) -> str:
    try:
        return look_at_files(import_id=import_id, asks=True)
    except Refused as refusal:
        fail_import(import_id=import_id, problem=refusal)
        return Import.State.FAILED
    except Exception as error:
        fail_import(import_id=import_id, problem=disk_trouble(error) or LOOK_FAILED)
        raise


def look_at_files(*, import_id: int, asks: bool) -> str:
    """Reads the files and says what they would change; nothing is kept of their rows yet. Ends early where somebody
    threw the import away meanwhile. Returns the import's state; raises what the readers refuse a file for."""
    batch = Import.objects.select_related("shop", "by").get(pk=import_id)
    if batch.state != Import.State.LOOKING:
        return batch.state
    actor = Actor.of(batch.by) if batch.by else Actor.system("command")
    newest = set(batch.files.filter(is_newest=True).values_list("digest", "name", "sheet"))
    try:
        stored = [file for came in batch.uploads for file in unpacked(Stored(**came))]
        looks = look_at(batch, stored, actor.scope, asks=asks, newest=newest)
    except ThrownAway:
        return Import.State.CANCELLED
    with transaction.atomic():
        row = Import.objects.select_for_update(of=("self",)).select_related("shop").get(pk=batch.pk)
        if row.state == Import.State.LOOKING:
            row.files.all().delete()
            row.coverages.all().delete()
            write_looks(row, looks)
            row.state = Import.State.PREVIEW
            row.save(update_fields=["state"])
    return row.state
