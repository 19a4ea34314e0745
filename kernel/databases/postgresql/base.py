from django.db.backends.postgresql import base

from kernel.databases import LastInTransaction


class DatabaseWrapper(LastInTransaction, base.DatabaseWrapper):
    """PostgreSQL, with something done last."""
