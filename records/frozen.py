"""A digest of rows that are written once: published content as it lies in its tables."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from records.canonical import canonical_text, sha256, spell_moment


def rows_digest(*groups: tuple[QuerySet[Any], str]) -> str:
    """SHA-256 over the named columns of rows, in the order given. The names are part of what is sealed: a column that
    is added to a table later changes no digest."""
    return sha256(canonical_text([_spelled(list(rows.values(*names.split()))) for rows, names in groups]))


def _spelled(value: Any) -> Any:
    """With floats, decimals and moments as text, so that each has one spelling."""
    if isinstance(value, dict):
        return {str(key): _spelled(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(item) for item in value]
    if isinstance(value, datetime):
        return spell_moment(value)
    return value if value is None or isinstance(value, bool | int | str) else str(value)
