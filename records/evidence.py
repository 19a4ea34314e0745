"""Evidence: files under their SHA-256, synced before their row is written; one that no row uses any more goes.

A file is written before the transaction of its row, because syncing takes longer than others' writes should wait. A
content that is there already is touched, and none goes that was touched of late: whoever erases a row cannot take the
file from one that is being written.
"""

import hashlib
import os
import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from kernel import clock
from kernel.errors import Conflict
from records.models import Evidence

SETTLING = timedelta(hours=1)  # longer than any transaction between a file and its row
ASIDE, PART = ".leaving", ".part"


def evidence_path(digest: str) -> Path:
    return Path(settings.EVIDENCE_DIR) / digest[:2] / digest


def write_file(content: bytes) -> str:
    """Puts a content on the disk, synced, and gives its digest. Called before the transaction that writes its row."""
    digest = hashlib.sha256(content).hexdigest()
    path = evidence_path(digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.utime(path)
    except FileNotFoundError:
        part = path.with_name(f"{digest}.{uuid.uuid4().hex}{PART}")
        try:
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return digest


@transaction.atomic
def store_evidence(
    *, owner: str, by: str, content: bytes | UploadedFile, media_type: str, client_id: uuid.UUID, name: str = ""
) -> Evidence:
    """Keeps a file as evidence: on disk and synced before the row, once per client_id and once per content. Whoever
    has it beforehand calls `write_file` outside of the transaction; here it is then only touched."""
    data = content if isinstance(content, bytes) else content.read()
    known = _known_evidence(client_id, hashlib.sha256(data).hexdigest(), owner)
    if known:
        return known
    row = Evidence(
        owner=owner,
        digest=write_file(data),
        media_type=media_type,
        size=len(data),
        name=name[:200],
        by=by,
        at=clock.now(),
        client_id=client_id,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # the same upload arrived twice at once
        known = _known_evidence(client_id, row.digest, owner)
        if known is None:
            raise
        return known
    return row


def _known_evidence(client_id: uuid.UUID, digest: str, owner: str) -> Evidence | None:
    known = Evidence.objects.filter(client_id=client_id).first()
    if known and (known.digest != digest or known.owner != owner):
        raise Conflict
    return known


@transaction.atomic
def erase_evidence(*, evidence: Evidence) -> None:
    """Erases a file whose time is over; that it was there, its digest and who added it stay on record. The file goes
    once no row uses it: at once, or within hours where it was written of late."""
    row = Evidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
    if row.erased_at is not None:
        return
    row.erased_at = clock.now()
    row.save(update_fields=["erased_at"])
    transaction.on_commit(partial(let_go, evidence_path(row.digest)))


def sweep_evidence(now: datetime) -> int:
    """A step of the tick: lets go of files that no row uses, a 256th of them a minute; also of what a program that was
    killed left there. Returns how many went."""
    folder = Path(settings.EVIDENCE_DIR) / f"{int(now.timestamp()) // 60 % 256:02x}"
    paths = [path for path in folder.iterdir() if not _is_young(path)] if folder.exists() else []
    used = set(
        Evidence.objects.filter(digest__in=[p.name for p in paths], erased_at=None).values_list("digest", flat=True)
    )
    return sum(let_go(path) for path in paths if path.name not in used)


def let_go(path: Path) -> bool:
    """Removes a file that no row uses and nobody touched of late. It is put aside first and looked at again: what
    touched it, or wrote its row, before that moment is seen, and what comes later writes it anew."""
    if path.suffix == PART:
        path.unlink(missing_ok=True)
        return True
    home = path.with_name(path.name.removesuffix(ASIDE))
    aside = home.with_name(home.name + ASIDE)
    with suppress(FileNotFoundError):
        if path != aside and (_is_young(path) or _is_used(home.name)):
            return False
        path.replace(aside)
        if (_is_young(aside) or _is_used(home.name)) and not home.exists():
            aside.replace(home)
            return False
        aside.unlink()
        return True
    return False


def _is_used(digest: str) -> bool:
    return Evidence.objects.filter(digest=digest, erased_at=None).exists()


def _is_young(path: Path) -> bool:
    return path.stat().st_mtime > (clock.now() - SETTLING).timestamp()
