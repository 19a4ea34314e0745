"""The shape of what people scan and type at the bench, and about goods."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.fields import IdField, StampField, row_field
from kernel.numbers import CountField
from orders.forms.shops import offer_seen_shops
from orders.models import Verification
from orders.services import Scan
from people.models import Employee, Role, Shop
from people.scope import Scope

OLDEST = timedelta(days=7)  # no scan waits longer on a phone


class ScanForm(forms.Form):
    """A scan at the bench. `parcel`: the key of the scan that began the parcel into which goods are scanned. Offline
    scans also say when they were made and sent, by the phone's clock, and what the phone told."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    scanned = forms.CharField(max_length=200, strip=True)
    parcel = forms.UUIDField(required=False)
    pieces = CountField(required=False, min_value=1, max_value=999)
    meant = forms.BooleanField(required=False, label=_("Two pieces: count it again"))  # the same code, on another
    answered_at = StampField(required=False)
    sent_at = StampField(required=False)
    told = forms.ChoiceField(required=False, choices=[("", ""), *Verification.Verdict.choices])

    def scan(self, employee: Employee, site_id: int) -> Scan:
        data, now = self.cleaned_data, clock.now()
        at = clock.moment_on(data["answered_at"], data["sent_at"], now, earliest=now - OLDEST)
        received_at = now if data["answered_at"] else None
        return Scan(data["scanned"], employee, site_id, data["client_id"], at, data["told"], received_at)


class CountedForm(forms.Form):
    """Which of today's counts is asked about; what makes no sense asks about all."""

    employee = forms.IntegerField(required=False, min_value=1, max_value=2**53)
    hour = forms.IntegerField(required=False, min_value=0, max_value=23)
    verdict = forms.ChoiceField(required=False, choices=[("", ""), ("passed", ""), ("stopped", "")])

    @property
    def wish(self) -> dict[str, Any]:
        self.is_valid()
        return {name: said for name, said in self.cleaned_data.items() if said not in (None, "")}


class EndForm(forms.Form):
    client_id = forms.UUIDField()
    parcel = forms.UUIDField()


class ProductFilter(forms.Form):
    """The list's filter, in the URL; a value that makes no sense filters nothing."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name, seller code or barcode")}),
    )
    state = forms.ChoiceField(
        label=_("Barcodes"),
        required=False,
        choices=[("", _("all")), ("without", _("without a barcode")), ("with", _("with a barcode"))],
    )
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), required=False, empty_label=_("all"))

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "filter_%s", **options})
        offer_seen_shops(self, scope)

    @property
    def wish(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data


class BarcodeForm(forms.Form):
    code = forms.CharField(label=_("Barcode"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    pieces = CountField(label=_("Pieces in the pack"), min_value=1, max_value=9999, initial=1)


class BarcodesForm(forms.Form):
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), empty_label=None)
    text = forms.CharField(
        label=_("Barcodes"),
        max_length=500_000,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 12, "class": "tail", "placeholder": "6901234567892\tA-100\n16901234567899\tA-100\t6"}
        ),
        help_text=_(
            "Copy the columns barcode, seller code and, where a pack holds several, pieces from a spreadsheet."
        ),
    )

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        shops = Shop.objects.filter(scope.at_shops("pk", Role.LEAD, reading=False), is_active=True)
        row_field(self, "shop").queryset = shops.order_by("name")


class TeachForm(forms.Form):
    parcel = IdField()
    code = forms.CharField(label=_("Barcode"), max_length=200)
    key = forms.CharField(label=_("Goods"), max_length=200, strip=False)


class ProductPhotoForm(forms.Form):
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    photo = forms.FileField(
        label=_("Photo"),
        error_messages={"required": _("Choose a photo of the product.")},
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
    )


class PhotoForm(forms.Form):
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    photo = forms.FileField(
        label=_("Photo"),
        error_messages={"required": _("Choose a photo of the label.")},
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
    )


class UndoForm(forms.Form):
    client_id = forms.UUIDField()
    verification = IdField()
