"""Pages of lists that grow with the years."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator

MOST = 1000  # rows that are counted and can be paged through; further on a filter leads


class LongList(Paginator):
    """Counts no further than anybody pages: counting millions takes seconds, and no one asks how many they are."""

    @cached_property
    def _found(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: MOST + 1].count())

    @property
    def count(self) -> int:
        return min(self._found, MOST)

    @property
    def is_cut(self) -> bool:
        """Whether there are more than can be paged through."""
        return self._found > MOST
