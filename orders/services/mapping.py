"""What a manager says about the columns and states of a file."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import Refused
from kernel.text import listed
from orders.models import ColumnMapping, Import, ImportFile
from orders.readers.fields import FIELDS, lacking
from orders.readers.table import glimpse, signature
from orders.services.bringing import look_again
from orders.services.importing import FilesGone, ImportClosed, NotLookedAt
from orders.uploads import stored_path
from orders.words import COLUMNS
from people.actor import Actor
from people.models import Role
from records.canonical import canonical_text, sha256
from records.services import append_entry, chain_name


class ColumnLacking(Refused):
    sentence = _("Say which column is: %(names)s.")


def save_mapping(
    *,
    file: ImportFile,
    kind: str,
    columns: Mapping[str, int],
    statuses: Mapping[str, str],
    refunds: Mapping[str, str] | None = None,
    couriers: Mapping[str, str] | None = None,
    actor: Actor,
) -> Import:
    """Keeps what the columns (field → position), states and words about refunds (as said → ours) of files with this
    header mean, and which couriers names are, for all shops, and asks the worker to look at the import's files anew.
    Raises ColumnLacking, ImportClosed, NotLookedAt, FilesGone."""
    header = _header(file, actor)
    wanted = {field: at for field, at in columns.items() if field in FIELDS[kind] and 0 <= at < len(header)}
    if missing := lacking(kind, wanted):
        names = [COLUMNS[field] for group in missing for field in group[:1]]
        raise ColumnLacking(names=listed(names))
    with transaction.atomic():
        ColumnMapping.objects.update_or_create(
            signature=signature(header),
            defaults={
                "header": header,
                "kind": kind,
                "columns": wanted,
                "statuses": dict(statuses),
                "refunds": dict(refunds or {}),
                "couriers": dict(couriers or {}),
                "saved_by": actor.person,
                "saved_at": clock.now(),
            },
        )
        said = {"columns": wanted, "statuses": dict(statuses), "refunds": dict(refunds or {})}
        content = sha256(canonical_text({**said, "couriers": dict(couriers or {})}))
        _seal(file, "mapping.set", actor.ref, {"kind": kind, "content": content})
    return look_again(batch=file.batch, actor=actor)


def forget_mapping(*, file: ImportFile, actor: Actor) -> Import:
    """Lets the header speak for itself again."""
    header = _header(file, actor)
    with transaction.atomic():
        if ColumnMapping.objects.filter(signature=signature(header)).delete()[0]:
            _seal(file, "mapping.forgotten", actor.ref, {})
    return look_again(batch=file.batch, actor=actor)


def _seal(file: ImportFile, kind: str, actor: str, payload: dict[str, str]) -> None:
    append_entry(
        chain=chain_name(shop_id=file.batch.shop_id),
        kind=kind,
        actor=actor,
        subject=f"mapping:{file.pk}",
        payload={"import": file.batch_id, **payload},
    )


def _header(file: ImportFile, actor: Actor) -> list[str]:
    actor.require(Role.MANAGER, shop_id=file.batch.shop_id)
    if file.batch.state != Import.State.PREVIEW:
        raise NotLookedAt if file.batch.is_unseen else ImportClosed
    path = stored_path(file.digest)
    if not path.exists() or (seen := glimpse(path, file.name, sheet=file.sheet or None)) is None:
        raise FilesGone
    return seen.header
