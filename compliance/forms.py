"""Filters of the matrix, as they stand in the URL."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.selectors import Filters, Period
from duties.models import Duty
from kernel import clock
from people.models import Role, Site, Team
from people.scope import Scope


class MatrixFilterForm(forms.Form):
    q = forms.CharField(label=_("Name or number"), required=False, max_length=60)
    start = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Site"), required=False, empty_label=_("all"))
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"), required=False, empty_label=_("all"))
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    owing = forms.BooleanField(label=_("Only who owes"), required=False)

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        self.scope = scope
        self.fields["site"].queryset = Site.objects.filter(scope.at_sites("pk", Role.LEAD)).order_by("name")
        self.fields["team"].queryset = Team.objects.filter(scope.at_sites("site", Role.LEAD)).order_by("name")
        self.fields["kind"].choices = [("", _("all")), *Duty.Kind.choices]

    def filters(self) -> Filters:
        """What was chosen; this week where no dates were given, and where what was given is no date."""
        self.is_valid()
        said = self.cleaned_data
        today = clock.today(self.scope.zone)
        start = said.get("start") or today - timedelta(days=today.weekday())
        end = max(said.get("end") or max(today, start + timedelta(days=6)), start)
        site, team = said.get("site"), said.get("team")
        return Filters(
            Period(start, end, self.scope.zone),
            site.pk if site else None,
            team.pk if team else None,
            said.get("kind", ""),
            said.get("q", ""),
            said.get("owing", False),
        )
