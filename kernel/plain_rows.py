"""Many plain rows of one table, where making a model of each would cost more than the database does."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

from kernel.presence import present


def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Appends rows of values in the order of `names`, which must name every column but the key. A row whose unique
    key is there already is left out. Neither `save` nor defaults run: it serves what is appended by the thousand."""
    columns, made = _spelled(model, names, rows)
    places = ", ".join(["%s"] * len(columns))
    _run(f"INSERT INTO {_table(model)} ({', '.join(columns)}) VALUES ({places}) ON CONFLICT DO NOTHING", made)


def update_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Gives rows these values: each is (*values in the order of `names`, primary key)."""
    columns, made = _spelled(model, (*names, "pk"), rows)
    *changed, key = columns
    _run(f"UPDATE {_table(model)} SET {', '.join(f'{c} = %s' for c in changed)} WHERE {key} = %s", made)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _spelled(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> tuple[list[str], list[list[Any]]]:
    """(quoted columns, rows as the database takes them)."""
    columns = {field.name: field for field in model._meta.concrete_fields}
    fields = [model._meta.pk if name == "pk" else columns[name] for name in names]
    moments = [i for i, field in enumerate(fields) if isinstance(field, models.DateTimeField)]
    adapt, made = connection.ops.adapt_datetimefield_value, []
    for row in rows:
        values = list(row)
        for i in moments:
            values[i] = adapt(values[i])
        made.append(values)
    return [connection.ops.quote_name(present(field.column)) for field in fields], made


def _run(sql: str, rows: list[list[Any]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)
