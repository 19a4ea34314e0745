"""What a form offers and takes is within the viewer's reach; what is not theirs is answered like what is not there."""

import ast
import re
import uuid
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import QueryDict
from django.test import Client

from cases.forms.cases import (
    AssignForm,
    CaseFilter,
    CaseForm,
    GiveForm,
    ResponsibleForm,
    RetrainingRuleForm,
    SayingForm,
    StatementForm,
    StationForm,
)
from cases.forms.points import DeductionRuleForm, RewardForm
from cases.services import save_saying
from checklists.forms import AnswerForm, PassForm, RunFilterForm, ScheduleForm, StartForm
from checklists.models import Checklist
from checklists.services import publish_checklist
from compliance.forms import MatrixFilterForm
from contingency.forms import ActivateForm, DrillForm
from contingency.models import Activation, Material
from contingency.services import publish_plan
from duties.forms import ReassignForm
from orders.forms.bench import BarcodesForm, ProductFilter
from orders.forms.board import BoardFilter, CausesFilter, CausesRowsFilter
from orders.forms.imports import ImportFilter, ImportForm, OperatorForm
from orders.forms.rules import MoveForm, RuleForm
from people.actor import Actor
from people.fields import PersonField
from people.forms import (
    AtSiteForm,
    EmployeeFilter,
    MembershipForm,
    RosterDayForm,
    SavedViewForm,
    ShiftForm,
    ShopForm,
    TeamForm,
)
from people.models import Employee, Shift, Site, Team
from people.scope import Scope, scope_of
from tests import things
from tests.cases.factories import make_case
from tests.cast import Cast
from tests.checklists.conftest import MORNING, make_content
from tests.contingency.factories import content, make_activation, make_plan
from tests.duties.drafts import owe
from tests.orders.factories import make_finding, make_order
from tests.training.factories import module_content
from training.forms import AssignForm as TrainingForm
from training.services import publish_module

ADMINISTRATORS = {MembershipForm, ShopForm, TeamForm, ShiftForm, AtSiteForm}  # whose reach is the company
Make = Callable[[Cast, Employee, Scope], forms.BaseForm]


def sites(scope: Scope) -> Any:
    return Site.objects.filter(scope.at_sites("pk", reading=False))


def an_item(cast: Cast) -> Any:
    run = things.a_run(cast)
    return {"run": run, "item": run.version.items.get(slug="printer")}


FORMS: dict[type[forms.BaseForm], Make] = {
    AssignForm: lambda c, who, s: AssignForm(case=make_case(c)),
    CaseFilter: lambda c, who, s: CaseFilter({}, scope=s),
    CaseForm: lambda c, who, s: CaseForm(scope=s),
    EmployeeFilter: lambda c, who, s: EmployeeFilter({}, scope=s),
    GiveForm: lambda c, who, s: GiveForm(QueryDict(f"case={make_case(c).pk}"), scope=s),
    ResponsibleForm: lambda c, who, s: ResponsibleForm(case=make_case(c)),
    RetrainingRuleForm: lambda c, who, s: RetrainingRuleForm(scope=s),
    SayingForm: lambda c, who, s: SayingForm(scope=s),
    StatementForm: lambda c, who, s: StatementForm(case=make_case(c), viewer=who, may_lead=True),
    StationForm: lambda c, who, s: StationForm(scope=s),
    DeductionRuleForm: lambda c, who, s: DeductionRuleForm(scope=s),
    RewardForm: lambda c, who, s: RewardForm(scope=s),
    AnswerForm: lambda c, who, s: AnswerForm(**an_item(c)),
    PassForm: lambda c, who, s: PassForm(run=things.a_run(c), by=who),
    RunFilterForm: lambda c, who, s: RunFilterForm(scope=s),
    ScheduleForm: lambda c, who, s: ScheduleForm(sites=sites(s)),
    StartForm: lambda c, who, s: StartForm(sites=sites(s), checklists=Checklist.objects.filter(s.owned())),
    MatrixFilterForm: lambda c, who, s: MatrixFilterForm({"site": str(c.other_site.pk)}, scope=s),
    ActivateForm: lambda c, who, s: ActivateForm(plan=make_plan([c.site]), scope=s),
    DrillForm: lambda c, who, s: DrillForm(plan=make_plan([c.site]), scope=s),
    ReassignForm: lambda c, who, s: ReassignForm(duty=owe(c, "field")),
    BarcodesForm: lambda c, who, s: BarcodesForm(scope=s),
    ProductFilter: lambda c, who, s: ProductFilter(scope=s),
    BoardFilter: lambda c, who, s: BoardFilter(scope=s),
    CausesFilter: lambda c, who, s: CausesFilter(scope=s),
    CausesRowsFilter: lambda c, who, s: CausesRowsFilter(scope=s),
    ImportFilter: lambda c, who, s: ImportFilter(scope=s),
    ImportForm: lambda c, who, s: ImportForm(scope=s),
    OperatorForm: lambda c, who, s: OperatorForm({}, site_id=c.site.pk),
    MoveForm: lambda c, who, s: MoveForm(scope=s),
    RuleForm: lambda c, who, s: RuleForm(scope=s, key="due_soon_hours"),
    RosterDayForm: lambda c, who, s: RosterDayForm(team=c.team),
    SavedViewForm: lambda c, who, s: SavedViewForm(scope=s),
    TrainingForm: lambda c, who, s: TrainingForm(scope=s),
}


def all_forms() -> Iterator[type[forms.BaseForm]]:
    """Every form of the product that takes a row of the database."""
    for room in settings.ROOMS:
        home = Path(settings.BASE_DIR) / room
        names = [f"{room}.forms"] if (home / "forms.py").exists() else []
        names += [f"{room}.forms.{path.stem}" for path in sorted((home / "forms").glob("[a-z]*.py"))]
        for thing in (thing for name in names for thing in vars(import_module(name)).values()):
            fields = getattr(thing, "base_fields", {}).values()
            if thing.__class__.__module__.startswith("django.forms") and any(map(takes_a_row, fields)):
                yield thing


def takes_a_row(field: forms.Field) -> bool:
    return isinstance(field, forms.ModelChoiceField | PersonField)


def test_table_knows_every_form_that_takes_a_row() -> None:
    assert set(all_forms()) - ADMINISTRATORS == set(FORMS)


def strangers(cast: Cast) -> set[Model]:
    """Chen's world: what nobody of Hangzhou sees."""
    team = Team.objects.create(site=cast.other_site, name="义乌班组")
    shift = Shift.objects.create(site=cast.other_site, name="义乌白班", starts="08:00", ends="18:00")
    made: dict[str, Any] = {"owner_site": cast.other_site, "actor": Actor.system("command")}
    words = {**module_content(), "slug": "theirs"}
    module = publish_module(slug="theirs", content=words, **made).module
    checklist = publish_checklist(slug="theirs", content={**make_content(), "slug": "theirs"}, **made).checklist
    plan = publish_plan(slug="theirs", content=content(), **made).plan
    return {cast.other_site, cast.other_shop, cast.chen, team, shift, module, checklist, plan}


def said_of(field: forms.Field, value: Any) -> str:
    """The sentence that a value is refused with; "" where it is taken."""
    try:
        field.clean(value)
    except ValidationError as refusal:
        return str(refusal.messages)
    return ""


@pytest.mark.parametrize("who", ["wang", "li"])
@pytest.mark.parametrize("form_class", FORMS, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_field_offers_nothing_of_strangers_and_takes_it_for_what_is_not_there(
    cast: Cast, form_class: type[forms.BaseForm], who: str
) -> None:
    viewer = getattr(cast, who)
    with time_machine.travel(MORNING):
        foreign = strangers(cast)
        form = FORMS[form_class](cast, viewer, scope_of(viewer))
        for field in filter(takes_a_row, form.fields.values()):
            theirs = [row for row in foreign if isinstance(row, field.queryset.model)]
            assert theirs and not set(field.queryset) & set(theirs)
            for row in theirs:
                value, nothing = (row.name, "查无此人") if isinstance(field, PersonField) else (row.pk, 987654)
                assert said_of(field, value) == said_of(field, nothing) != ""


# --- ids that stand in hidden fields


POSTS: dict[str, Callable[[Cast, bool], tuple[str, dict[str, Any]]]] = {
    "cases given": lambda c, there: ("/cases/give/", {"case": foreign_case(c) if there else 987654, "to": "陈梅"}),
    "findings to a case": lambda c, there: (
        "/cases/many/",
        {"client_id": uuid.uuid4(), "finding": foreign_finding(c) if there else 987654},
    ),
    "material taken": lambda c, there: (
        f"/plans/activations/{running(c)}/take/",
        {"client_id": uuid.uuid4(), "quantity": 1, "material": foreign_material(c) if there else 987654},
    ),
    "here for a shift": lambda c, there: ("/check-in/", {"shift": foreign_shift(c) if there else 987654}),
}


def running(cast: Cast) -> int:
    return (Activation.objects.first() or make_activation(cast)).pk


def foreign_case(cast: Cast) -> int:
    return make_case(cast, shop=cast.other_shop).pk


def foreign_finding(cast: Cast) -> int:
    return make_finding(make_order(cast.other_shop)).pk


def foreign_material(cast: Cast) -> int:
    make_plan([cast.other_site], slug="theirs")
    return Material.objects.get(site=cast.other_site).pk


def foreign_shift(cast: Cast) -> int:
    return Shift.objects.create(site=cast.other_site, name="义乌白班", starts="08:00", ends="18:00").pk


@pytest.mark.parametrize("what", POSTS)
def test_id_of_a_strangers_row_is_answered_like_one_that_is_not_there(
    cast: Cast, sign_in: Callable[[Employee], Client], what: str
) -> None:
    answers = []
    for there in (True, False):
        url, sent = POSTS[what](cast, there)
        answer = sign_in(cast.wang).post(url, sent, follow=True)
        told = [str(message) for message in (answer.context or {}).get("messages", ())]
        answers.append((answer.status_code, told))
    assert answers[0] == answers[1]


def test_words_of_a_strangers_shop_are_not_shown(cast: Cast, sign_in: Callable[[Employee], Client]) -> None:
    said = {"whom": "buyer", "kind": "no_pickup", "cause": ""}
    save_saying(shop=cast.other_shop, text="只有义乌这么说", actor=Actor.of(cast.chen), **said)
    page = sign_in(cast.wang).get("/cases/sayings/edit/", {"shop": cast.other_shop.pk, **said})
    assert page.status_code == 200 and "只有义乌这么说" not in page.content.decode()


def test_giving_cases_names_no_stranger(cast: Cast, sign_in: Callable[[Employee], Client]) -> None:
    case = make_case(cast)
    for typed in ("陈", "晨", "2001", "陈晨"):
        page = sign_in(cast.wang).post("/cases/give/", {"case": case.pk, "to": typed}).content.decode()
        assert "陈晨" not in page.replace(f'value="{typed}"', "")


# --- what a view hands to a service beside a form's fields


def handed_in() -> Iterator[tuple[str, set[str], set[str]]]:
    """Each call in a view that spreads a form: where, the names handed in beside it, the fields of its form."""
    for room in settings.ROOMS:
        home = Path(settings.BASE_DIR) / room
        for path in [*home.glob("views.py"), *(home / "views").glob("*.py")]:
            module = import_module(".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts))
            for function in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(function, ast.FunctionDef):
                    source = ast.unparse(function)
                    made = [getattr(module, name, None) for name in re.findall(r"\b(\w+Form)\(", source)]
                    fields = {name for form in made for name in getattr(form, "base_fields", ())}
                    for call in ast.walk(function):
                        spread = [k.value for k in getattr(call, "keywords", ()) if k.arg is None]
                        if any("cleaned_data" in ast.unparse(value) for value in spread):
                            named = {k.arg for k in call.keywords if k.arg}
                            yield f"{path.name}:{call.lineno}", named, fields


def test_no_field_has_the_name_of_what_its_view_hands_in() -> None:
    """The two would collide, and whoever sends the form would see an error of ours."""
    calls = list(handed_in())
    assert len(calls) > 20
    assert not {where: sorted(named & fields) for where, named, fields in calls if named & fields}


@pytest.mark.parametrize("where", ["status", "resolve", "refund", "contact"])
def test_unknown_choice_in_a_post_to_a_case_comes_back_with_its_form(
    cast: Cast, sign_in: Callable[[Employee], Client], where: str
) -> None:
    case = make_case(cast)
    sent = {"client_id": uuid.uuid4(), "status": "?", "cause": "?", "resolution": "?", "whom": "?", "said": "x"}
    page = sign_in(cast.mei).post(f"/cases/{case.pk}/{where}/", {**sent, "refund_condition": "?", "channel": "?"})
    assert page.status_code == 422
