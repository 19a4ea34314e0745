"""What a column lets be empty and a rule fills: the version of what is published, the duty of an open case."""

from typing import TypeVar

T = TypeVar("T")


def present(value: T | None) -> T:
    """The value, where a rule says that there is one; a broken rule is told here and not passed on."""
    if value is None:
        raise ValueError("Something that must be there is missing.")
    return value
