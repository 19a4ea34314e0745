"""Form fields that are on every list: written without a template for each option."""

from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class QuickSelect(forms.Select):
    """A select without option groups; a filter with hundreds of options costs next to nothing."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = {str(v) for v in self.format_value(value)}
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (key, " selected" if str(key) in chosen else "", label)
                for key, label in ((("" if k is None else k), text) for k, text in self.choices)
            ),
        )
        context = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        return format_html("<select{}>{}</select>", flatatt(context), options)


FIELD = '<div id="div_{}" class="field mb-3{}">{}</div>'
LABEL = '<label for="{}" class="{}">{}</label>'


def filter_field(field: BoundField) -> SafeString:
    """A field of a filter in the markup of a form's (templates/bootstrap5/field.html), which needs six templates."""
    widget, pk = field.field.widget, field.id_for_label
    is_checkbox, is_select = isinstance(widget, forms.CheckboxInput), isinstance(widget, forms.Select)
    css = "form-check-input" if is_checkbox else "form-select" if is_select else "form-control"
    errors, label = field.errors, LABEL.format("{}", "form-check-label" if is_checkbox else "form-label", "{}")
    attrs: dict[str, str | bool] = {"id": pk, "class": f"{css} is-invalid" if errors else css}
    told: SafeString | str = ""
    if errors:
        attrs |= {"aria-invalid": "true", "aria-describedby": f"{pk}_error"}
        lines = format_html_join("", "<p>{}</p>", ((error,) for error in errors))
        told = format_html('<div id="{}_error" class="invalid-feedback d-block">{}</div>', pk, lines)
    parts = [format_html(label, pk, field.label), _control(field, attrs)]
    inner = format_html_join("", "{}", ((part,) for part in (*(reversed(parts) if is_checkbox else parts), told)))
    return format_html(FIELD, pk, " form-check" if is_checkbox else "", inner)


def _control(field: BoundField, attrs: dict[str, str | bool]) -> SafeString:
    widget = field.field.widget
    if isinstance(widget, QuickSelect) or not isinstance(widget, forms.widgets.Input):
        return field.as_widget(attrs=attrs)
    shown = widget.get_context(field.html_name, field.value(), field.build_widget_attrs(attrs, widget))["widget"]
    value = {} if shown["value"] is None else {"value": shown["value"]}
    return format_html("<input{}>", flatatt({"type": shown["type"], "name": shown["name"], **value, **shown["attrs"]}))
