from django.db.backends.sqlite3 import base

from kernel.databases import LastInTransaction


class DatabaseWrapper(LastInTransaction, base.DatabaseWrapper):
    """SQLite, with something done last."""
