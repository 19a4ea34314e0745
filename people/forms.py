"""The shape of what people type about accounts, people and places."""

from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from people.models import Employee, Membership, Role, Shift, Shop, Site, Team
from people.scope import Scope
from people.services.account import is_weak_pin
from people.services.places import NO_LENGTH

NUMBER = RegexValidator(r"^[0-9A-Za-z._\-]+$", _("Letters, digits, dot, dash and underscore only."))


class NumberField(forms.CharField):
    """An employee number in its one spelling, full-width digits and small letters mended."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=20, label=options.pop("label", _("Employee number")), **options)

    def clean(self, value: Any) -> str:
        return super().clean(Employee.normalize_username(value or ""))


class SignInForm(forms.Form):
    username = NumberField(
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": _("Type your employee number. It is on your badge.")},
    )
    password = forms.CharField(
        label=_("Password or 6-digit PIN"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Type your password or PIN.")},
    )


class NewPasswordForm(forms.Form):
    """A new password, twice; the present one too, unless somebody else just gave it."""

    current = forms.CharField(
        label=_("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("At least 8 characters, not only digits, not a common word."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password, once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, employee: Employee, **options: Any) -> None:
        super().__init__(*args, **options)
        self.employee = employee
        if employee.must_change_password:
            del self.fields["current"]

    def clean_current(self) -> str:
        if not self.employee.check_password(self.cleaned_data["current"]):
            raise ValidationError(_("This is not your present password. Forgotten? An administrator can reset it."))
        return self.cleaned_data["current"]

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        validate_password(password, self.employee)
        if self.employee.check_password(password):
            raise ValidationError(_("This is the password that you have now. Choose another."))
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("password") and cleaned.get("again") and cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("The two do not match. Type the new password again."))
        return cleaned


class PinForm(forms.Form):
    current = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    pin = forms.CharField(
        label=_("New PIN"),
        help_text=_("Six digits; no row, no repetition, not your number."),
        widget=forms.PasswordInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "6", "pattern": "[0-9]{6}"}
        ),
    )

    def __init__(self, *args: Any, employee: Employee, **options: Any) -> None:
        super().__init__(*args, **options)
        self.employee = employee

    def clean_current(self) -> str:
        if not self.employee.check_password(self.cleaned_data["current"]):
            raise ValidationError(_("This is not your password."))
        return self.cleaned_data["current"]

    def clean_pin(self) -> str:
        if is_weak_pin(self.cleaned_data["pin"], self.employee.number):
            raise ValidationError(
                _("This PIN is too easy to guess. Six digits; no row, no repetition, not your number.")
            )
        return self.cleaned_data["pin"]


class FirstAdministratorForm(forms.Form):
    token = forms.CharField(
        label=_("One-time token"),
        help_text=_("Printed where the server was started."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    number = NumberField(validators=[NUMBER])
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=60)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 8 characters, not only digits, not a common word."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"])
        return self.cleaned_data["password"]


class FirstPlaceForm(forms.Form):
    """The first site and the first shop, together."""

    site_name = forms.CharField(label=_("Site"), max_length=80, help_text=_("Where people work, say “Hangzhou floor”."))
    site_code = forms.SlugField(label=_("Site code"), max_length=30, help_text=_("Short, in Latin letters: hangzhou."))
    shop_name = forms.CharField(
        label=_("Shop"), max_length=80, help_text=_("The storefront, as its platform names it.")
    )
    shop_code = forms.SlugField(label=_("Shop code"), max_length=30)
    platform = forms.ChoiceField(label=_("Platform"), choices=Shop.Platform.choices)


class EmployeeForm(forms.Form):
    number = NumberField(validators=[NUMBER])
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=60)
    email = forms.EmailField(label=_("E-mail"), required=False, help_text=_("Optional; reminders go there too."))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    hired_on = forms.DateField(
        label=_("Hired on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    is_administrator = forms.BooleanField(
        label=_("Administrator"), required=False, help_text=_("Sees and changes everything.")
    )


class MembershipForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    place = forms.ChoiceField(label=_("Site or shop"))
    team = forms.ModelChoiceField(
        Team.objects.none(), label=_("Team"), required=False, help_text=_("Teams belong to a site.")
    )
    starts_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(
        label=_("To"),
        required=False,
        help_text=_("Leave empty for no end."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.sites = {f"site:{s.pk}": s for s in Site.objects.filter(is_active=True).order_by("name")}
        self.shops = {f"shop:{s.pk}": s for s in Shop.objects.filter(is_active=True).order_by("name")}
        self.fields["place"].choices = [
            (_("Sites"), [(key, s.name) for key, s in self.sites.items()]),
            (_("Shops"), [(key, s.name) for key, s in self.shops.items()]),
        ]
        team = self.fields["team"]
        team.queryset = Team.objects.filter(is_active=True).select_related("site").order_by("site__name", "name")
        team.label_from_instance = lambda row: f"{row.site.name} · {row.name}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["site"] = self.sites.get(cleaned.get("place", ""))
        cleaned["shop"] = self.shops.get(cleaned.get("place", ""))
        team, starts, ends = cleaned.get("team"), cleaned.get("starts_on"), cleaned.get("ends_on")
        if team and (cleaned["site"] is None or team.site_id != cleaned["site"].pk):
            self.add_error("team", _("The team belongs to another site."))
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("It ends before it starts."))
        return cleaned

    def grant(self) -> dict[str, Any]:
        return {key: self.cleaned_data[key] for key in ("role", "site", "shop", "team", "starts_on", "ends_on")}


class EndMembershipForm(forms.Form):
    on = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class SiteForm(forms.ModelForm):
    class Meta:
        model = Site
        fields = ["name", "code", "zone", "is_active"]

    def clean_zone(self) -> str:
        if self.cleaned_data["zone"] not in available_timezones():
            raise ValidationError(_("This time zone is unknown. Write it like Asia/Shanghai."))
        return self.cleaned_data["zone"]


class ShopForm(forms.ModelForm):
    class Meta:
        model = Shop
        fields = ["name", "code", "platform", "site", "is_active"]


class TeamForm(forms.ModelForm):
    class Meta:
        model = Team
        fields = ["site", "name", "is_active"]


class ShiftForm(forms.ModelForm):
    class Meta:
        model = Shift
        fields = ["site", "name", "starts", "ends", "is_active"]
        widgets = {
            "starts": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "ends": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("starts") and cleaned.get("starts") == cleaned.get("ends"):
            self.add_error("ends", NO_LENGTH)
        return cleaned


class RosterDayForm(forms.Form):
    """What one person does on one day: a shift's id, "leave", or "" for nothing said."""

    employee = forms.ModelChoiceField(Employee.objects.none(), label=_("Person"))
    day = forms.DateField(label=_("Day"))
    choice = forms.CharField(label=_("Shift"), required=False)

    def __init__(self, *args: Any, team: Team, **options: Any) -> None:
        super().__init__(*args, **options)
        members = Membership.objects.filter(team=team).values("employee_id")
        self.fields["employee"].queryset = Employee.objects.filter(pk__in=members)
        self.shifts = {str(s.pk): s for s in Shift.objects.filter(site=team.site_id, is_active=True)}

    def clean_choice(self) -> str:
        choice = self.cleaned_data["choice"]
        if choice not in ("", "leave") and choice not in self.shifts:
            raise ValidationError(_("Choose one of the shifts."))
        return choice

    @property
    def shift(self) -> Shift | None:
        return self.shifts.get(self.cleaned_data["choice"])

    @property
    def week(self) -> date:
        return self.cleaned_data["day"]


class SavedViewForm(forms.Form):
    """A name for a list's filter. `page` is the list's URL name."""

    page = forms.RegexField(r"^[a-z]+:[a-z_]+$", max_length=40)
    query = forms.CharField(max_length=500, required=False)
    name = forms.CharField(label=_("Name"), max_length=30)
    site = forms.ModelChoiceField(Site.objects.none(), required=False)

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["site"].queryset = Site.objects.filter(scope.at_sites("pk", Role.LEAD, reading=False))

    def clean_page(self) -> str:
        page: str = self.cleaned_data["page"]
        try:
            reverse(page)
        except NoReverseMatch as error:
            raise forms.ValidationError("") from error
        return page
