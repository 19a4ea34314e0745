"""What a chart shows: numbers over categories, with the words of its axes and the address behind each mark.

How it is drawn is `frontend/src/charts.ts`'s business, how it is written down `templates/components/chart.html`'s.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from django.utils.formats import localize

Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True)
class Series:
    """One row of numbers, a value for each category; None where nothing is known."""

    name: str
    values: Sequence[float | None]
    tone: str = "accent"  # a colour of the theme: accent, ok, late, bad, calm, ink
    kind: str = "bar"  # bar, line; "" stands in the table alone
    is_second: bool = False  # counts on the second axis
    shown: Sequence[str] = ()  # as the table writes the values, where it is not the number itself
    links: Sequence[str] = ()  # where each value's rows are

    @classmethod
    def of(
        cls,
        rows: Sequence[Row],
        name: str,
        value: Callable[[Row], float | None],
        *,
        shown: Callable[[Row], str] | None = None,
        link: Callable[[Row], str] | None = None,
        **style: Any,
    ) -> Self:
        """A series told from rows: the value of each, how the table writes it, where its own rows are."""
        told = [shown(row) for row in rows] if shown else ()
        links = [link(row) for row in rows] if link else ()
        return cls(name=name, values=[value(row) for row in rows], shown=told, links=links, **style)

    @property
    def cells(self) -> list[tuple[str, str]]:
        """(text, address) of each value."""
        texts = self.shown or ["–" if value is None else str(localize(value)) for value in self.values]
        links = self.links or [""] * len(self.values)
        return [(text, link if value else "") for text, value, link in zip(texts, self.values, links, strict=True)]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Series over the same categories. `axis`, `category` and `second_axis` name the axes, each with its unit."""

    key: str
    title: str
    text: str = ""
    category: str
    categories: Sequence[str]
    axis: str
    second_axis: str = ""
    series: Sequence[Series]
    is_stacked: bool = False
    is_time: bool = False  # the categories follow one another: some of their names may be left out
    is_folded: bool = False  # a table too long to stand open

    @property
    def rows(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The table's lines: a category and its cells."""
        return list(zip(self.categories, map(list, zip(*(s.cells for s in self.series), strict=True)), strict=True))

    @property
    def drawn(self) -> dict[str, Any]:
        """What the script draws."""
        return {
            "category": self.category,
            "categories": list(self.categories),
            "axes": [name for name in (self.axis, self.second_axis) if name],
            "stacked": self.is_stacked,
            "time": self.is_time,
            "series": [
                {
                    "name": s.name,
                    "kind": s.kind,
                    "tone": s.tone,
                    "second": s.is_second,
                    "values": list(s.values),
                    "links": list(s.links),
                }
                for s in self.series
                if s.kind
            ],
        }
