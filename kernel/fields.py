"""Form fields for days, times, moments and ids: read as people write them, within what can be meant."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel import clock, days, ids
from kernel.presence import present

F = TypeVar("F", bound=forms.Field)
EARLIEST = date(2000, 1, 1)
AHEAD = timedelta(days=731)


class PickerInput(forms.DateTimeInput):
    """The browser's picker; what no picker can show (明天, the 30th of February) stands as it was typed."""

    picker = ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["type"] = self.picker if self._fits(context["widget"]["value"]) else "text"
        return context

    def _fits(self, shown: str | None) -> bool:
        if not shown:
            return True
        try:
            datetime.strptime(shown, present(self.format))
        except ValueError:
            return False
        return True


class DayInput(PickerInput):
    picker, format_key = "date", "DATE_INPUT_FORMATS"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, "%Y-%m-%d")


class MomentInput(PickerInput):
    picker, format_key = "datetime-local", "DATETIME_INPUT_FORMATS"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, "%Y-%m-%dT%H:%M")


class HourInput(PickerInput):
    picker, format_key = "time", "TIME_INPUT_FORMATS"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, "%H:%M")


class _Bounded(forms.Field):
    """From a day on, and until so long after today, by the viewer's clock unless `by_clock_of` names another."""

    zone = ""
    default_error_messages = {"range": _("Choose a day between %(first)s and %(last)s.")}

    def __init__(self, *, earliest: date = EARLIEST, ahead: timedelta = AHEAD, **options: Any) -> None:
        super().__init__(**options)
        self.earliest, self.ahead = earliest, ahead

    def _check(self, day: date, today: date) -> None:
        if not self.earliest <= day <= today + self.ahead:
            raise self._outside(today)

    def _outside(self, today: date) -> ValidationError:
        bounds = {"first": self.earliest, "last": today + self.ahead}
        told = {name: date_format(day, "SHORT_DATE_FORMAT") for name, day in bounds.items()}
        return ValidationError(self.error_messages["range"], code="range", params=told)

    def _unread(self, value: Any, today: date) -> ValidationError:
        """What is wrong with what could not be read: the day that it names, or that it names none."""
        if days.is_far(value, today):
            return self._outside(today)
        return ValidationError(self.error_messages["invalid"], code="invalid")

    def _here(self) -> tuple[datetime, tzinfo, date]:
        zone = ZoneInfo(self.zone) if self.zone else timezone.get_current_timezone()
        now = clock.now()
        return now, zone, now.astimezone(zone).date()


class DayField(_Bounded):
    widget = DayInput
    default_error_messages = {"invalid": _("This is no day. Write it like 2026-11-23 or 11-23.")}

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        today = self._here()[2]
        day = value if isinstance(value, date) else days.read_day(value, today)
        if day is None:
            raise self._unread(value, today)
        self._check(day, today)
        return day

    def prepare_value(self, value: Any) -> Any:
        return (days.read_day(value, self._here()[2]) or value) if isinstance(value, str) else value


class MomentField(_Bounded):
    """Cleans to an aware moment; one without an offset is of the field's zone, else the viewer's."""

    widget = MomentInput
    default_error_messages = {
        "invalid": _("This is no date with a time. Write it like 2026-11-23 18:30 or 11-23 18:30.")
    }

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        now, zone, today = self._here()
        moment = value if isinstance(value, datetime) else days.read_moment(value, now, zone)
        if moment is None:
            raise self._unread(value, today)
        self._check(moment.astimezone(zone).date(), today)
        return moment.astimezone(UTC)

    def prepare_value(self, value: Any) -> Any:
        now, zone, _today = self._here()
        if isinstance(self.widget, forms.HiddenInput):  # a machine noted it, to the second and with its offset
            return value
        moment = (days.read_moment(value, now, zone) or value) if isinstance(value, str) else value
        return moment.astimezone(zone) if isinstance(moment, datetime) else moment


Form = TypeVar("Form", bound=forms.BaseForm)


def by_clock_of(form: Form, zone: str, said: str | Promise = "") -> Form:
    """What is typed into the form is of the clock of the site that it is about; where the viewer's shows another time,
    the fields of moments say so, in these words where there are any."""
    for field in form.fields.values():
        if isinstance(field, _Bounded) and not isinstance(field.widget, forms.HiddenInput):
            field.zone = zone
            if isinstance(field, MomentField) and (said or (zone and clock.differs(zone))):
                words = said or _("By the clock of %(place)s.") % {"place": clock.place_of(zone)}
                field.help_text = " ".join(str(text) for text in (field.help_text, words) if text)
    return form


def by_clock_of_choice(form: Form, name: str, zones: Mapping[int, str]) -> Form:
    """The same where the form itself asks for the site or shop, with the zone of each by its id; 0 is for no choice."""
    different = set(zones.values())
    if len(different) == 1:
        return by_clock_of(form, different.pop())
    chosen = ids.read_id(form[name].value()) or 0
    said = _("By the clock of the place that you choose.") if any(map(clock.differs, different)) else ""
    return by_clock_of(form, zones.get(chosen, ""), said)


class HourField(forms.Field):
    """A time of day."""

    widget = HourInput
    default_error_messages = {"invalid": _("This is no time. Write it like 18:30.")}

    def to_python(self, value: Any) -> time | None:
        if value in self.empty_values or isinstance(value, time):
            return value or None
        hour = days.read_time(value)
        if hour is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return hour

    def prepare_value(self, value: Any) -> Any:
        return (days.read_time(value) or value) if isinstance(value, str) else value


class IdField(forms.Field):
    """The id of a row, which the page put there."""

    widget = forms.HiddenInput
    default_error_messages = {"invalid": _("This names nothing. Load the page again.")}

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        number = ids.read_id(value)
        if number is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return number


class StampField(MomentField):
    """When a device says that something was done. Whether that can be so is judged elsewhere; here it need only be a
    moment, for what was done offline must not be lost to a wrong clock."""

    def __init__(self, **options: Any) -> None:
        given = {
            "earliest": days.EARLIEST,
            "ahead": timedelta(days=days.YEARS_AHEAD * 366),
            "widget": forms.HiddenInput,
        }
        super().__init__(**{**given, **options})


# --- fields of a form that is there, with their own type: Django's `form.fields` knows them as fields of any kind


def field_of(form: forms.BaseForm, name: str, kind: type[F]) -> F:
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{type(form).__name__}.{name} is no {kind.__name__}.")
    return field


def row_field(form: forms.BaseForm, name: str) -> forms.ModelChoiceField[Any]:
    return field_of(form, name, forms.ModelChoiceField)


def choice_field(form: forms.BaseForm, name: str) -> forms.ChoiceField:
    return field_of(form, name, forms.ChoiceField)


def name_rows(form: forms.BaseForm, name: str, label: Callable[[Any], str]) -> None:
    """What each row is called in a field that offers rows."""
    vars(row_field(form, name))["label_from_instance"] = label
