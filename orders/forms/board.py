"""The shape of what people type about findings."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.fields import DayField, choice_field
from orders.couriers import courier_name, couriers
from orders.forms.shops import offer_seen_shops
from orders.models import Finding
from people.models import Shop
from people.scope import Scope


class BoardFilter(forms.Form):
    """The board's filter, in the URL; a value that makes no sense filters nothing."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Order or waybill")}),
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("open")), ("in_case", _("in a case")), ("dismissed", _("dismissed"))],
    )
    cause = forms.ChoiceField(label=_("Cause"), required=False, choices=[("", _("all")), *Finding.Cause.choices])
    courier = forms.ChoiceField(label=_("Courier"), required=False)
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), required=False, empty_label=_("all"))
    tab = forms.CharField(required=False, widget=forms.HiddenInput)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "filter_%s", **options})
        choice_field(self, "courier").choices = [("", _("all")), *((code, courier_name(code)) for code in couriers())]
        offer_seen_shops(self, scope)

    @property
    def wish(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data


class CausesFilter(forms.Form):
    """The filter of the charts, in the URL; a value that makes no sense is the usual one."""

    DAYS = 30

    days = forms.TypedChoiceField(
        label=_("Period"),
        required=False,
        coerce=int,
        choices=[("7", _("7 days")), ("", _("30 days")), ("90", _("90 days"))],
    )
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), required=False, empty_label=_("all"))

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "filter_%s", **options})
        offer_seen_shops(self, scope)

    @property
    def wish(self) -> dict[str, Any]:
        self.is_valid()
        shop = self.cleaned_data.get("shop")
        return {"days": self.cleaned_data.get("days") or self.DAYS, **({"shop": shop} if shop else {})}

    @property
    def chosen(self) -> dict[str, Any]:
        """The same as an address says it."""
        return {name: self[name].value() for name in ("days", "shop") if self.wish.get(name) and self[name].value()}


class CausesRowsFilter(CausesFilter):
    """A mark of the charts: a kind of trouble, or a day and perhaps a cause."""

    code = forms.ChoiceField(label=_("Trouble"), required=False, choices=[("", _("all")), *Finding.Code.choices])
    cause = forms.ChoiceField(label=_("Cause"), required=False, choices=[("", _("all")), *Finding.Cause.choices])
    day = DayField(label=_("Day"), required=False)

    @property
    def wish(self) -> dict[str, Any]:
        chosen = super().wish
        return chosen | {name: said for name in ("code", "cause", "day") if (said := self.cleaned_data.get(name))}


class DismissForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it is a false alarm"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class DismissManyForm(DismissForm):
    """Shown with the chosen findings once they are chosen, and sent with a reason then."""

    step = forms.CharField(widget=forms.HiddenInput, initial="reason")
