"""The shape of what people type about cases."""

import re
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import Case, ContactLog, CourierStation, PointRule
from cases.selectors import colleagues_of, heard_in, owners_of
from kernel import clock
from kernel.text import localized
from orders.couriers import courier_name, couriers
from orders.forms import offer_all_shops, offer_seen_shops
from people.models import Employee, Role, Shop, Site
from people.scope import Scope
from people.selectors import day_of
from training.models import Module


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
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), required=False, empty_label=_("all"))
    sort = forms.ChoiceField(
        label=_("Order by"),
        required=False,
        choices=[("", _("soonest first")), ("newest", _("newest first")), ("number", _("number"))],
    )
    overdue = forms.BooleanField(label=_("only overdue"), required=False)

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, auto_id="filter_%s", **options)
        people = [(str(p.pk), p.name) for p in owners_of(scope)]
        self.fields["owner"].choices = [("", _("all")), ("me", _("me")), ("nobody", _("nobody yet")), *people]
        offer_seen_shops(self, scope)

    @property
    def wish(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data


class Repeatable(forms.Form):
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
        if any(len(n) > 40 for n in numbers):
            raise forms.ValidationError(_("A number has at most 40 characters."))
        return numbers


class CaseForm(Repeatable):
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), empty_label=None)
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
    source = forms.ChoiceField(label=_("Where it came from"), choices=Case.Source.choices, initial=Case.Source.PERSON)
    finding = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        shops = Shop.objects.filter(scope.at_shops("pk", Role.EMPLOYEE, reading=False), is_active=True)
        self.fields["shop"].queryset = shops.select_related("site").order_by("name")

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
        given = [pk for pk in data.getlist("finding") if pk.isdecimal() and len(pk) < 16]
        self.fields["finding"].choices = [(pk, pk) for pk in given]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        return {"client_id": data.get("client_id"), "finding_ids": [int(pk) for pk in data.get("finding", ())]}


class ContactForm(Repeatable):
    whom = forms.ChoiceField(label=_("Whom"), choices=ContactLog.Whom.choices)
    channel = forms.ChoiceField(label=_("Channel"), choices=ContactLog.Channel.choices)
    said = forms.CharField(label=_("What was said"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))
    promised = forms.CharField(
        label=_("What was promised"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    follow_up_at = forms.DateTimeField(
        label=_("Ask again at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
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
    note = forms.CharField(
        label=_("New waybill, refund number, who confirmed it"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class CloseForm(Repeatable):
    note = forms.CharField(
        label=_("Closing word"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReopenForm(Repeatable):
    note = forms.CharField(label=_("Why it is reopened"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class AssignForm(forms.Form):
    to = forms.ModelChoiceField(None, label=_("Give it to"), empty_label=None)

    def __init__(self, *args: Any, case: Case, **options: Any) -> None:
        super().__init__(*args, auto_id="assign_%s", **options)
        self.fields["to"].queryset = colleagues_of(case, clock.now())


class StatementForm(Repeatable):
    """One's own words, or, for a lead, those of somebody who was heard."""

    employee = forms.ModelChoiceField(None, label=_("Whose words"), empty_label=None)
    text = forms.CharField(label=_("What they say happened"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    is_own_report = forms.BooleanField(
        label=_("Reported by themselves, before anybody noticed"),
        required=False,
        help_text=_("Never held against them."),
    )

    def __init__(self, *args: Any, case: Case, viewer: Employee, may_lead: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        people = colleagues_of(case, clock.now()) if may_lead else Employee.objects.filter(pk=viewer.pk)
        self.fields["employee"].queryset = people
        if not may_lead:
            self.fields["employee"].widget = forms.HiddenInput()
            self.fields["text"].label = _("What happened, in your words")
        self.fields["employee"].initial = viewer.pk


class ResponsibleForm(Repeatable):
    employee = forms.ModelChoiceField(
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
        self.fields["employee"].queryset = heard_in(case)


class RetrainingRuleForm(forms.Form):
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("For"))
    cause = forms.ChoiceField(label=_("Cause"), choices=Case.Cause.choices)
    role = forms.ChoiceField(label=_("Role"), choices=[c for c in Role.choices if c[0] != Role.AUDITOR])
    module = forms.ModelChoiceField(None, label=_("Module"), empty_label=None)
    days = forms.IntegerField(label=_("Days to do it"), min_value=1, max_value=90, initial=7)
    starts_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("starts_on", day_of(clock.now()))
        super().__init__(*args, **options)
        offer_managed_shops(self, scope)
        modules = Module.objects.filter(is_active=True, current__isnull=False).order_by("slug")
        self.fields["module"].queryset = modules
        self.fields["module"].label_from_instance = lambda module: localized(module.title)


class EvidenceForm(Repeatable):
    evidence = forms.CharField(
        label=_("What proves it"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Scans, signed handovers, photos: what the person can look at and contest."),
    )


class DecisionForm(forms.Form):
    """A yes or no, with a reason."""

    word = forms.ChoiceField(choices=[("yes", _("yes")), ("no", _("no"))])
    reason = forms.CharField(max_length=500, required=False)

    @property
    def is_yes(self) -> bool:
        return self.cleaned_data["word"] == "yes"


class AppealForm(Repeatable):
    text = forms.CharField(label=_("Why it is not right"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=500)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class RewardForm(forms.Form):
    occasion = forms.ChoiceField(label=_("For"), choices=PointRule.Occasion.choices)
    points = forms.IntegerField(label=_("Points"), min_value=0, max_value=20, help_text=_("0: none."))
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"))
    starts_on = _day(_("From"))

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("starts_on", day_of(clock.now()))
        super().__init__(*args, auto_id="reward_%s", **options)
        offer_managed_shops(self, scope)


class DeductionRuleForm(forms.Form):
    cause = forms.ChoiceField(label=_("Cause"), choices=Case.Cause.choices, initial=Case.Cause.MANUAL_ENTRY)
    points = forms.IntegerField(label=_("Points taken"), min_value=1, max_value=20)
    monthly_cap = forms.IntegerField(label=_("At most in a month"), min_value=1, max_value=100)
    text = forms.CharField(
        label=_("The rule as staff read it"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    discussed_on = _day(_("Discussed with staff on"))
    discussed_how = forms.CharField(
        label=_("How, and with whom"),
        max_length=300,
        help_text=_("The meeting, who spoke for the staff, what changed."),
    )
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"))
    starts_on = _day(_("From"))

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("starts_on", day_of(clock.now()))
        super().__init__(*args, auto_id="deduction_%s", **options)
        offer_managed_shops(self, scope)


def offer_managed_shops(form: forms.Form, scope: Scope) -> None:
    shops = Shop.objects.filter(scope.at_shops("pk", Role.MANAGER, reading=False), is_active=True)
    form.fields["shop"].queryset = shops.order_by("name")
    offer_all_shops(form.fields["shop"], scope)


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
