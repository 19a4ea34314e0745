"""The shape of what a lead decides about a duty."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from duties.gates import able
from duties.models import Duty
from kernel.fields import name_rows, row_field
from kernel.ids import read_id
from people.models import Employee
from people.selectors import working_at


class ReassignForm(forms.Form):
    to = forms.ModelChoiceField(
        Employee.objects.none(), label=pgettext_lazy("assign", "To"), empty_label=_("Choose a person")
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=300)

    def __init__(self, *args: Any, duty: Duty, **options: Any) -> None:
        super().__init__(*args, **options)
        others = working_at(duty.site_id, duty.shop_id).exclude(pk=duty.assignee_id or 0)
        chosen = read_id(self.data.get("to"))  # of whoever may not have it the service says why
        offered = [person.pk for person in able(duty, list(others))]
        row_field(self, "to").queryset = others.filter(pk__in=[*offered, *([chosen] if chosen else [])])
        name_rows(self, "to", lambda row: f"{row.name} · {row.number}")


class WaiveForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("It stays on record.")
    )
