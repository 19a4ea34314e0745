import sqlite3
import time

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from kernel.databases import LastInTransaction

LOOKS_AGAIN = 0.004  # seconds


class DatabaseWrapper(LastInTransaction, base.DatabaseWrapper):
    """SQLite, with something done last, and with waiting that is fair.

    While another writes, SQLite itself looks again ever more seldom, in the end every tenth of a second: newcomers, who
    look often, overtake whoever waits longest. Here all look equally often until the connection's timeout has passed.
    """

    def _start_transaction_under_autocommit(self) -> None:
        (patience,) = self.connection.execute("PRAGMA busy_timeout").fetchone()
        looks = int(patience / 1000 / LOOKS_AGAIN)
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    return super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in its stubs
                except OperationalError as error:
                    if looks <= 0 or getattr(error.__cause__, "sqlite_errorcode", 0) != sqlite3.SQLITE_BUSY:
                        raise
                looks -= 1
                time.sleep(LOOKS_AGAIN)
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {patience}")
