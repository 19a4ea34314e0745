"""The shape of what people type about findings and parcels."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.couriers import courier_name, couriers
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

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, auto_id="filter_%s", **options)
        self.fields["courier"].choices = [("", _("all")), *((code, courier_name(code)) for code in couriers())]
        shops = Shop.objects.filter(scope.at_shops("pk")).order_by("name")
        self.fields["shop"].queryset = shops
        if len(shops) < 2:
            del self.fields["shop"]

    @property
    def wish(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data


class DismissForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it is a false alarm"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class ScanForm(forms.Form):
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    scanned = forms.CharField(max_length=200, strip=True)



class UndoForm(forms.Form):
    client_id = forms.UUIDField()
    verification = forms.IntegerField()
