"""The shape of a quiz that is handed in, and of an assignment by hand."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.fields import IdField, MomentField, by_clock_of_choice, field_of, row_field
from kernel.ids import read_id
from kernel.text import localized, sentence
from people.fields import PersonField
from people.models import Role, Site
from people.scope import Scope
from people.selectors import working_for
from training.drawing import Drawn
from training.models import Question


@dataclass(frozen=True)
class Place:
    """A line of an `order` question, with the place that was chosen for it."""

    name: str
    text: str
    chosen: str


class PlacesWidget(forms.MultiWidget):
    """A place (1, 2, 3 …) for each option."""

    def __init__(self, count: int) -> None:
        choices = [("", "–"), *((str(n), str(n)) for n in range(1, count + 1))]
        super().__init__([forms.Select(choices=choices, attrs={"class": "form-select"}) for _ in range(count)])

    def decompress(self, value: Any) -> list[Any]:
        return value or []


class OrderField(forms.Field):
    """Cleans to the options' indexes in the order that was given; `shown` are the indexes in the order of the page."""

    def __init__(self, shown: Sequence[int], **options: Any) -> None:
        self.shown = shown
        super().__init__(widget=PlacesWidget(len(shown)), **options)

    def clean(self, value: Any) -> list[int]:
        places = [str(v) for v in value or []]
        if not all(places):
            raise forms.ValidationError(_("Give each line its place."), code="required")
        if sorted(places) != sorted(str(n) for n in range(1, len(self.shown) + 1)):
            raise forms.ValidationError(_("Each place is taken once."))
        by_place = dict(zip(places, self.shown, strict=True))
        return [by_place[str(n)] for n in range(1, len(self.shown) + 1)]


class QuizForm(forms.Form):
    """One field a question, named by its slug; `answers` are indexes into its options."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    version = IdField()

    def __init__(self, *args: Any, drawn: Sequence[Drawn], version: int, **options: Any) -> None:
        options.setdefault("initial", {"client_id": uuid.uuid4(), "version": version})
        super().__init__(*args, **options)
        self.drawn = drawn
        for one in drawn:
            self.fields[one.question.slug] = self._field(one)

    @staticmethod
    def _field(one: Drawn) -> forms.Field:
        question = one.question
        label = localized(question.text)
        missing = {"required": _("This question is not answered yet.")}
        if question.kind == Question.Kind.ORDER:
            return OrderField(one.order, label=label)
        choices = [(str(index), sentence(question.options[index])) for index in one.order]
        if question.kind == Question.Kind.MULTIPLE:
            several = forms.CheckboxSelectMultiple
            return forms.MultipleChoiceField(choices=choices, label=label, widget=several, error_messages=missing)
        return forms.ChoiceField(choices=choices, label=label, widget=forms.RadioSelect, error_messages=missing)

    @property
    def questions(self) -> list[tuple[Drawn, Any, list[Place]]]:
        """Each question with its field and, where lines are put into order, the lines."""
        return [(one, self[one.question.slug], self._places(one)) for one in self.drawn]

    def _places(self, one: Drawn) -> list[Place]:
        if one.question.kind != Question.Kind.ORDER:
            return []
        given = self[one.question.slug].value() or [""] * len(one.order)
        slug, options = one.question.slug, one.question.options
        return [Place(f"{slug}_{n}", sentence(options[i]), str(given[n] or "")) for n, i in enumerate(one.order)]

    @property
    def unanswered(self) -> list[int]:
        """Numbers of the questions that have an error."""
        return [n for n, one in enumerate(self.drawn, start=1) if one.question.slug in self.errors]

    @property
    def answers(self) -> dict[str, list[int]]:
        given = {}
        for one in self.drawn:
            value = self.cleaned_data[one.question.slug]
            given[one.question.slug] = sorted(int(v) for v in ([value] if isinstance(value, str) else value))
            if one.question.kind == Question.Kind.ORDER:
                given[one.question.slug] = value
        return given


class AssignForm(forms.Form):
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Site"), empty_label=None)
    employee = PersonField(label=pgettext_lazy("assign", "Whom"))
    due_at = MomentField(
        label=_("By when"),
        required=False,
        help_text=_("Left empty: as the module says."),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        required=False,
        help_text=_("The person reads it; say “refresher after case …”."),
    )

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("client_id", uuid.uuid4())
        super().__init__(*args, **options)
        sites = Site.objects.filter(scope.at_sites("pk", Role.LEAD, reading=False), is_active=True).order_by("name")
        row_field(self, "site").queryset = sites
        if len(sites) == 1:
            self.fields["site"].widget = forms.HiddenInput()
            self.fields["site"].initial = sites[0].pk
        by_clock_of_choice(self, "site", {site.pk: site.zone for site in sites})
        people = working_for([site.pk for site in sites], []).filter(scope.employees())
        field_of(self, "employee", PersonField).queryset = people
        wanted = read_id(self.initial.get("employee"))
        self.initial["employee"] = people.filter(pk=wanted).first() if wanted else None
