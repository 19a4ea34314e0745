"""Forms filled by a test as a person would, from what a page offers."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse

from kernel import clock
from kernel.fields import DayField, HourField, MomentField
from people.fields import PersonField


def forms_of(response: HttpResponse) -> list[forms.BaseForm]:
    """The forms that a page was rendered with, each once."""
    found: dict[int, forms.BaseForm] = {}
    for layer in getattr(response, "context", None) or []:
        for value in layer.values() if isinstance(layer, dict) else _flat(layer):
            for one in _within(value):
                found[id(one)] = one
    return list(found.values())


def _flat(layer: Any) -> Iterator[Any]:
    for each in getattr(layer, "dicts", []):
        yield from each.values()


def _within(value: Any) -> Iterator[forms.BaseForm]:
    if isinstance(value, forms.BaseForm):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _within(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _within(one)


def filled(form: forms.BaseForm) -> dict[str, Any]:
    """What a person might send: what stands there already, else the first choice, a word, tomorrow."""
    sent = {}
    for bound in form:
        value = bound.value() if not form.is_bound else None
        value = _fitting(bound.field) if value in (None, "", []) else value
        if value is not None and not isinstance(bound.field, forms.FileField):
            sent[bound.html_name] = _written(value)
    return sent


def _fitting(field: forms.Field) -> Any:
    if isinstance(field, forms.UUIDField):
        return uuid.uuid4()
    if isinstance(field, DayField):
        return clock.today("Asia/Shanghai")
    if isinstance(field, MomentField):
        return None if not field.required else clock.now() + timedelta(days=1)
    if isinstance(field, HourField):
        return time(9)
    if isinstance(field, PersonField):
        return getattr(field.queryset.first(), "number", None)
    if isinstance(field, forms.ModelChoiceField):
        return getattr(field.queryset.first(), "pk", None)
    if isinstance(field, forms.BooleanField):
        return None
    if isinstance(field, forms.ChoiceField):
        return next((key for key, _name in _plain_choices(field) if key not in (None, "")), None)
    if isinstance(field, forms.IntegerField | forms.DecimalField):
        return int(field.min_value or 0) or 1
    if isinstance(field, forms.EmailField):
        return "mei@example.com"
    return "abc" if isinstance(field, forms.CharField) else None


def _plain_choices(field: forms.ChoiceField) -> Iterator[tuple[Any, Any]]:
    for key, name in field.choices:
        if isinstance(name, list | tuple):
            yield from name
        else:
            yield key, name


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date | time):
        return str(value)
    if isinstance(value, list | tuple):
        return [str(each) for each in value]
    return value.pk if hasattr(value, "pk") else str(value)
