"""The shape of what people type about cases."""

import re
import unicodedata
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import Case, ContactLog, CourierStation
from cases.selectors import colleagues_for, colleagues_of, heard_in, owners_of
from cases.services.resolving import TELLS, lacking
from kernel import clock
from kernel.fields import DayField, IdField, MomentField, choice_field, field_of, name_rows, row_field
from kernel.forms import ConditionalForm, ask_which
from kernel.ids import read_ids
from kernel.numbers import CountField, NumberField
from kernel.text import localized
from orders.couriers import courier_name, couriers
from orders.forms.shops import offer_all_shops, offer_seen_shops
from people.fields import PersonField
from people.models import Employee, Role, Shop, Site
from people.scope import Scope
from training.models import Module

NUMBER = re.compile(r"(?=.*\d)[A-Z0-9]+(?:-[A-Z0-9]+)*", re.ASCII)


class CaseFilter(forms.Form):
    """The list's filter, in the URL; a value that makes no sense filters nothing."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Case, order or waybill")}),
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("to be worked on")), ("unclosed", _("not closed")), ("all", _("all")), *Case.Status.choices],
    )
    cause = forms.ChoiceField(label=_("Cause"), required=False, choices=[("", _("all")), *Case.Cause.choices])
    refund = forms.ChoiceField(
        label=_("Refund"), required=False, choices=[("", _("all")), *Case.RefundCondition.choices]
    )
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), required=False, empty_label=_("all"))
    sort = forms.ChoiceField(
        label=_("Order by"),
        required=False,
        choices=[("", _("soonest first")), ("newest", _("newest first")), ("number", _("number"))],
    )
    overdue = forms.BooleanField(label=_("only overdue"), required=False)

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "filter_%s", **options})
        people = [(str(p.pk), p.name) for p in owners_of(scope)]
        choice_field(self, "owner").choices = [("", _("all")), ("me", _("me")), ("nobody", _("nobody yet")), *people]
        offer_seen_shops(self, scope)

    @property
    def wish(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data


class Repeatable(ConditionalForm):
    """A form that may be sent twice; its key was made when it was shown."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("client_id", uuid.uuid4())
        options.setdefault("auto_id", f"{type(self).__name__.lower()}_%s")
        super().__init__(*args, **options)


class NumbersField(forms.CharField):
    """Order numbers or waybills, one a line or parted by spaces or commas."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": 2, "inputmode": "text"}), **options)

    def clean(self, value: Any) -> list[str]:
        numbers = [n for n in re.split(r"[\s,，;；、]+", super().clean(value)) if n]
        if len(numbers) > 200:
            raise forms.ValidationError(_("At most 200 numbers in one case."))
        return [checked_number(n) for n in numbers]


def checked_number(text: str) -> str:
    """An order number or waybill: letters and digits, hyphens between them; wide characters are forgiven."""
    number = unicodedata.normalize("NFKC", text).strip().upper()
    if len(number) > 40:
        raise forms.ValidationError(_("A number has at most 40 characters."))
    if not NUMBER.fullmatch(number):
        raise forms.ValidationError(_("“%(text)s” is no order number and no waybill."), params={"text": text[:40]})
    return number


class CaseForm(Repeatable):
    conditional = ("waybills", "orders", "note")

    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"))
    kind = forms.ChoiceField(label=_("What is wrong"), choices=Case.Kind.choices)
    waybills = NumbersField(label=_("Waybills"))
    orders = NumbersField(label=_("Order numbers"))
    note = forms.CharField(
        label=_("What happened"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    severity = forms.ChoiceField(label=_("How urgent"), choices=Case.Severity.choices, initial=Case.Severity.NORMAL)
    cause = forms.ChoiceField(
        label=_("Likely cause"), choices=[("", _("not known yet")), *Case.Cause.choices], required=False
    )
    refund_condition = forms.ChoiceField(
        label=_("The buyer's money goes back"),
        choices=[("", _("not agreed yet")), *Case.RefundCondition.choices],
        required=False,
    )
    source = forms.ChoiceField(
        label=_("Where it came from"), choices=[(source, source.label) for source in Case.BY_HAND]
    )
    finding = IdField(required=False)
    parcel = IdField(required=False)

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        shops = Shop.objects.filter(scope.at_shops("pk", Role.EMPLOYEE, reading=False), is_active=True)
        row_field(self, "shop").queryset = shops.select_related("site").order_by("name")
        if self["finding"].value() or self["parcel"].value():  # that says where it came from
            self.fields["source"].required, self.fields["source"].widget = False, forms.HiddenInput()
        ask_which(row_field(self, "shop"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not (data.get("waybills") or data.get("orders") or data.get("note")):
            raise forms.ValidationError(_("Give a waybill, an order number or a word about what happened."))
        return data


class ChosenForm(forms.Form):
    """Findings that somebody ticked on the board."""

    client_id = forms.UUIDField()
    finding = forms.MultipleChoiceField(required=True)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        choice_field(self, "finding").choices = [(pk, pk) for pk in read_ids(data.getlist("finding"))]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        return {"client_id": data.get("client_id"), "finding_ids": [int(pk) for pk in data.get("finding", ())]}


class GiveForm(forms.Form):
    """Cases that somebody ticked on the list, and who is to have them."""

    case = forms.MultipleChoiceField(required=True, widget=forms.MultipleHiddenInput)
    to = PersonField(label=_("Give to"))

    def __init__(self, data: Any, *, scope: Scope) -> None:
        super().__init__(data)
        ids = read_ids(data.getlist("case"))
        choice_field(self, "case").choices = [(pk, pk) for pk in ids]
        field_of(self, "to", PersonField).queryset = colleagues_for(scope, ids)

    @property
    def case_ids(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data["case"]]


class ContactForm(Repeatable):
    whom = forms.ChoiceField(label=_("Whom"), choices=ContactLog.Whom.choices)
    channel = forms.ChoiceField(label=_("Channel"), choices=ContactLog.Channel.choices)
    said = forms.CharField(label=_("What was said"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))
    promised = forms.CharField(
        label=_("What was promised"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    follow_up_at = MomentField(
        label=_("Ask again at"),
        required=False,
        help_text=_("It becomes a duty of the case's owner."),
    )


class NoteForm(Repeatable):
    note = forms.CharField(label=_("Note"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class StatusForm(Repeatable):
    status = forms.ChoiceField(
        label=_("Status"), choices=[c for c in Case.Status.choices if c[0] in {str(s) for s in Case.ACTIVE}]
    )


class ResolveForm(Repeatable):
    cause = forms.ChoiceField(label=_("Cause"), choices=[("", "—"), *Case.Cause.choices])
    resolution = forms.ChoiceField(label=_("How it was resolved"), choices=[("", "—"), *Case.Resolution.choices])
    waybill = forms.CharField(label=_("The right waybill"), max_length=40, required=False)
    confirmed_by = forms.CharField(label=_("Who at the courier confirmed it"), max_length=200, required=False)
    refund_yuan = NumberField(label=_("Refunded, in yuan"), required=False)
    condition_met = forms.BooleanField(label=_("The refund's condition is met"), required=False)
    note = forms.CharField(
        label=_("What was done"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    only_for = {
        name: ("resolution", [str(resolution) for resolution, told in TELLS.items() if name in told])
        for name in ("waybill", "confirmed_by", "refund_yuan", "condition_met")
    }
    conditional = ("waybill", "confirmed_by", "refund_yuan", "note")

    def clean_waybill(self) -> str:
        typed = self.cleaned_data["waybill"]
        return checked_number(typed) if typed else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if resolution := data.get("resolution"):
            for name in lacking(resolution, data):
                if name in self.errors:  # it was told, only wrongly
                    continue
                self.add_error(name, _("This resolution has to tell it."))
        return data


class RefundForm(Repeatable):
    refund_condition = forms.ChoiceField(
        label=_("The buyer's money goes back"), choices=[("", "—"), *Case.RefundCondition.choices]
    )
    note = forms.CharField(label=_("Note"), max_length=1000, required=False)


class CloseForm(Repeatable):
    note = forms.CharField(
        label=_("Closing word"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReopenForm(Repeatable):
    note = forms.CharField(label=_("Why it is reopened"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class AssignForm(forms.Form):
    to: forms.ModelChoiceField[Any] = forms.ModelChoiceField(None, label=_("Give it to"))

    def __init__(self, *args: Any, case: Case, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "assign_%s", **options})
        row_field(self, "to").queryset = colleagues_of(case)
        ask_which(row_field(self, "to"))


class StatementForm(Repeatable):
    """One's own words, or, for a lead, those of somebody who was heard."""

    employee: forms.ModelChoiceField[Any] = forms.ModelChoiceField(None, label=_("Whose words"), empty_label=None)
    text = forms.CharField(label=_("What they say happened"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    is_own_report = forms.BooleanField(
        label=_("Reported by themselves, before anybody noticed"),
        required=False,
        help_text=_("Never held against them."),
    )

    def __init__(self, *args: Any, case: Case, viewer: Employee, may_lead: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        people = colleagues_of(case) if may_lead else Employee.objects.filter(pk=viewer.pk)
        row_field(self, "employee").queryset = people
        if not may_lead:
            self.fields["employee"].widget = forms.HiddenInput()
            self.fields["text"].label = _("What happened, in your words")
        self.fields["employee"].initial = viewer.pk


class ResponsibleForm(Repeatable):
    conditional = ("proof",)

    employee: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        None, label=_("Responsible"), required=False, empty_label=_("still to be found out")
    )
    proof = forms.CharField(
        label=_("What proves that it passed through their hands"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("A signed handover, a scan, a photo. A log shows who printed, not who erred."),
    )

    def __init__(self, *args: Any, case: Case, **options: Any) -> None:
        super().__init__(*args, **options)
        row_field(self, "employee").queryset = heard_in(case)


class RetrainingRuleForm(forms.Form):
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("For"))
    cause = forms.ChoiceField(label=_("Cause"), choices=Case.Cause.choices)
    role = forms.ChoiceField(label=_("Role"), choices=[c for c in Role.choices if c[0] != Role.AUDITOR])
    module: forms.ModelChoiceField[Any] = forms.ModelChoiceField(None, label=_("Module"), empty_label=None)
    days = CountField(label=_("Days to do it"), min_value=1, max_value=90, initial=7)
    starts_on = DayField(label=_("From"))

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("starts_on", clock.today(scope.zone))
        super().__init__(*args, **options)
        offer_managed_shops(self, scope)
        modules = Module.objects.filter(scope.owned(), is_active=True, current__isnull=False).order_by("slug")
        row_field(self, "module").queryset = modules
        name_rows(self, "module", lambda module: localized(module.title))


def offer_managed_shops(form: forms.Form, scope: Scope) -> None:
    shops = Shop.objects.filter(scope.at_shops("pk", Role.MANAGER, reading=False), is_active=True)
    row_field(form, "shop").queryset = shops.order_by("name")
    offer_all_shops(form, scope)


class SayingForm(forms.Form):
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("For"))
    whom = forms.ChoiceField(label=_("Whom"), choices=[c for c in ContactLog.Whom.choices if c[0] != "other"])
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("every kind")), *Case.Kind.choices])
    cause = forms.ChoiceField(label=_("Cause"), required=False, choices=[("", _("every cause")), *Case.Cause.choices])
    text = forms.CharField(
        label=_("What to say"),
        required=False,
        max_length=2000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_(
            "{waybills} and {orders}: the case's numbers; {n}: how many waybills; {courier}, {shop}, {city}, {case}: "
            "names. A line whose fact is not known is left out. Empty: the words that ship with the product."
        ),
    )

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        shops = Shop.objects.filter(scope.at_shops("pk", Role.LEAD, reading=False), is_active=True)
        row_field(self, "shop").queryset = shops.order_by("name")
        offer_all_shops(self, scope)


class StationForm(forms.ModelForm):
    class Meta:
        model = CourierStation
        fields = ("site", "courier", "name", "person", "phone", "chat", "hours", "is_active")

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        sites = Site.objects.filter(scope.at_sites("pk", Role.LEAD, reading=False)).order_by("name")
        self.fields["site"] = forms.ModelChoiceField(sites, label=_("Site"), empty_label=None)
        self.fields["courier"] = forms.ChoiceField(
            label=_("Courier"), choices=[(code, courier_name(code)) for code in couriers()]
        )

    def validate_constraints(self) -> None:
        """The service says it in one sentence."""
