"""Ids as they stand in addresses, query strings and hidden fields: whole numbers that a row can have."""

from collections.abc import Iterable

MOST = 2**63 - 1  # what a BigAutoField holds


class IdConverter:
    """`<id:pk>` in a path. A number that no row can have is no such address: 404."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > MOST:
            raise ValueError(value)
        return number

    def to_url(self, value: int | str) -> str:
        return str(value)


def read_id(text: object) -> int | None:
    """The id that a query names; None for what is none."""
    digits = "" if text is None else str(text)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 19):
        return None
    number = int(digits)
    return number if number <= MOST else None


def read_ids(texts: Iterable[object]) -> list[int]:
    """Those that are ids, in their order."""
    return [number for text in texts if (number := read_id(text)) is not None]
