"""The shape of what people type about accounts, people and places."""

from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel import clock, days
from kernel.fields import DayField, HourField, choice_field, name_rows, row_field
from people.limits import is_present_password
from people.models import Employee, Membership, Role, Shift, Shop, Site, Team
from people.requests import HttpRequest
from people.scope import Scope
from people.services.account import is_weak_pin
from people.services.places import NO_LENGTH
from people.services.views import is_list

PASSWORD_RULES = {
    "password_too_short": _("At least 8 characters."),
    "password_too_common": _("Many people use this password, so it is soon guessed. Choose another."),
    "password_entirely_numeric": _("Not only digits: mix in letters."),
}
TAKEN = {NON_FIELD_ERRORS: {"unique_together": _("There is one with this name at this site already. Choose another.")}}


def check_password_rules(password: str, employee: Employee | None = None) -> None:
    """Raises ValidationError with a sentence for each rule that the password breaks."""
    try:
        validate_password(password, employee)
    except ValidationError as broken:
        raise ValidationError([PASSWORD_RULES.get(error.code or "", error) for error in broken.error_list]) from broken


def checked_password(request: HttpRequest, password: str) -> str:
    """The viewer's present password; wrong guesses are counted."""
    if not is_present_password(request, password):
        raise ValidationError(_("This is not your present password. Forgotten? An administrator can reset it."))
    return password


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

    def __init__(self, *args: Any, request: HttpRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        self.request, self.employee = request, request.user
        if self.employee.must_change_password:
            del self.fields["current"]

    def clean_current(self) -> str:
        return checked_password(self.request, self.cleaned_data["current"])

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        check_password_rules(password, self.employee)
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

    def __init__(self, *args: Any, request: HttpRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        self.request, self.employee = request, request.user

    def clean_current(self) -> str:
        return checked_password(self.request, self.cleaned_data["current"])

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
        check_password_rules(self.cleaned_data["password"])
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
    hired_on = DayField(label=_("Hired on"), required=False, earliest=days.EARLIEST)
    is_administrator = forms.BooleanField(
        label=_("Administrator"), required=False, help_text=_("Sees and changes everything.")
    )


class MembershipForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    place = forms.ChoiceField(label=_("Site or shop"))
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=_("Team"),
        required=False,
        empty_label=_("none"),
        help_text=_("Teams belong to a site."),
    )
    starts_on = DayField(label=_("From"))
    ends_on = DayField(
        label=_("To"), required=False, ahead=timedelta(days=3660), help_text=_("Leave empty for no end.")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.sites = {f"site:{s.pk}": s for s in Site.objects.filter(is_active=True).order_by("name")}
        self.shops = {f"shop:{s.pk}": s for s in Shop.objects.filter(is_active=True).order_by("name")}
        choice_field(self, "place").choices = [
            (_("Sites"), [(key, s.name) for key, s in self.sites.items()]),
            (_("Shops"), [(key, s.name) for key, s in self.shops.items()]),
        ]
        teams = Team.objects.filter(is_active=True).select_related("site").order_by("site__name", "name")
        row_field(self, "team").queryset = teams
        name_rows(self, "team", lambda row: f"{row.site.name} · {row.name}")

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
    on = DayField(label=_("Last day"))


class SiteForm(forms.ModelForm):
    class Meta:
        model = Site
        fields = ["name", "code", "zone", "is_active"]

    def clean_zone(self) -> str:
        if self.cleaned_data["zone"] not in available_timezones():
            raise ValidationError(_("This time zone is unknown. Write it like Asia/Shanghai."))
        return self.cleaned_data["zone"]


class AtSiteForm(forms.ModelForm):
    """Something that belongs to a site."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        row_field(self, "site").empty_label = pgettext_lazy("select", "Choose")


class ShopForm(AtSiteForm):
    class Meta:
        model = Shop
        fields = ["name", "code", "platform", "site", "is_active"]


class TeamForm(AtSiteForm):
    class Meta:
        model = Team
        fields = ["site", "name", "is_active"]
        error_messages = TAKEN


class ShiftForm(AtSiteForm):
    class Meta:
        model = Shift
        fields = ["site", "name", "starts", "ends", "is_active"]
        error_messages = TAKEN
        field_classes = {"starts": HourField, "ends": HourField}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("starts") and cleaned.get("starts") == cleaned.get("ends"):
            self.add_error("ends", NO_LENGTH)
        return cleaned


class RosterDayForm(forms.Form):
    """What one person does on one day: a shift's id, "leave", or "" for nothing said."""

    employee = forms.ModelChoiceField(Employee.objects.none(), label=_("Person"), empty_label=None)
    day = DayField(label=_("Day"))
    choice = forms.ChoiceField(label=_("Shift"), required=False)

    def __init__(self, *args: Any, team: Team, **options: Any) -> None:
        super().__init__(*args, **options)
        members = Membership.objects.filter(team=team).exclude(ends_on__lt=clock.today(team.site.zone))
        people = Employee.objects.filter(pk__in=members.values("employee_id"), is_active=True)
        row_field(self, "employee").queryset = people.order_by("number")
        self.shifts = {str(s.pk): s for s in Shift.objects.filter(site=team.site_id, is_active=True)}
        shifts = [(key, shift.name) for key, shift in self.shifts.items()]
        choice_field(self, "choice").choices = [("", _("Nothing said")), *shifts, ("leave", _("Leave"))]

    @property
    def said(self) -> dict[str, Any]:
        data = self.cleaned_data
        shift, is_leave = self.shifts.get(data["choice"]), data["choice"] == "leave"
        return {"employee": data["employee"], "day": data["day"], "shift": shift, "is_leave": is_leave}


class EmployeeFilter(forms.Form):
    """The list's filter, in the URL; a value that makes no sense filters nothing."""

    q = forms.CharField(
        label=_("Number or name"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Number or name")}),
    )
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Site"), required=False, empty_label=_("All sites"))
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("All roles")), *Role.choices])
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("active", _("Active")), ("left", _("Left")), ("all", _("All"))],
        initial="active",
    )
    order = forms.ChoiceField(
        label=_("Order by"),
        required=False,
        choices=[("number", _("By number")), ("name", _("By name"))],
        initial="number",
    )

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "filter_%s", **options})
        row_field(self, "site").queryset = Site.objects.filter(scope.at_sites("pk", Role.MANAGER)).order_by("name")


class SavedViewForm(forms.Form):
    """A name for a list's filter. `page` is the list's URL name."""

    page = forms.CharField(max_length=40, widget=forms.HiddenInput)
    query = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=30)
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Shared with"), required=False, empty_label=_("nobody"))

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        row_field(self, "site").queryset = Site.objects.filter(scope.at_sites("pk", Role.LEAD, reading=False))

    def clean_page(self) -> str:
        page: str = self.cleaned_data["page"]
        if not is_list(page):
            raise forms.ValidationError(_("This is not offered any more. Choose another."))
        return page
