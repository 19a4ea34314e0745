"""The shape of what people type about runs, answers and schedules; whether it is true the services judge."""

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from checklists.details import Details
from checklists.models import Answer, Checklist, Item, Run, SampleScan
from checklists.photos import clean_photo
from checklists.selectors import crew_of, shops_of
from kernel import clock
from kernel.fields import DayField, HourField, MomentField, StampField, by_clock_of, name_rows, row_field
from kernel.forms import ConditionalForm
from kernel.numbers import NumberField
from kernel.text import localized
from people.models import Employee, Shift, Shop, Site
from people.scope import Scope

WEEKDAYS = [(str(number + 1), name) for number, name in WEEKDAYS_ABBR.items()]


class ClientKeyForm(ConditionalForm):
    """Carries the key by which a repeat is recognized, made when the form is shown."""

    client_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class AnswerForm(ClientKeyForm):
    """An answer to one item, as page and phone send it."""

    only_for = {
        **dict.fromkeys(("number", "text"), ("value", (Answer.Value.PASS, Answer.Value.FAIL))),
        **dict.fromkeys(
            ("correction", "correction_by", "correction_due", "with_case", "case_shop"), ("value", (Answer.Value.FAIL,))
        ),
        "reason": ("value", (Answer.Value.FAIL, Answer.Value.UNCHECKED, Answer.Value.NA)),
    }
    answered_at = StampField(required=False)
    value = forms.ChoiceField(choices=Answer.Value.choices, label=_("Answer"))
    sent_at = StampField(required=False)
    number = NumberField(required=False, min_value=None, max_value=None, label=pgettext_lazy("quantity", "Number"))
    text = forms.CharField(required=False, max_length=1000, label=_("Answer"))
    reason = forms.CharField(required=False, max_length=200, label=_("Reason"))
    note = forms.CharField(required=False, max_length=1000, label=_("What is wrong"))
    photo = forms.FileField(required=False, label=_("Photo"))
    with_case = forms.BooleanField(required=False, label=_("Open a case"))
    case_shop = forms.ModelChoiceField(Shop.objects.none(), required=False, label=_("For shop"))
    correction = forms.CharField(required=False, max_length=500, label=_("What is done about it"))
    correction_by = forms.ModelChoiceField(Employee.objects.none(), required=False, label=_("Who does it"))
    correction_due = MomentField(required=False, label=_("Until when"))
    because = forms.CharField(required=False, max_length=300, label=_("Why it is corrected"))

    def __init__(self, *args: Any, run: Run, item: Item, **options: Any) -> None:
        super().__init__(*args, **options)
        if item.case_kind and not run.shop_id:
            row_field(self, "case_shop").queryset = shops_of(run)
        if item.needs_correction:
            row_field(self, "correction_by").queryset = crew_of(run)
        self.item = item
        by_clock_of(self, run.site.zone)

    def clean_photo(self) -> bytes | None:
        upload = self.cleaned_data.get("photo")
        return clean_photo(upload) if upload else None

    def details(self) -> Details:
        data = self.cleaned_data
        names = ("number", "text", "reason", "note", "with_case", "case_shop", "correction", "correction_by")
        photos = (data["photo"],) if data.get("photo") else ()
        return Details(photos=photos, correction_due=data["correction_due"], **{name: data[name] for name in names})


class RunFilterForm(forms.Form):
    """What the list of runs shows."""

    STATES = [*Run.State.choices, ("missed", _("missed"))]

    when = forms.ChoiceField(
        choices=[("today", _("Today")), ("past", _("Past"))], required=False, widget=forms.HiddenInput
    )
    checklist = forms.ModelChoiceField(Checklist.objects.none(), required=False, label=_("Checklist"))
    state = forms.ChoiceField(choices=[("", _("All states")), *STATES], required=False, label=_("State"))
    day = DayField(required=False, label=_("Day"))

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        field = row_field(self, "checklist")
        field.queryset = Checklist.objects.filter(scope.owned()).order_by("slug")
        name_rows(self, "checklist", title_of)
        field.empty_label = _("All checklists")


def title_of(checklist: Checklist) -> str:
    return localized(checklist.title)


class StartForm(ClientKeyForm):
    """A run that a lead starts by hand."""

    checklist = forms.ModelChoiceField(
        Checklist.objects.none(), label=_("Checklist"), empty_label=pgettext_lazy("select", "Choose")
    )
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Site"), empty_label=pgettext_lazy("select", "Choose"))
    shop = forms.ModelChoiceField(Shop.objects.none(), required=False, label=_("Shop"), empty_label=_("all shops"))
    minutes = forms.TypedChoiceField(
        label=_("To be done within"),
        coerce=int,
        choices=[(30, _("30 min")), (60, _("1 h")), (120, _("2 h")), (240, _("4 h"))],
        initial=60,
    )

    def __init__(self, *args: Any, sites: QuerySet[Site], checklists: QuerySet[Checklist], **options: Any) -> None:
        super().__init__(*args, **options)
        row_field(self, "site").queryset = sites
        row_field(self, "site").empty_label = None
        row_field(self, "shop").queryset = Shop.objects.filter(site__in=sites, is_active=True)
        row_field(self, "checklist").queryset = checklists
        name_rows(self, "checklist", title_of)

    def options(self) -> dict[str, Any]:
        data = self.cleaned_data
        due_at = clock.now() + timedelta(minutes=data["minutes"])
        return {key: data[key] for key in ("checklist", "site", "shop", "client_id")} | {
            "due_at": due_at,
            "shift": None,
        }


class ScheduleForm(ClientKeyForm):
    """When a checklist opens by itself."""

    shift = forms.ModelChoiceField(
        Shift.objects.none(), label=_("Shift"), empty_label=pgettext_lazy("select", "Choose")
    )
    shop = forms.ModelChoiceField(Shop.objects.none(), required=False, label=_("Shop"), empty_label=_("all shops"))
    weekdays = forms.MultipleChoiceField(
        choices=WEEKDAYS, initial=list("1234567"), widget=forms.CheckboxSelectMultiple, label=_("Weekdays")
    )
    opens = HourField(label=_("Opens"))
    due = HourField(label=_("Due"))
    closes = HourField(
        required=False,
        label=_("Closes"),
        help_text=_("After this it counts as missed. Empty: at the end of the shift."),
    )

    def __init__(self, *args: Any, sites: QuerySet[Site], **options: Any) -> None:
        super().__init__(*args, **options)
        row_field(self, "shift").queryset = (
            Shift.objects.filter(site__in=sites, is_active=True).select_related("site").order_by("site", "starts")
        )
        name_rows(self, "shift", lambda s: f"{s.site.name} · {s.name} {s.starts:%H:%M}–{s.ends:%H:%M}")
        row_field(self, "shop").queryset = Shop.objects.filter(site__in=sites, is_active=True)

    def options(self) -> dict[str, Any]:
        names = ("shift", "shop", "opens", "due", "closes", "client_id")
        chosen = {name: self.cleaned_data[name] for name in names}
        return chosen | {"site": chosen["shift"].site, "weekdays": "".join(self.cleaned_data["weekdays"])}


class ReviewForm(ConditionalForm):
    conditional = ("note",)  # needed to send the run back

    note = forms.CharField(required=False, max_length=500, label=_("Note"), widget=forms.Textarea(attrs={"rows": 2}))


class PassForm(forms.Form):
    employee = forms.ModelChoiceField(
        Employee.objects.none(), label=_("Who"), empty_label=pgettext_lazy("select", "Choose")
    )
    reason = forms.CharField(max_length=300, label=_("Why"))

    def __init__(self, *args: Any, run: Run, by: Employee, **options: Any) -> None:
        super().__init__(*args, **options)
        row_field(self, "employee").queryset = crew_of(run).exclude(pk=by.pk)


class CorrectionForm(forms.Form):
    note = forms.CharField(max_length=500, label=_("What was done"), widget=forms.Textarea(attrs={"rows": 3}))


class ScanForm(ClientKeyForm):
    """A drawn parcel's number; typed, unless the page saw it come from a scanner."""

    scanned = forms.CharField(max_length=200, label=_("Waybill"))
    method = forms.ChoiceField(choices=SampleScan.Method.choices, required=False, widget=forms.HiddenInput)

    def clean_method(self) -> str:
        return self.cleaned_data["method"] or SampleScan.Method.TYPED
