"""The shape of what people type about plans and materials."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contingency.models import Activation, Plan, StockMovement
from contingency.selectors import sites_to_activate, step_rows, wardens_of
from kernel import clock
from people.models import Employee
from people.scope import Scope


class Repeatable(forms.Form):
    """A form that may be sent twice; its key was made when it was shown."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("client_id", uuid.uuid4())
        super().__init__(*args, **options)


class ActivateForm(Repeatable):
    site = forms.ModelChoiceField(None, label=_("Site"), empty_label=None)
    reason = forms.CharField(
        label=_("What has happened"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, plan: Plan, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        sites = sites_to_activate(plan, scope)
        self.fields["site"].queryset = sites
        if len(sites) == 1:
            self.fields["site"].initial, self.fields["site"].widget = sites[0].pk, forms.HiddenInput()


class TickForm(Repeatable):
    is_done = forms.BooleanField(required=False)


class TakeForm(Repeatable):
    material = forms.IntegerField()
    quantity = forms.IntegerField(min_value=1, max_value=100_000)


class MoveForm(Repeatable):
    kind = forms.ChoiceField(label=_("What you do"), choices=StockMovement.Kind.choices)
    quantity = forms.IntegerField(
        label=_("Quantity"),
        min_value=0,
        max_value=1_000_000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class CloseForm(forms.Form):
    """A word of review, and one for each step that was not done (`reasons` by the step's id)."""

    review = forms.CharField(
        label=_("Review: what went well, what to change"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, activation: Activation, **options: Any) -> None:
        super().__init__(*args, **options)
        self.left = [row.step for row in step_rows(activation) if not row.is_done]
        for step in self.left:
            self.fields[f"reason_{step.pk}"] = forms.CharField(
                label=_("Why was step %(n)d left out?") % {"n": step.position}, max_length=1000
            )

    @property
    def reasons(self) -> dict[int, str]:
        return {step.pk: self.cleaned_data[f"reason_{step.pk}"] for step in self.left}


class DrillForm(Repeatable):
    site = forms.ModelChoiceField(None, label=_("Site"), empty_label=None)
    lead = forms.ModelChoiceField(None, label=_("Led by"), empty_label=None)
    due_at = forms.DateTimeField(
        label=_("Hold it by"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )

    def __init__(self, *args: Any, plan: Plan, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        sites, at = sites_to_activate(plan, scope), clock.now()
        people = {person.pk for site in sites for person in wardens_of(site.pk, at)}
        self.fields["site"].queryset = sites
        self.fields["lead"].queryset = Employee.objects.filter(pk__in=people).order_by("name")
        if len(sites) == 1:
            self.fields["site"].initial, self.fields["site"].widget = sites[0].pk, forms.HiddenInput()
