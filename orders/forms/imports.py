"""The shape of what people type about imports."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.fields import MomentField, by_clock_of, choice_field, field_of, row_field
from kernel.forms import ask_which, be_conditional
from orders.couriers import courier_name, couriers, known_couriers
from orders.models import Coverage, Import, Order, TrackingEvent
from orders.readers.fields import FIELDS, NEEDED
from orders.selectors.columns import Columns
from orders.words import COLUMNS, LABEL_STATES, REFUND_MEANINGS
from people.fields import PersonField
from people.models import Role, Shop
from people.scope import Scope
from people.selectors import working_at

STATES: dict[str, list[tuple[str, Any]]] = {
    "orders": Order.Status.choices,
    "labels": list(LABEL_STATES.items()),
    "tracking": TrackingEvent.Status.choices,
}


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; cleans to a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in given or [None]]


class OperatorForm(forms.Form):
    employee = PersonField(label=_("Employee number or name"), required=False)

    def __init__(self, data: Any, *, site_id: int) -> None:
        super().__init__(data)
        field_of(self, "employee", PersonField).queryset = working_at(site_id)


class ImportForm(forms.Form):
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"))
    files = FilesField(  # type: ignore[assignment]  # a field's name is no attribute of its form
        label=_("Files"),
        widget=FilesInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls,.xlsb,.ods,.htm,.html,.mht,.xml,.zip"}),
        help_text=_(
            "Order report, item report, label log, courier tracking: CSV, Excel or a ZIP of them, as exported, all at "
            "once or one by one. What each is, is told by its column names."
        ),
    )

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("client_id", uuid.uuid4())
        super().__init__(*args, **options)
        shops = Shop.objects.filter(scope.at_shops("pk", Role.MANAGER, reading=False), is_active=True)
        row_field(self, "shop").queryset = shops.order_by("name")
        ask_which(row_field(self, "shop"))


class ColumnsForm(forms.Form):
    """Which column of a file is what, and what its words mean: states, what is said of refunds, couriers' names."""

    def __init__(self, *args: Any, seen: Columns, **options: Any) -> None:
        super().__init__(*args, **options)
        self.seen = seen
        either = {field: group for group in NEEDED[seen.kind] for field in group}
        for field in FIELDS[seen.kind]:
            self.fields[f"column_{field}"] = forms.TypedChoiceField(
                label=str(COLUMNS[field]),
                required=len(either.get(field, ())) == 1,
                coerce=int,
                empty_value=None,
                choices=[("", _("not in the file")), *seen.choices],
                initial=seen.columns.get(field, ""),
                help_text=_("One of the two is needed.") if len(either.get(field, ())) == 2 else "",
            )
            if len(either.get(field, ())) == 2:
                be_conditional(self.fields[f"column_{field}"])
        states = STATES.get(seen.kind, [])
        for n, word in enumerate(seen.words):
            self.fields[f"state_{n}"] = forms.ChoiceField(
                label=word,
                required=False,
                choices=[("", _("not said")), *((v, name) for v, name in states if v.lower() != "unknown")],
                initial=seen.statuses.get(word, ""),
            )

        self._ask("refund", seen.refund_words, seen.refunds, REFUND_MEANINGS.items())
        self._ask("courier", seen.courier_names, seen.couriers, [(c, courier_name(c)) for c in known_couriers()])

    def _ask(self, name: str, words: list[str], said: dict[str, str], choices: Iterable[tuple[str, Any]]) -> None:
        given = [("?", _("not said")), *choices]
        for n, word in enumerate(words):
            self.fields[f"{name}_{n}"] = forms.ChoiceField(
                label=word, required=False, choices=given, initial=said.get(word, "?") or "none"
            )

    def _answers(self, name: str, words: list[str]) -> dict[str, str]:
        data = self.cleaned_data
        return {word: said for n, word in enumerate(words) if (said := data[f"{name}_{n}"] or "?") != "?"}

    def _fields(self, name: str) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith(f"{name}_")]

    @property
    def refund_fields(self) -> list[forms.BoundField]:
        return self._fields("refund")

    @property
    def courier_fields(self) -> list[forms.BoundField]:
        return self._fields("courier")

    @property
    def refunds(self) -> dict[str, str]:
        found = self._answers("refund", self.seen.refund_words)
        return {word: "" if said == "none" else said for word, said in found.items()}

    @property
    def couriers(self) -> dict[str, str]:
        return self._answers("courier", self.seen.courier_names)

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
        super().__init__(*args, **{"auto_id": "filter_%s", **options})
        row_field(self, "shop").queryset = Shop.objects.filter(scope.at_shops("pk", Role.MANAGER)).order_by("name")

    @property
    def wish(self) -> dict[str, Any]:
        self.is_valid()
        return {key: value for key, value in self.cleaned_data.items() if value}


class CoverageForm(forms.Form):
    """What an import speaks for: couriers (none chosen: all of them) and a period."""

    couriers = forms.MultipleChoiceField(
        label=_("Couriers"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None ticked: all.")
    )
    starts_at = MomentField(label=_("From"))
    ends_at = MomentField(label=_("To"))

    def __init__(self, *args: Any, coverage: Coverage, **options: Any) -> None:
        options.setdefault(
            "initial",
            {"couriers": coverage.couriers, "starts_at": coverage.starts_at, "ends_at": coverage.ends_at},
        )
        super().__init__(*args, **{"auto_id": f"coverage{coverage.pk}_%s", **options})
        self.coverage = coverage
        by_clock_of(self, coverage.shop.site.zone)
        choice_field(self, "couriers").choices = [(code, courier_name(code)) for code in couriers()]
        if coverage.side == Coverage.Side.LABELS:
            del self.fields["couriers"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] < data["starts_at"]:
            raise forms.ValidationError(_("The period ends before it starts."))
        return data
