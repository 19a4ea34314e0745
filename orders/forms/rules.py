"""The shape of what people type about rules."""

import re
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.fields import DayField, MomentField, by_clock_of_choice, row_field
from kernel.numbers import CountField, NumberField
from orders.couriers import courier_code, courier_name
from orders.forms.shops import offer_all_shops
from orders.ruling import CHOICES, MOST_HOURS, UNITS, Unit
from orders.words import RULES
from people.models import Role, Shop
from people.scope import Scope


class RuleForm(forms.Form):
    """A new value of a rule, from a day on."""

    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("For"))
    starts_on = DayField(label=_("From"))
    source = forms.CharField(label=_("Why, or where it is written"), max_length=200)

    def __init__(self, *args: Any, key: str, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        self.key, self.unit = key, UNITS[key]
        shops = Shop.objects.filter(scope.at_shops("pk", Role.MANAGER, reading=False), is_active=True)
        row_field(self, "shop").queryset = shops.order_by("name")
        offer_all_shops(self, scope)
        self.fields = {**self._value_fields(), **self.fields}

    def _value_fields(self) -> dict[str, forms.Field]:
        text = forms.Textarea(attrs={"rows": 3})
        if self.unit == Unit.HOURS:
            return {"hours": CountField(label=_("Hours"), min_value=1, max_value=MOST_HOURS)}
        if self.unit == Unit.LOSS:
            return {
                "percent": CountField(label=_("Percent of the order"), min_value=0, max_value=100),
                "least": NumberField(label=_("At least, in yuan"), min_value=0, max_value=100_000),
                "most": NumberField(label=_("At most, in yuan"), min_value=0, max_value=100_000),
            }
        if self.unit == Unit.CHOICE:
            choices = list(CHOICES[self.key].items())
            return {"choice": forms.ChoiceField(label=str(RULES[self.key]), choices=choices, widget=forms.RadioSelect)}
        if self.unit == Unit.PATTERNS:
            help_text = _(
                "One courier a line: its name, a space, what its numbers look like. E.g. YTO ^YT\\d{13}$ is YT and 13 "
                "digits: ^ is the beginning and $ the end, \\d one digit, {13} thirteen times, [34] a 3 or a 4, "
                "| means “or”. A courier left out is not checked."
            )
            area = forms.Textarea(attrs={"rows": 12, "class": "tail", "spellcheck": "false"})
            label = _("Patterns")
            return {"patterns": forms.CharField(label=label, widget=area, max_length=5000, help_text=help_text)}
        told = _("One group a line, provinces parted by spaces.") if self.unit == Unit.GROUPS else ""
        return {"places": forms.CharField(label=_("Provinces"), widget=text, max_length=2000, help_text=told)}

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
            lines = (line.rsplit(None, 1) for line in data["patterns"].splitlines() if line.strip())
            return {courier_code(line[0]): line[1] if len(line) > 1 else "" for line in lines}
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
            return {"patterns": "\n".join(f"{courier_name(code)} {pattern}" for code, pattern in value.items())}
        return {"places": "\n".join(" ".join(g) for g in value) if unit == Unit.GROUPS else " ".join(value)}


class MoveForm(forms.Form):
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("For"))
    paid_from = MomentField(label=_("Paid from"))
    paid_until = MomentField(label=_("Paid until"))
    ship_by = MomentField(label=_("To be shipped by"))
    reason = forms.CharField(label=_("Why, or where it is written"), max_length=200)

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("client_id", uuid.uuid4())
        super().__init__(*args, **{"auto_id": "move_%s", **options})
        shops = Shop.objects.filter(scope.at_shops("pk", Role.MANAGER, reading=False), is_active=True)
        row_field(self, "shop").queryset = shops.order_by("name")
        offer_all_shops(self, scope)
        zones = dict(shops.values_list("pk", "site__zone"))
        by_clock_of_choice(self, "shop", zones | ({0: clock.company_zone()} if scope.is_administrator else {}))
