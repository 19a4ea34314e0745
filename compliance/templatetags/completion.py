"""The cells of the matrix: hundreds on a page, so written without a template of their own."""

from collections.abc import Callable, Iterable
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext_lazy

from compliance.selectors import Cell, Grid, Row
from compliance.words import kind_words, ref_words

register = template.Library()
register.filter("ref_words", ref_words)
register.filter("kind_words", kind_words)
STATES = {
    "on_time": pgettext_lazy("duty", "on time"),
    "late": pgettext_lazy("duty", "late"),
    "missed": pgettext_lazy("duty", "missed"),
    "overdue": pgettext_lazy("duty", "overdue"),
    "due": pgettext_lazy("duty", "to do"),
    "waived": pgettext_lazy("duty", "waived"),
}
NOTHING = mark_safe('<span class="text-body-secondary">–</span>')
CARD = (
    '<li><a class="card-row" href="{}"><span class="grow"><span class="card-row__title">{}</span>'
    '<span class="card-row__text">{}</span><span class="strip" aria-hidden="true">{}</span></span></a></li>'
)
LINE = '<tr><th scope="row" class="text-nowrap"><a href="{}">{}</a></th>{}</tr>'
SHAPE = '<span class="tally tally--{}">{}</span>'
MARK = '<span class="tally tally--{}">{}<span class="visually-hidden"> {}</span></span>'
CELL = '<td><a class="cell" href="{}{}">{}</a></td>'
SUM = '<td><a class="cell cell--sum" href="{}">{}</a></td>'
EMPTY = f"<td>{NOTHING}</td>"


@register.filter
def counts(cell: Cell) -> SafeString:
    """Each state that occurs, with its shape and how often."""
    parts = cell.parts
    if not parts:
        return NOTHING
    return format_html_join(" · ", SHAPE + " {}", ((state, STATES[state], n) for state, n in parts))


def marks(cell: Cell) -> SafeString:
    """The same in the width of a narrow column: a shape with its number, the word for screen readers."""
    if not cell.parts:
        return NOTHING
    return format_html_join("", MARK, ((state, n, STATES[state]) for state, n in cell.parts))


@register.simple_tag
def legend() -> SafeString:
    """Which shape stands for which state."""
    return format_html_join("", '<li><span class="tally tally--{}"></span> {}</li>', STATES.items())


@register.simple_tag
def person_cards(grid: Grid, link: dict[str, str]) -> SafeString:
    """The phone's list: a name, the counts, and one shape for each thing owed, the worst of its states."""
    rows = grid.rows
    shapes = {state: format_html('<span class="tally tally--{}"></span>', state) for state in STATES} | {"": ""}
    known = _make(counts, (row.total for row in rows))
    strips = _make(lambda cell: mark_safe(shapes[cell.worst]), (cell for row in rows for cell in row.cells))
    address = _addresses(link)
    return format_html_join(
        "", CARD, ((address(row), row.employee.name, known[row.total], _joined(row.cells, strips)) for row in rows)
    )


@register.simple_tag
def person_lines(grid: Grid, link: dict[str, str]) -> SafeString:
    """The desktop's grid: a line a person with their sum, a cell for each thing owed; each opens its rows."""
    known = _make(marks, (cell for row in grid.rows for cell in (row.total, *row.cells)))
    address = _addresses(link)
    ends = [escape("&" + urlencode({"obligation": column.obligation})) for column in grid.columns]

    def cells(row: Row) -> SafeString:
        start = escape(address(row))
        own = SUM.format(start, known[row.total]) if row.total.parts else EMPTY
        return mark_safe(own + "".join(
            CELL.format(start, end, known[cell]) if cell.parts else EMPTY
            for cell, end in zip(row.cells, ends, strict=True)
        ))  # fmt: skip

    return format_html_join("", LINE, ((address(row), row.employee.name, cells(row)) for row in grid.rows))


@register.simple_tag
def sums(grid: Grid) -> SafeString:
    """The sums of the people on the page, column by column."""
    return format_html_join("", "<td>{}</td>", ((marks(cell),) for cell in (grid.total, *grid.sums)))


def _make(make: Callable[[Cell], SafeString], cells: Iterable[Cell]) -> dict[Cell, SafeString]:
    """Each different cell once: most of a page's are alike."""
    return {cell: make(cell) for cell in set(cells)}


def _joined(cells: list[Cell], known: dict[Cell, SafeString]) -> SafeString:
    return mark_safe("".join([known[cell] for cell in cells]))


def _addresses(link: dict[str, str]) -> Callable[[Row], str]:
    """Where a row's duties are shown, just those that it counts; the URL is resolved once."""
    before, _zero, after = f"{reverse('compliance:person', args=[0])}?{urlencode(link)}".partition("0")
    return lambda row: f"{before}{row.employee.pk}{after}"
