"""The shape of what people type about plans and materials."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contingency.models import Activation, Plan, StockMovement
from contingency.selectors import sites_to_activate, step_rows, wardens_of
from kernel import clock
from kernel.fields import IdField, MomentField, by_clock_of_choice, row_field
from kernel.forms import ConditionalForm, ask_which
from kernel.numbers import CountField
from kernel.text import localized
from people.models import Employee
from people.scope import Scope


class Repeatable(ConditionalForm):
    """A form that may be sent twice; its key was made when it was shown."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("client_id", uuid.uuid4())
        super().__init__(*args, **options)


class ActivateForm(Repeatable):
    conditional = ("reason",)

    site: forms.ModelChoiceField[Any] = forms.ModelChoiceField(None, label=_("Site"), empty_label=None)
    reason = forms.CharField(
        label=_("What has happened"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed when it is for real; a drill can do without."),
    )

    def __init__(self, *args: Any, plan: Plan, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        sites = sites_to_activate(plan, scope)
        row_field(self, "site").queryset = sites
        if len(sites) == 1:
            self.fields["site"].initial, self.fields["site"].widget = sites[0].pk, forms.HiddenInput()


class TickForm(Repeatable):
    is_done = forms.BooleanField(required=False, label=_("Done"))


class TakeForm(Repeatable):
    material = IdField()
    quantity = CountField(label=_("Quantity"), min_value=1, max_value=100_000)


class MoveForm(Repeatable):
    kind = forms.ChoiceField(label=_("What you do"), choices=StockMovement.Kind.choices)
    quantity = CountField(
        label=_("Quantity"),
        min_value=0,
        max_value=1_000_000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class CloseForm(forms.Form):
    """A word of review, and why each step that was not done was left out: one word for all, or one for each."""

    review = forms.CharField(
        label=_("Review: what went well, what to change"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, activation: Activation, **options: Any) -> None:
        super().__init__(*args, **options)
        self.left = [row.step for row in step_rows(activation) if not row.is_done]
        if len(self.left) > 1:
            self.fields["reason"] = forms.CharField(
                label=_("Why the steps below were left out"),
                help_text=_("Counts for every step that has no word of its own."),
                required=False,
                max_length=1000,
            )
        for step in self.left:
            label = f"{step.position}. {localized(step.title)}"
            alone = len(self.left) == 1
            if alone:
                label = _("Why was this left out? %(step)s") % {"step": label}
            self.fields[f"reason_{step.pk}"] = forms.CharField(label=label, max_length=1000, required=alone)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for step in self.left:
            if not (self.reasons_of(data).get(step.pk) or self.has_error(f"reason_{step.pk}")):
                self.add_error(f"reason_{step.pk}", _("Say why this step was left out."))
        return data

    def reasons_of(self, data: dict[str, Any]) -> dict[int, str]:
        return {s.pk: data.get(f"reason_{s.pk}") or data.get("reason", "") for s in self.left}

    @property
    def reasons(self) -> dict[int, str]:
        return self.reasons_of(self.cleaned_data)


class DrillForm(Repeatable):
    site: forms.ModelChoiceField[Any] = forms.ModelChoiceField(None, label=_("Site"), empty_label=None)
    lead: forms.ModelChoiceField[Any] = forms.ModelChoiceField(None, label=_("Led by"))
    due_at = MomentField(label=_("Hold it by"))

    def __init__(self, *args: Any, plan: Plan, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        sites, at = sites_to_activate(plan, scope), clock.now()
        people = {person.pk for site in sites for person in wardens_of(site.pk, at)}
        row_field(self, "site").queryset = sites
        row_field(self, "lead").queryset = Employee.objects.filter(pk__in=people).order_by("name")
        ask_which(row_field(self, "lead"))
        if len(sites) == 1:
            self.fields["site"].initial, self.fields["site"].widget = sites[0].pk, forms.HiddenInput()
        by_clock_of_choice(self, "site", {site.pk: site.zone for site in sites})
