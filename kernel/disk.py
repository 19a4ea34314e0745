"""A disk that is full, or can only be read: told as what it is, wherever it shows."""

import errno
import os
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused

FULL, READ_ONLY = (errno.ENOSPC, errno.EDQUOT), (errno.EROFS, errno.EACCES, errno.EPERM)
SAID_BY_SQLITE = ("database or disk is full", "readonly database", "disk i/o error", "unable to open database file")
SAID_BY_POSTGRESQL = ("53100", "25006")  # disk_full, read_only_sql_transaction
PROBE = bytes(4096)


class NothingSaved(Refused):
    status = 507
    sentence = _(
        "The server's disk is full or can only be read: this was not saved. What was said to be saved is safe. Tell an "
        "administrator."
    )


def disk_trouble(error: BaseException | None) -> NothingSaved | None:
    """What to tell where an error, or one that it came from, is the disk's."""
    while error is not None:
        text = str(error).lower()
        if isinstance(error, OSError) and error.errno in (*FULL, errno.EROFS):
            return NothingSaved()
        if getattr(error, "sqlstate", None) in SAID_BY_POSTGRESQL or any(said in text for said in SAID_BY_SQLITE):
            return NothingSaved()
        error = error.__cause__ or error.__context__
    return None


def state_of_disks(folders: Iterable[Path], least_free: int) -> str:
    """ok, full, low (less than so many bytes are free) or read-only: a few bytes are written in each folder."""
    states = {_state(folder, least_free) for folder in folders}
    return next((state for state in ("read-only", "full", "low") if state in states), "ok")


def _state(folder: Path, least_free: int) -> str:
    probe = folder / f"{uuid.uuid4().hex}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(PROBE)
        probe.unlink()
    except OSError as error:
        if error.errno in READ_ONLY:
            return "read-only"
        probe.unlink(missing_ok=True)
        return "full"
    room = os.statvfs(folder)
    return "low" if room.f_bavail * room.f_frsize < least_free else "ok"
