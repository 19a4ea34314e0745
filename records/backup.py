"""One file that holds everything: the database, the evidence, the keys. Used by the commands backup and restore."""

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from kernel import clock

FORM = 1
KEYS = ("secret-key", "ledger-key")
FOLDERS = ("evidence", "media")


class BackupError(Exception):
    """Why a backup or restore did not happen, in a sentence for whoever runs the command."""


def _database() -> dict[str, Any]:
    return connection.settings_dict


def _postgres(program: str, *options: str) -> None:
    database = _database()
    if not shutil.which(program):
        raise BackupError(f"{program} is not installed; it comes with PostgreSQL's client programs.")
    where = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    env = os.environ | {name: str(database[key]) for name, key in where.items() if database.get(key)}
    done = subprocess.run([program, *options], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()[-500:]}")


def write_backup(target: Path) -> dict[str, Any]:
    """Writes the archive beside its final name and moves it there when it is whole. Returns what it says of itself."""
    vendor = connection.vendor
    about = {"form": FORM, "database": vendor, "made_at": clock.now().isoformat(timespec="seconds")}
    part = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "database"
        if vendor == "sqlite":
            connection.ensure_connection()
            with sqlite3.connect(copy) as file:
                connection.connection.backup(file)
            file.close()
        else:
            _postgres("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")
        (Path(folder) / "about.json").write_text(json.dumps(about), "utf-8")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file_out:
            with tarfile.open(fileobj=file_out, mode="w:gz", compresslevel=4) as archive:
                for name in ("about.json", "database"):
                    archive.add(Path(folder) / name, name)
                for name in (*KEYS, *FOLDERS):
                    if (settings.DATA_DIR / name).exists():
                        archive.add(settings.DATA_DIR / name, f"data/{name}")
            file_out.flush()
            os.fsync(file_out.fileno())
    part.replace(target)
    return {**about, "bytes": target.stat().st_size}


def is_empty() -> bool:
    """Whether the database holds nobody yet; one without tables is empty too."""
    if "people_employee" not in connection.introspection.table_names():
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM people_employee LIMIT 1")
        return cursor.fetchone() is None


def read_backup(source: Path, *, force: bool) -> dict[str, Any]:
    """Puts database, evidence and keys back; refuses where somebody works already unless forced."""
    if not force and not is_empty():
        raise BackupError("This database is in use: it has employees. Restore into an empty one, or say --force.")
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(source) as archive:
                archive.extractall(folder, filter="data")
            about = json.loads((Path(folder) / "about.json").read_text("utf-8"))
        except (OSError, KeyError, ValueError, tarfile.TarError) as error:
            raise BackupError(f"{source} is not a backup of this product: {error}") from error
        if about.get("form") != FORM:
            raise BackupError(f"This backup has form {about.get('form')}; this version reads form {FORM}.")
        if about["database"] != connection.vendor:
            raise BackupError(f"This backup is of {about['database']}; the database here is {connection.vendor}.")
        _put_database_back(Path(folder) / "database")
        _put_files_back(Path(folder) / "data")
    return about


def _put_database_back(copy: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with sqlite3.connect(copy) as file:
            file.backup(connection.connection)
        file.close()
        return
    name = str(_database()["NAME"])
    connection.close()
    _postgres("pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error", f"--dbname={name}", str(copy))


def _put_files_back(folder: Path) -> None:
    for name in FOLDERS:
        if (folder / name).exists():
            shutil.copytree(folder / name, settings.DATA_DIR / name, dirs_exist_ok=True)
    for name in KEYS:
        if (folder / name).exists():
            target = settings.DATA_DIR / name
            target.write_bytes((folder / name).read_bytes())
            target.chmod(0o600)
