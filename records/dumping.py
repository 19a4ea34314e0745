"""The two databases, as backup and restore need them: dumped, staged beside the live one, exchanged in one step."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import psycopg
from django.db import DatabaseError, connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

EMPLOYEES = "SELECT count(*) FROM people_employee"
IN_USE = "Something still uses the database. Stop server, worker and tick first."


class BackupError(Exception):
    """Why a backup or restore did not happen, in a sentence for whoever runs the command."""


class Database(Protocol):
    """What is restored is staged first: a whole database of its own, looked at before it takes the live one's place."""

    def dump(self, target: Path) -> None: ...
    def stage(self, dump: Path) -> None: ...
    def staged_url(self) -> str: ...
    def check_staged(self) -> None: ...
    def drop_staged(self) -> None: ...
    def require_free(self) -> None: ...
    def exchange(self, stamp: str) -> str: ...


def live_database() -> Database:
    return SQLite(connection.settings_dict) if connection.vendor == "sqlite" else PostgreSQL(connection.settings_dict)


def is_empty() -> bool:
    """Whether the database holds nobody yet; one without tables is empty too. One that cannot be read is not."""
    try:
        if "people_employee" not in connection.introspection.table_names():
            return True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM people_employee LIMIT 1")
            return cursor.fetchone() is None
    except DatabaseError:
        return False


def _require_people(count: int) -> None:
    if not count:
        raise BackupError("The database in this backup holds nobody: it is not that of a company.")


class SQLite:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.path = Path(settings["NAME"])
        self.staged = self.path.with_name(f"{self.path.name}.restoring")

    def dump(self, target: Path) -> None:
        connection.ensure_connection()
        with sqlite3.connect(target) as file:
            connection.connection.backup(file)
        file.close()

    def stage(self, dump: Path) -> None:
        self.drop_staged()
        shutil.move(dump, self.staged)
        self.staged.chmod(0o600)
        self.check_staged()

    def staged_url(self) -> str:
        return f"sqlite:///{self.staged}"

    def check_staged(self) -> None:
        """Whole, of this product, and in one file: without a journal beside it."""
        try:
            file = sqlite3.connect(self.staged)
            try:
                faults = [row[0] for row in file.execute("PRAGMA integrity_check(5)")]
                people = file.execute(EMPLOYEES).fetchone()[0]
                file.execute("PRAGMA journal_mode=DELETE")
            finally:
                file.close()
        except sqlite3.Error as error:
            raise BackupError(f"The database in this backup is not that of this product: {error}") from error
        if faults != ["ok"]:
            raise BackupError(f"The database in this backup is damaged: {'; '.join(faults)}")
        _require_people(people)

    def drop_staged(self) -> None:
        for ending in ("", "-wal", "-shm", "-journal"):
            self.staged.with_name(self.staged.name + ending).unlink(missing_ok=True)

    def require_free(self) -> None:
        """Takes the journal into the database, which nobody else can be using then."""
        connection.close()
        if not self.path.exists():
            return
        file = sqlite3.connect(self.path, timeout=3)
        try:
            if file.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete":
                raise BackupError(IN_USE)
        except sqlite3.OperationalError as error:
            raise BackupError(IN_USE) from error
        except sqlite3.DatabaseError:
            pass  # the live one is broken: that is why somebody restores
        finally:
            file.close()

    def exchange(self, stamp: str) -> str:
        """Again after it was killed, it goes on. Returns where the old one lies."""
        connection.close()
        aside = self.path.with_name(f"{self.path.name}.before-{stamp}")
        if self.staged.exists():
            if self.path.exists() and not aside.exists():
                self.path.rename(aside)
            self.staged.rename(self.path)
        return str(aside) if aside.exists() else ""


class PostgreSQL:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings, self.name = settings, str(settings["NAME"])
        self.staged = f"{self.name[:50]}_restoring"

    def dump(self, target: Path) -> None:
        self._run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}", self.name)

    def stage(self, dump: Path) -> None:
        self.drop_staged()
        with self._server() as server:
            try:
                server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(self.staged)))
            except psycopg.errors.InsufficientPrivilege as error:
                raise BackupError(
                    "A restore looks at the copy in a database of its own first. The role must be allowed to make one: "
                    f"ALTER ROLE {self.settings.get('USER') or 'shipshape'} CREATEDB"
                ) from error
        self._run(
            "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={self.staged}", str(dump)
        )
        dump.unlink()
        self.check_staged()

    def staged_url(self) -> str:
        who = quote(str(self.settings.get("USER") or ""), safe="")
        if self.settings.get("PASSWORD"):
            who += f":{quote(str(self.settings['PASSWORD']), safe='')}"
        port = f":{self.settings['PORT']}" if self.settings.get("PORT") else ""
        return f"postgres://{who}@{quote(str(self.settings.get('HOST') or ''), safe='')}{port}/{self.staged}"

    def check_staged(self) -> None:
        try:
            with self._server(self.staged) as copy:
                people = copy.execute(EMPLOYEES).fetchone()
        except psycopg.Error as error:
            raise BackupError(f"The database in this backup is not that of this product: {error}") from error
        _require_people(people[0] if people else 0)

    def drop_staged(self) -> None:
        with self._server() as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.staged)))

    def require_free(self) -> None:
        connection.close()
        with self._server() as server:
            others = server.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [self.name]).fetchone()
        if others and others[0]:
            raise BackupError(IN_USE)

    def exchange(self, stamp: str) -> str:
        """In one transaction. Again after it was killed, it goes on. Returns where the old one lies."""
        connection.close()
        aside = f"{self.name[:40]}_before_{stamp}"
        with self._server() as server:
            known = {row[0] for row in server.execute("SELECT datname FROM pg_database")}
            try:
                with server.transaction():
                    if self.staged in known and self.name in known:
                        self._rename(server, self.name, aside)
                    if self.staged in known:
                        self._rename(server, self.staged, self.name)
            except psycopg.errors.ObjectInUse as error:
                raise BackupError(IN_USE) from error
            known = {row[0] for row in server.execute("SELECT datname FROM pg_database")}
        return aside if aside in known else ""

    def _rename(self, server: psycopg.Connection, old: str, new: str) -> None:
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))

    @contextmanager
    def _server(self, name: str = "postgres") -> Iterator[psycopg.Connection]:
        keys = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
        where = {key: str(self.settings[ours]) for key, ours in keys.items() if self.settings.get(ours)}
        with psycopg.connect(make_conninfo(**where, dbname=name), autocommit=True) as server:
            yield server

    def _run(self, program: str, *options: str) -> None:
        if not shutil.which(program):
            raise BackupError(f"{program} is not installed; it comes with PostgreSQL's client programs.")
        where = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
        env = os.environ | {name: str(self.settings[key]) for name, key in where.items() if self.settings.get(key)}
        done = subprocess.run([program, *options], env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BackupError(f"{program} failed: {done.stderr.strip()[-500:]}")
