"""The cells of the matrix: hundreds on a page, so written without a template of their own."""

from django import template
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext_lazy

from compliance.selectors import Cell, Row

register = template.Library()
STATES = {  # as templates/components/duty_state.html shows them
    "on_time": ("ok", pgettext_lazy("duty", "on time")),
    "late": ("late", pgettext_lazy("duty", "late")),
    "missed": ("bad", pgettext_lazy("duty", "not done")),
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


@register.filter
def counts(cell: Cell) -> SafeString:
    """Each state that occurs, with its shape and how often."""
    parts = cell.parts
    if not parts:
        return NOTHING
    return format_html_join(" · ", SHAPE + " {}", ((*STATES[state], n) for state, n in parts))


@register.simple_tag
def person_cards(rows: list[Row]) -> SafeString:
    """The phone's list: a name, the counts, and one shape for each thing owed, the worst of its states."""
    return format_html_join("", CARD, ((*_person(row), counts(row.total), _strip(row.cells)) for row in rows))


@register.simple_tag
def person_lines(rows: list[Row]) -> SafeString:
    """The desktop's grid: a line a person, a cell for each thing owed."""
    known: dict[Cell, SafeString] = {}
    for row in rows:
        known.update((cell, counts(cell)) for cell in row.cells if cell not in known)
    return format_html_join("", LINE, ((*_person(row), _cells(row.cells, known)) for row in rows))


def _person(row: Row) -> tuple[str, str]:
    return reverse("compliance:person", args=[row.employee.pk]), row.employee.name


def _cells(cells: list[Cell], known: dict[Cell, SafeString]) -> SafeString:
    return mark_safe("".join(f'<td class="text-nowrap">{known[cell]}</td>' for cell in cells))


def _strip(cells: list[Cell]) -> SafeString:
    return format_html_join("", SHAPE, (STATES[cell.worst] for cell in cells if cell.worst))
