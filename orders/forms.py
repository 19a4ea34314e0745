"""The shape of what people type about findings, parcels and imports."""

import re
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel import clock
from orders.couriers import courier_name, couriers
from orders.models import Coverage, Finding, Import, Order, TrackingEvent, Verification
from orders.readers.fields import FIELDS, NEEDED
from orders.ruling import CHOICES, MOST_HOURS, UNITS, Unit
from orders.selectors.columns import Columns
from orders.services import Scan
from orders.words import COLUMNS, RULES
from people.models import Employee, Role, Shop
from people.scope import Scope


def offer_seen_shops(form: forms.Form, scope: Scope) -> None:
    """A filter by shop, where the viewer sees more than one."""
    shops = Shop.objects.filter(scope.at_shops("pk")).order_by("name")
    form.fields["shop"].queryset = shops
    if len(shops) < 2:
        del form.fields["shop"]


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
        empty_value=DAYS,
        choices=[("7", _("7 days")), ("", _("30 days")), ("90", _("90 days"))],
    )
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), required=False, empty_label=_("all"))

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, auto_id="filter_%s", **options)
        offer_seen_shops(self, scope)

    @property
    def wish(self) -> dict[str, Any]:
        self.is_valid()
        shop = self.cleaned_data.get("shop")
        return {"days": self.cleaned_data.get("days") or self.DAYS, **({"shop": shop} if shop else {})}


def offer_all_shops(field: forms.Field, scope: Scope) -> None:
    """All shops at once are an administrator's to choose."""
    field.required, field.empty_label = (False, _("all shops")) if scope.is_administrator else (True, None)


class RuleForm(forms.Form):
    """A new value of a rule, from a day on."""

    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("For"))
    starts_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    source = forms.CharField(label=_("Why, or where it is written"), max_length=200)

    def __init__(self, *args: Any, key: str, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        self.key, self.unit = key, UNITS[key]
        shops = Shop.objects.filter(scope.at_shops("pk", Role.MANAGER, reading=False), is_active=True)
        self.fields["shop"].queryset = shops.order_by("name")
        offer_all_shops(self.fields["shop"], scope)
        self.fields = {**self._value_fields(), **self.fields}

    def _value_fields(self) -> dict[str, forms.Field]:
        text = forms.Textarea(attrs={"rows": 3})
        if self.unit == Unit.HOURS:
            return {"hours": forms.IntegerField(label=_("Hours"), min_value=1, max_value=MOST_HOURS)}
        if self.unit == Unit.LOSS:
            return {
                "percent": forms.IntegerField(label=_("Percent of the order"), min_value=0, max_value=100),
                "least": forms.DecimalField(label=_("At least, in yuan"), min_value=0, max_value=100_000),
                "most": forms.DecimalField(label=_("At most, in yuan"), min_value=0, max_value=100_000),
            }
        if self.unit == Unit.CHOICE:
            choices = list(CHOICES[self.key].items())
            return {"choice": forms.ChoiceField(label=RULES[self.key], choices=choices, widget=forms.RadioSelect)}
        if self.unit == Unit.PATTERNS:
            help_text = _(
                "One courier a line: its code, a space, the pattern, e.g. yto ^YT\\d{13}$. Only \\d, [ ], { }, |, ( ), "
                "^ and $ beside letters and digits. A courier left out is not checked."
            )
            area = forms.Textarea(attrs={"rows": 12, "class": "tail", "spellcheck": "false"})
            label = _("Patterns")
            return {"patterns": forms.CharField(label=label, widget=area, max_length=5000, help_text=help_text)}
        help_text = _("One group a line, provinces parted by spaces.") if self.unit == Unit.GROUPS else ""
        return {"places": forms.CharField(label=_("Provinces"), widget=text, max_length=2000, help_text=help_text)}

    @property
    def value(self) -> Any:
        data = self.cleaned_data
        if self.unit == Unit.HOURS:
            return data["hours"]
        if self.unit == Unit.CHOICE:
            return data["choice"]
        if self.unit == Unit.LOSS:
            return {"percent": data["percent"], "least": int(data["least"] * 100), "most": int(data["most"] * 100)}
        if self.unit == Unit.PATTERNS:
            lines = (line.split(None, 1) for line in data["patterns"].splitlines() if line.strip())
            return {line[0]: line[1].strip() if len(line) > 1 else "" for line in lines}
        groups = [re.split(r"[\s,，、]+", line.strip()) for line in data["places"].splitlines() if line.strip()]
        return groups if self.unit == Unit.GROUPS else [name for group in groups for name in group]

    @staticmethod
    def written(unit: Unit, value: Any) -> dict[str, Any]:
        """A value as the form's fields have it."""
        if unit in (Unit.HOURS, Unit.CHOICE):
            return {str(unit): value}
        if unit == Unit.LOSS:
            return {
                "percent": value["percent"],
                "least": f"{value['least'] / 100:g}",
                "most": f"{value['most'] / 100:g}",
            }
        if unit == Unit.PATTERNS:
            return {"patterns": "\n".join(f"{code} {pattern}" for code, pattern in value.items())}
        return {"places": "\n".join(" ".join(g) for g in value) if unit == Unit.GROUPS else " ".join(value)}


class MoveForm(forms.Form):
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("For"))
    paid_from = forms.DateTimeField(label=_("Paid from"))
    paid_until = forms.DateTimeField(label=_("Paid until"))
    ship_by = forms.DateTimeField(label=_("To be shipped by"))
    reason = forms.CharField(label=_("Why, or where it is written"), max_length=200)

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("client_id", uuid.uuid4())
        super().__init__(*args, auto_id="move_%s", **options)
        shops = Shop.objects.filter(scope.at_shops("pk", Role.MANAGER, reading=False), is_active=True)
        self.fields["shop"].queryset = shops.order_by("name")
        offer_all_shops(self.fields["shop"], scope)
        for name in ("paid_from", "paid_until", "ship_by"):
            self.fields[name].widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class DismissForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it is a false alarm"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class DismissManyForm(DismissForm):
    """Shown with the chosen findings once they are chosen, and sent with a reason then."""

    step = forms.CharField(widget=forms.HiddenInput, initial="reason")


class ScanForm(forms.Form):
    """A scan at the bench. `parcel`: the key of the scan that began the parcel into which goods are scanned. Offline
    scans also say when they were made and what the phone told."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    scanned = forms.CharField(max_length=200, strip=True)
    parcel = forms.UUIDField(required=False)
    pieces = forms.IntegerField(required=False, min_value=1, max_value=999)
    answered_at = forms.DateTimeField(required=False)
    told = forms.ChoiceField(required=False, choices=[("", ""), *Verification.Verdict.choices])

    def scan(self, employee: Employee, site_id: int) -> Scan:
        data, now = self.cleaned_data, clock.now()
        at = min(data["answered_at"] or now, now)
        received_at = now if data["answered_at"] else None
        return Scan(data["scanned"], employee, site_id, data["client_id"], at, data["told"], received_at)


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
        super().__init__(*args, auto_id="filter_%s", **options)
        offer_seen_shops(self, scope)

    @property
    def wish(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data


class BarcodeForm(forms.Form):
    code = forms.CharField(label=_("Barcode"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    pieces = forms.IntegerField(label=_("Pieces in the pack"), min_value=1, max_value=9999, initial=1)


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
        self.fields["shop"].queryset = shops.order_by("name")


class TeachForm(forms.Form):
    parcel = forms.IntegerField()
    code = forms.CharField(max_length=200)
    key = forms.CharField(max_length=200, strip=False)


class ProductPhotoForm(forms.Form):
    client_id = forms.UUIDField()
    photo = forms.FileField()


class PhotoForm(forms.Form):
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    photo = forms.FileField()


class UndoForm(forms.Form):
    client_id = forms.UUIDField()
    verification = forms.IntegerField()


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; cleans to a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in given or [None]]


class ImportForm(forms.Form):
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), empty_label=None)
    files = FilesField(
        label=_("Files"),
        widget=FilesInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls"}),
        help_text=_(
            "Order report, item report, label log, courier tracking: CSV or Excel, as exported, all at once or one by "
            "one. What each is, is told by its column names."
        ),
    )

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("client_id", uuid.uuid4())
        super().__init__(*args, **options)
        shops = Shop.objects.filter(scope.at_shops("pk", Role.MANAGER, reading=False), is_active=True)
        self.fields["shop"].queryset = shops.order_by("name")


class ColumnsForm(forms.Form):
    """Which column of a file is what, and what its states mean."""

    def __init__(self, *args: Any, seen: Columns, **options: Any) -> None:
        super().__init__(*args, **options)
        self.seen = seen
        either = {field: group for group in NEEDED[seen.kind] for field in group}
        for field in FIELDS[seen.kind]:
            self.fields[f"column_{field}"] = forms.TypedChoiceField(
                label=COLUMNS[field],
                required=len(either.get(field, ())) == 1,
                coerce=int,
                empty_value=None,
                choices=[("", _("not in the file")), *seen.choices],
                initial=seen.columns.get(field, ""),
                help_text=_("One of the two is needed.") if len(either.get(field, ())) == 2 else "",
            )
        states = Order.Status if seen.kind == "orders" else TrackingEvent.Status
        for n, word in enumerate(seen.words):
            self.fields[f"state_{n}"] = forms.ChoiceField(
                label=word,
                required=False,
                choices=[("", _("not said")), *((v, name) for v, name in states.choices if v != "unknown")],
                initial=seen.statuses.get(word, ""),
            )

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith("column_")]

    @property
    def state_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith("state_")]

    @property
    def columns(self) -> dict[str, int]:
        data = self.cleaned_data
        return {field: at for field in FIELDS[self.seen.kind] if (at := data[f"column_{field}"]) is not None}

    @property
    def statuses(self) -> dict[str, str]:
        return {word: said for n, word in enumerate(self.seen.words) if (said := self.cleaned_data[f"state_{n}"])}


class ImportFilter(forms.Form):
    """The list's filter, in the URL; a value that makes no sense filters nothing."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("all")), *Import.State.choices])
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), required=False, empty_label=_("all"))

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, auto_id="filter_%s", **options)
        self.fields["shop"].queryset = Shop.objects.filter(scope.at_shops("pk", Role.MANAGER)).order_by("name")

    @property
    def wish(self) -> dict[str, Any]:
        self.is_valid()
        return {key: value for key, value in self.cleaned_data.items() if value}


class CoverageForm(forms.Form):
    """What an import speaks for: couriers (none chosen: all of them) and a period."""

    couriers = forms.MultipleChoiceField(
        label=_("Couriers"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None ticked: all.")
    )
    starts_at = forms.DateTimeField(label=_("From"))
    ends_at = forms.DateTimeField(label=_("To"))

    def __init__(self, *args: Any, coverage: Coverage, **options: Any) -> None:
        options.setdefault(
            "initial",
            {"couriers": coverage.couriers, "starts_at": coverage.starts_at, "ends_at": coverage.ends_at},
        )
        super().__init__(*args, auto_id=f"coverage{coverage.pk}_%s", **options)
        self.coverage = coverage
        self.fields["couriers"].choices = [(code, courier_name(code)) for code in couriers()]
        if coverage.side == Coverage.Side.LABELS:
            del self.fields["couriers"]
        for name in ("starts_at", "ends_at"):
            self.fields[name].widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] < data["starts_at"]:
            raise forms.ValidationError(_("The period ends before it starts."))
        return data
