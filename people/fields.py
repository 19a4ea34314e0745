"""Form fields about people."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kernel.text import listed
from people.models import Employee

TOLD = 5  # people whom an ambiguous name is told with


class PersonField(forms.CharField):
    """One person by employee number or name, among those of `queryset`; cleans to the Employee.

    A select would carry all ten thousand of a large company in the page.
    """

    queryset: QuerySet[Employee] = Employee.objects.none()
    default_error_messages = {
        "nobody": _("Nobody here has this number or name."),
        "several": _("Several people fit (%(people)s); give the number."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 80, "help_text": _("Employee number or name."), **options})
        self.widget.attrs.setdefault("autocomplete", "off")

    def prepare_value(self, value: Any) -> Any:
        return f"{value.name} {value.number}" if isinstance(value, Employee) else value

    def clean(self, value: Any) -> Employee | None:
        text = super().clean(value)
        if text in self.empty_values:
            return None
        for found in (
            self.queryset.filter(number__in=text.split()),
            self.queryset.filter(name=text),
            self.queryset.filter(name__contains=text),
        ):
            people = list(found[: TOLD + 1])
            if len(people) == 1:
                return people[0]
            if people:
                told = listed(f"{person.name} {person.number}" for person in people[:TOLD])
                told += " …" if len(people) > TOLD else ""
                raise forms.ValidationError(self.error_messages["several"], code="several", params={"people": told})
        raise forms.ValidationError(self.error_messages["nobody"], code="nobody")
