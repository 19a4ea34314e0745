"""The cells of the matrix: hundreds on a page, so written without a template of their own."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext_lazy

from compliance.selectors import Cell

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
SHAPE = '<span class="state state--{}">{}</span>'


@register.filter
def counts(cell: Cell) -> SafeString:
    """Each state that occurs, with its shape and how often."""
    parts = cell.parts
    if not parts:
        return NOTHING
    return format_html_join(" · ", SHAPE + " {}", ((*STATES[state], n) for state, n in parts))


@register.filter
def strip(cells: list[Cell]) -> SafeString:
    """One shape for each thing owed, the worst of its states."""
    shapes = format_html_join("", SHAPE, (STATES[cell.worst] for cell in cells if cell.worst))
    return format_html('<span class="strip" aria-hidden="true">{}</span>', shapes)
