"""Refusals in forms, fields of options that were not chosen, and sentences."""

from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import translation

from kernel.errors import Conflict, NotAllowed, Refused
from kernel.forms import ConditionalForm, origin_of, status_of, told_in
from people.models import Shop
from tests.cases.factories import make_case
from tests.cast import Cast

FOREIGN = (
    "Ensure",
    "nter a valid",
    "This field",
    "elect a valid",
    "确保",
    "该字段",
    "输入一个有效",
    "选择一个有效",
    "必填",
)


class Form(ConditionalForm):
    only_for = {"yuan": ("how", ["refunded"]), "waybill": ("how", ["reshipped"])}
    conditional = ("note",)

    client_id = forms.CharField(widget=forms.HiddenInput)
    how = forms.ChoiceField(choices=[("refunded", "refunded"), ("reshipped", "reshipped"), ("none", "none")])
    yuan = forms.DecimalField(min_value=0, required=False)
    waybill = forms.CharField()
    note = forms.CharField(required=False)


def sent(**values: Any) -> Form:
    return Form(QueryDict("&".join(f"{k}={v}" for k, v in {"client_id": "k", "how": "none", **values}.items())))


def test_field_of_an_unchosen_option_is_neither_judged_nor_kept() -> None:
    form = sent(yuan="-5", waybill="SF1")
    assert form.is_valid()
    assert form.cleaned_data["yuan"] is None
    assert form.cleaned_data["waybill"] == ""


def test_field_of_the_chosen_option_is_judged_and_needed_as_it_says() -> None:
    with translation.override("en"):
        assert sent(how="refunded", yuan="-5").errors == {"yuan": ["At least 0."]}
        assert sent(how="reshipped").errors == {"waybill": ["Fill this in."]}


def test_field_of_an_unchosen_option_can_be_filled_when_the_form_comes_back() -> None:
    form = sent(how="")
    assert "how" in form.errors
    assert "disabled" not in str(form["waybill"])
    assert 'data-only-for="how:reshipped"' in str(form["waybill"])


@pytest.mark.parametrize(("named", "field"), [("note", "note"), ("nothing", "__all__"), ("client_id", "__all__")])
def test_refusal_stands_at_the_field_that_it_names_or_at_the_head(named: str, field: str) -> None:
    form = sent()
    assert form.is_valid()
    with told_in(form):
        raise Refused("No.", field=named)
    assert form.errors[field] == ["No."]
    assert status_of(form) == 422


def test_what_the_role_forbids_is_no_matter_of_the_form() -> None:
    form = sent()
    with pytest.raises(NotAllowed), told_in(form):
        raise NotAllowed


def test_key_that_is_taken_gives_way_to_a_new_one() -> None:
    form = sent(note="a")
    assert form.is_valid()
    with told_in(form):
        raise Conflict
    assert status_of(form) == 409
    assert form["note"].value() == "a"
    assert form["client_id"].value() != "k"


def test_form_that_was_not_sent_answers_200() -> None:
    assert status_of(Form(), Form()) == 200


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_sentences_of_fields_are_our_own(language: str) -> None:
    """None of Django's words reach a reader: no Ensure, no Enter a valid, no 确保."""

    class Everything(forms.Form):
        text = forms.CharField(max_length=3)
        choice = forms.ChoiceField(choices=[("a", "a")])
        several = forms.MultipleChoiceField(choices=[("a", "a")])
        key = forms.UUIDField()
        mail = forms.EmailField()
        slug = forms.SlugField()
        tick = forms.BooleanField()
        file = forms.FileField()
        number = forms.DecimalField(max_digits=3, decimal_places=1, max_value=5)

    values = {"text": "abcd", "choice": "b", "several": "b", "key": "x", "mail": "x", "slug": "ä b", "number": "9.99"}
    with translation.override(language):
        for data in (values, {}, {"text": "\0", "several": "a", "number": "x"}):
            told = " ".join(str(e) for errors in Everything(data).errors.values() for e in errors)
            for word in FOREIGN:
                assert word not in told, told


@pytest.mark.django_db
def test_select_that_must_be_answered_begins_with_nobodys_choice_unless_there_is_but_one(cast: Cast, sign_in) -> None:
    pages = {f"/cases/{make_case(cast).pk}/": ("assign", "to"), "/orders/imports/new/": ("form", "shop")}

    def chosen(path: str, form: str, name: str) -> Any:
        field = sign_in(cast.li).get(path).context[form][name]
        return next(key for key, _label in field.field.choices)

    assert [chosen(path, *where) for path, where in pages.items()] == ["", cast.shop.pk]
    Shop.objects.create(code="second", name="第二家店", site=cast.site)
    assert chosen("/orders/imports/new/", "form", "shop") == ""


@pytest.mark.parametrize(
    ("came", "lands"),
    [
        ("/cases/?status=all", "/cases/?status=all"),
        ("http://testserver/cases/?status=all", "/cases/?status=all"),
        ("留下这句话", "/orders/board/"),
        ("cases/", "/orders/board/"),
        ("//elsewhere.example/cases/", "/orders/board/"),
        ("https://elsewhere.example/cases/", "/orders/board/"),
        ("http://testserver//elsewhere.example/", "/orders/board/"),
        ("http://testserver/\\elsewhere.example/", "/orders/board/"),
        ("javascript:alert(1)", "/orders/board/"),
        ("", "/orders/board/"),
    ],
)
def test_one_lands_on_a_page_of_ours_and_nowhere_else(came: str, lands: str) -> None:
    request = RequestFactory().post("/orders/findings/dismiss/", {"next": came})
    assert origin_of(request, "orders:board") == lands


def test_form_under_its_lists_address_lands_on_the_list_as_it_was_filtered() -> None:
    came = {"referer": "http://testserver/cases/?status=open&page=2"}
    request = RequestFactory().post("/cases/give/", headers=came)
    assert origin_of(request, "cases:case_list") == "/cases/?status=open&page=2"
