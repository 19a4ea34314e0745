"""The cells of the matrix: hundreds on a page, so written without a template of their own."""

from collections.abc import Callable, Iterable
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext_lazy

from compliance.selectors import Cell, Column, Row
from compliance.words import kind_words, ref_words

register = template.Library()
register.filter("ref_words", ref_words)
register.filter("kind_words", kind_words)
STATES = {  # as templates/components/duty_state.html shows them
    "on_time": ("ok", pgettext_lazy("duty", "on time")),
    "late": ("late", pgettext_lazy("duty", "late")),
    "missed": ("bad", pgettext_lazy("duty", "missed")),
    "overdue": ("bad", pgettext_lazy("duty", "overdue")),
    "due": ("wait", pgettext_lazy("duty", "to do")),
    "waived": ("none", pgettext_lazy("duty", "waived")),
}
NOTHING = mark_safe('<span class="text-body-secondary">–</span>')
CARD = (
    '<li><a class="card-row" href="{}"><span class="grow"><span class="card-row__title">{}</span>'
    '<span class="card-row__text">{}</span><span class="strip" aria-hidden="true">{}</span></span></a></li>'
)
LINE = '<tr><th scope="row" class="text-nowrap"><a href="{}">{}</a></th>{}</tr>'
SHAPE = '<span class="state state--{}">{}</span>'
CELL = '<td class="text-nowrap"><a class="cell" href="{}{}">{}</a></td>'
EMPTY = f"<td>{NOTHING}</td>"


@register.filter
def counts(cell: Cell) -> SafeString:
    """Each state that occurs, with its shape and how often."""
    parts = cell.parts
    if not parts:
        return NOTHING
    return format_html_join(" · ", SHAPE + " {}", ((*STATES[state], n) for state, n in parts))


@register.simple_tag
def person_cards(rows: list[Row], link: dict[str, str]) -> SafeString:
    """The phone's list: a name, the counts, and one shape for each thing owed, the worst of its states."""
    shapes = {state: format_html(SHAPE, *words) for state, words in STATES.items()} | {"": ""}
    known = _make(counts, (row.total for row in rows))
    strips = _make(lambda cell: mark_safe(shapes[cell.worst]), (cell for row in rows for cell in row.cells))
    address = _addresses(link)
    return format_html_join(
        "", CARD, ((address(row), row.employee.name, known[row.total], _joined(row.cells, strips)) for row in rows)
    )


@register.simple_tag
def person_lines(rows: list[Row], columns: list[Column], link: dict[str, str]) -> SafeString:
    """The desktop's grid: a line a person, a cell for each thing owed; each opens the rows that it counted."""
    known = _make(counts, (cell for row in rows for cell in row.cells))
    address = _addresses(link)
    ends = [escape("&" + urlencode({"obligation": column.obligation})) for column in columns]

    def cells(row: Row) -> SafeString:
        start = escape(address(row))
        return mark_safe("".join(
            CELL.format(start, end, known[cell]) if cell.parts else EMPTY
            for cell, end in zip(row.cells, ends, strict=True)
        ))  # fmt: skip

    return format_html_join("", LINE, ((address(row), row.employee.name, cells(row)) for row in rows))


def _make(make: Callable[[Cell], SafeString], cells: Iterable[Cell]) -> dict[Cell, SafeString]:
    """Each different cell once: most of a page's are alike."""
    return {cell: make(cell) for cell in set(cells)}


def _joined(cells: list[Cell], known: dict[Cell, SafeString]) -> SafeString:
    return mark_safe("".join([known[cell] for cell in cells]))


def _addresses(link: dict[str, str]) -> Callable[[Row], str]:
    """Where a row's duties are shown, just those that it counts; the URL is resolved once."""
    before, _zero, after = reverse("compliance:person", args=[0]).rpartition("0")
    return lambda row: f"{before}{row.employee.pk}{after}?{urlencode(link)}"
