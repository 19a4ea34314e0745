"""Putting a backup back: staged and looked at first, decided by one rename, the old state kept aside.

Until the rename nothing that is live was touched, and a restore that was killed is begun again. After it everything
that is still missing is a move that can be repeated: `finish` goes on where it was killed.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

from kernel import clock
from records.backup import DATABASE, PIECES, data_path, unpack_backup
from records.dumping import BackupError, is_empty, live_database
from records.selectors import NO_CLAIM

PLAN = "plan.json"


def staging_path() -> Path:
    return data_path("restoring")


def decided_path() -> Path:
    return data_path("restore-decided")


def is_unfinished() -> bool:
    """Whether a restore was killed after it was decided: nothing else may run before it is finished."""
    return decided_path().exists()


def restore_backup(source: Path, *, force: bool = False, despite_faults: bool = False) -> dict[str, Any]:
    """Puts a backup in the place of what is here. Refuses where somebody works already, unless forced; and what is not
    whole, not of this product, or whose ledger is not sound, unless told that this is known."""
    if is_unfinished():
        raise BackupError(
            "A restore was interrupted when it was decided already. Finish it: manage.py restore --finish"
        )
    if not force and not is_empty():
        raise BackupError("This database is in use: it has employees. Restore into an empty one, or say --force.")
    database, staging = live_database(), staging_path()
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    try:
        about = unpack_backup(source, staging)
        database.stage(staging / DATABASE)
        (staging / "data").mkdir(exist_ok=True)
        _check_copy(database.staged_url(), staging / "data", despite_faults=despite_faults)
        database.check_staged()
        database.require_free()
        plan = {"stamp": f"{clock.now():%Y%m%d%H%M%S}", "pieces": about["pieces"], "made_at": about["made_at"]}
        (staging / PLAN).write_text(json.dumps(plan), "utf-8")
        _sync(staging)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        database.drop_staged()
        raise
    staging.rename(decided_path())
    _sync(Path(settings.DATA_DIR))
    return finish_restore()


def finish_restore() -> dict[str, Any]:
    """Exchanges database and files with what was staged; what was exchanged before is left alone. Returns the plan and
    where the old state lies."""
    decided = decided_path()
    if not decided.exists():
        raise BackupError("No restore waits to be finished.")
    plan = json.loads((decided / PLAN).read_text("utf-8"))
    aside = data_path(f"before-restore-{plan['stamp']}")
    aside.mkdir(mode=0o700, exist_ok=True)
    old_database = live_database().exchange(plan["stamp"])
    for name in PIECES:
        new, old = decided / "data" / name, data_path(name)
        is_due = new.exists() if name in plan["pieces"] else not (aside / name).exists()
        if is_due and old.exists():
            old.rename(aside / name)
        if new.exists():
            new.rename(old)
    _sync(Path(settings.DATA_DIR))
    shutil.rmtree(decided)
    return {**plan, "aside": str(aside), "old_database": old_database}


def _check_copy(url: str, data: Path, *, despite_faults: bool) -> None:
    """Brings the copy to this version's tables and reads its ledger again, in programs of their own that see the copy
    alone. Something unsigned is no reason to refuse: nothing is signed while a backup lies there."""
    _manage(url, data, "migrate", "--no-input", "--verbosity=0")
    lines = _manage(url, data, "verify_ledger", "--json", may_fail=True).splitlines()
    faults = [(report["chain"], fault) for report in map(json.loads, lines) for fault in report["faults"]]
    if not lines:
        raise BackupError("The ledger in this backup could not be read.")
    touched = [f"{chain}: {f['kind']} at {f['seq']}, {f['detail']}" for chain, f in faults if f["kind"] not in NO_CLAIM]
    if touched and not despite_faults:
        told = "\n".join(touched[:5])
        raise BackupError(f"The ledger in this backup is not sound; --despite-faults restores it all the same.\n{told}")


def _manage(url: str, data: Path, *command: str, may_fail: bool = False) -> str:
    own = {"DATABASE_URL": url, "DATA_DIR": str(data), "APP_ENV": settings.APP_ENV, "LEDGER_HEADS_FILE": ""}
    asked = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *command]
    done = subprocess.run(asked, env=os.environ | own, capture_output=True, text=True, check=False)
    if done.returncode and not (may_fail and done.stdout):
        raise BackupError(f"The copy could not be looked at ({command[0]}): {done.stderr.strip()[-500:]}")
    return done.stdout


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
