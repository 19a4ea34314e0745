"""Queries that every request asks: compiled once, then only given other values.

Django makes the SQL of a queryset anew each time, which costs more than the database needs to answer a short question.
A `Prepared` keeps the SQL of one queryset per connection. What differs from one time to the next is a `Param`:

    BY_NUMBER = Prepared(lambda number: Employee.objects.filter(number=number), number=CharField())
    found = BY_NUMBER(number="1001")
"""

from collections.abc import Callable, Hashable
from datetime import datetime
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Count, DateTimeField, Expression, Field, QuerySet, Value


class Param(Expression):
    """A value that is given when the query is asked; `output_field` says how it is written for the database."""

    def __init__(self, name: str, output_field: Field) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class Prepared:
    """A queryset by its params. Its SQL must be the same for all values: no lists, no None, no prefetching."""

    def __init__(self, build: Callable[..., QuerySet], **fields: Field) -> None:
        self.build = build
        self.params = {name: Param(name, field) for name, field in fields.items()}

    def __call__(self, **values: Any) -> list[Any]:
        """The rows, as the queryset would give them: instances, tuples or values."""
        connection = connections[DEFAULT_DB_ALIAS]
        kept = connection.__dict__.setdefault("prepared_queries", WeakKeyDictionary())
        if self not in kept:
            queryset = self.build(**self.params)
            compiler = queryset.query.get_compiler(connection=connection)
            vars(queryset.query)["get_compiler"] = lambda *given, **named: compiler
            try:
                kept[self] = (queryset, compiler, *compiler.as_sql())
            except EmptyResultSet:  # whoever reaches nothing, say
                kept[self] = None
        if kept[self] is None:
            return []
        queryset, compiler, sql, params = kept[self]
        given = tuple(_written(p, values, connection) if isinstance(p, Param) else p for p in params)
        compiler.as_sql = lambda *ignored, **named: (sql, given)
        return list(queryset._iterable_class(queryset))


def count_of(rows: Callable[..., QuerySet], *given: Hashable, **moments: datetime) -> int:
    """How many rows `rows(*given, **moments)` has, prepared once per function and what is given, say a viewer's scope.

    `rows` stands in a module, and depends on nothing else: no today, no statement of its own.
    """
    found = _count(rows, given, tuple(moments))(**moments)
    return found[0] if found else 0


@lru_cache(maxsize=1024)
def _count(rows: Callable[..., QuerySet], given: tuple[Hashable, ...], moments: tuple[str, ...]) -> Prepared:
    def build(**params: Param) -> QuerySet:
        found = rows(*given, **params).order_by().annotate(one=Value(1)).values("one")
        return found.annotate(n=Count("pk")).values_list("n", flat=True)

    return Prepared(build, **{name: DateTimeField() for name in moments})


def _written(param: Param, values: dict[str, Any], connection: Any) -> Any:
    return param.output_field.get_db_prep_value(values[param.name], connection)
