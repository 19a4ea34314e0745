"""Filters of the matrix, as they stand in the URL."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.selectors import STATES, Filters, Period
from duties.models import Duty
from kernel import clock
from kernel.fields import DayField, MomentField, MomentInput, choice_field, row_field
from kernel.ids import read_id
from kernel.presence import present
from kernel.widgets import QuickSelect
from people.models import Role, Site, Team
from people.scope import Scope

PRESETS = {"today": _("today"), "7": _("last 7 days"), "30": _("last 30 days"), "month": _("this month")}
DEFAULT = "30"


def preset_days(preset: str, today: date) -> tuple[date, date]:
    """The first and last day of a preset; ends today."""
    if preset == "month":
        return today.replace(day=1), today
    return today - timedelta(days={"today": 0, "7": 6}.get(preset, 29)), today


class MatrixFilterForm(forms.Form):
    q = forms.CharField(
        label=_("Name or number"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name or number")}),
    )
    start = DayField(label=_("From"), required=False)
    end = DayField(label=_("To"), required=False)
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Site"), required=False, empty_label=_("all"))
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"), required=False, empty_label=_("all"))
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    order = forms.ChoiceField(
        label=_("Order by"),
        required=False,
        choices=[
            ("", _("trouble first")),
            ("name", pgettext_lazy("person", "name")),
            ("owing", _("most overdue first")),
            ("late", _("most late or missed first")),
        ],
    )
    owing = forms.BooleanField(label=_("Only who owes"), required=False)
    obligation = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    by = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    period = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    state = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        self.scope = scope
        row_field(self, "site").queryset = Site.objects.filter(scope.at_sites("pk", Role.LEAD)).order_by("name")
        choice_field(self, "kind").choices = [("", _("all")), *Duty.Kind.choices]
        self._choose_teams(scope)
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.widget = QuickSelect()
                field.choices = field.choices

    def _choose_teams(self, scope: Scope) -> None:
        """The teams of the site that is chosen, or of the only one there is; with many sites none before."""
        site, sites = str(self.data.get("site", "")), present(row_field(self, "site").queryset)
        teams = Team.objects.filter(scope.at_sites("site", Role.LEAD), is_active=True).order_by("name")
        if (chosen := read_id(site)) is not None:
            teams = teams.filter(site=chosen)
        elif len(sites) > 1 and not self.data.get("team"):
            teams = Team.objects.none()
        row_field(self, "team").queryset = teams
        if len(sites) < 2:
            del self.fields["site"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("start") and cleaned.get("end") and cleaned["end"] < cleaned["start"]:
            self.add_error("end", _("It ends before it starts."))
        return cleaned

    @property
    def preset(self) -> str:
        """The preset that is on; "" where days were chosen."""
        self.is_valid()
        if self.cleaned_data.get("start") or self.cleaned_data.get("end"):
            return ""
        wish = self.cleaned_data.get("period", "")
        return wish if wish in PRESETS else DEFAULT

    @property
    def link(self) -> dict[str, str]:
        """What a link carries to the rows that a number of this choice counted."""
        said = self.cleaned_data
        days = {"period": self.preset} if self.preset else {k: str(said[k]) for k in ("start", "end") if said.get(k)}
        site = said.get("site")
        kept = {
            "site": str(site.pk) if site else "",
            "kind": said.get("kind", ""),
            "obligation": said.get("obligation", ""),
        }
        return days | {key: value for key, value in kept.items() if value}

    def filters(self, *, always_period: bool = True) -> Filters:
        """What was chosen; the last 30 days where nothing was, and where what was given is no date.

        Without `always_period` nothing chosen means no period at all.
        """
        preset, said = self.preset, self.cleaned_data
        site, team = said.get("site"), said.get("team")
        zone = site.zone if site else self.scope.zone
        today = clock.today(zone)
        if preset:
            start, end = preset_days(preset, today)
        else:
            end = said.get("end") or max(today, said.get("start") or today)
            start = min(said.get("start") or end - timedelta(days=29), end)
        is_chosen = always_period or not preset or said.get("period", "") in PRESETS
        return Filters(
            Period(start, end, zone) if is_chosen else None,
            site.pk if site else None,
            team.pk if team else None,
            said.get("kind", ""),
            said.get("q", ""),
            (said.get("owing") and self.data.get("owing")) or "",
            said.get("obligation", ""),
            said.get("order", ""),
            said.get("state", "") if said.get("state", "") in STATES else "",
        )


class DownloadForm(forms.Form):
    """A chain as somebody downloaded it before."""

    download = forms.FileField(
        label=_("A download that you kept"),
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".jsonl"}),
    )

    def clean_download(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["download"]
        if (file.size or 0) > settings.UPLOAD_MAX_MB * 1024 * 1024:
            raise forms.ValidationError(_("This file is larger than %(n)s MB.") % {"n": settings.UPLOAD_MAX_MB})
        return file


class MomentForm(forms.Form):
    """A moment that is asked about."""

    at = MomentField(
        label=_("Qualified when"),
        required=False,
        widget=MomentInput(attrs={"class": "form-control w-auto"}),
    )

    @property
    def moment(self) -> datetime:
        return (self.is_valid() and self.cleaned_data.get("at")) or clock.now()
