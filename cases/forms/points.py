"""The shape of what people type about points."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.cases import Repeatable, offer_managed_shops
from cases.models import Case, PointRule
from kernel import clock
from kernel.fields import DayField, choice_field
from kernel.forms import ConditionalForm
from kernel.numbers import CountField
from people.models import Shop
from people.scope import Scope


class EvidenceForm(Repeatable):
    evidence = forms.CharField(
        label=_("What proves it"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Scans, signed handovers, photos: what the person can look at and contest."),
    )


class DecisionForm(ConditionalForm):
    """One of two words that end a matter, with a reason. `words` are those of the buttons it was pressed with."""

    conditional = ("reason",)

    word = forms.ChoiceField(
        label=_("Answer"), widget=forms.RadioSelect, error_messages={"required": _("Choose one of the two.")}
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)

    def __init__(self, *args: Any, words: tuple[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        choice_field(self, "word").choices = list(zip(("yes", "no"), words, strict=True))

    @property
    def is_yes(self) -> bool:
        return self.cleaned_data["word"] == "yes"


class AppealForm(Repeatable):
    text = forms.CharField(label=_("Why it is not right"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500)


class RewardForm(forms.Form):
    occasion = forms.ChoiceField(label=_("For"), choices=PointRule.Occasion.choices)
    points = CountField(label=_("Points"), min_value=0, max_value=20, help_text=_("0: none."))
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"))
    starts_on = DayField(label=_("From"))

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("starts_on", clock.today(scope.zone))
        super().__init__(*args, **{"auto_id": "reward_%s", **options})
        offer_managed_shops(self, scope)


class DeductionRuleForm(forms.Form):
    cause = forms.ChoiceField(label=_("Cause"), choices=Case.Cause.choices, initial=Case.Cause.MANUAL_ENTRY)
    points = CountField(label=_("Points taken"), min_value=1, max_value=20)
    monthly_cap = CountField(label=_("At most in a month"), min_value=1, max_value=100)
    text = forms.CharField(
        label=_("The rule as staff read it"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    discussed_on = DayField(label=_("Discussed with staff on"), ahead=timedelta())
    discussed_how = forms.CharField(
        label=_("How, and with whom"),
        max_length=300,
        help_text=_("The meeting, who spoke for the staff, what changed."),
    )
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"))
    starts_on = DayField(label=_("From"))

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("starts_on", clock.today(scope.zone))
        super().__init__(*args, **{"auto_id": "deduction_%s", **options})
        offer_managed_shops(self, scope)
