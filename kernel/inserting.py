"""Many plain rows into one table, where making a model of each would cost more than the database does."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Appends rows of values in the order of `names`, which must name every column but the key. A row whose unique
    key is there already is left out. Neither `save` nor defaults run: it serves what is appended by the thousand."""
    fields = [model._meta.get_field(name) for name in names]
    quote, ops = connection.ops.quote_name, connection.ops
    columns = ", ".join(quote(field.column) for field in fields)
    moments = [i for i, field in enumerate(fields) if isinstance(field, models.DateTimeField)]

    def spelled(row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for i in moments:
            values[i] = ops.adapt_datetimefield_value(values[i])
        return values

    sql = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({', '.join(['%s'] * len(fields))}) "
    if made := [spelled(row) for row in rows]:
        with connection.cursor() as cursor:
            cursor.executemany(sql + "ON CONFLICT DO NOTHING", made)
