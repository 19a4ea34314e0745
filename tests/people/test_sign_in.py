"""Signing in by number, with password or PIN; the notice, the first password, the form that comes back."""

from html import unescape

import pytest
from django.test import Client

from people.actor import Actor
from people.models import Employee
from people.services import reset_password, set_pin
from records.models import LedgerEntry
from tests.cast import PASSWORD, Cast, make_employee, signed_in

SIGN_IN = "/sign-in/"


def test_number_and_password_sign_in(cast: Cast, client: Client) -> None:
    answer = client.post(SIGN_IN, {"username": "1001", "password": PASSWORD})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_full_width_digits_from_a_chinese_keyboard_are_understood(cast: Cast, client: Client) -> None:
    assert client.post(SIGN_IN, {"username": " １００１ ", "password": PASSWORD}).status_code == 302


def test_letters_of_a_number_may_be_small(cast: Cast, client: Client) -> None:
    make_employee("w12", "吴迪")
    assert client.post(SIGN_IN, {"username": "W12", "password": PASSWORD}).status_code == 302
    assert Employee.objects.get(name="吴迪").number == "W12"


def test_pin_signs_in_like_the_password(cast: Cast, client: Client) -> None:
    set_pin(actor=Actor.of(cast.mei), pin="830271")
    assert client.post(SIGN_IN, {"username": "1001", "password": "830271"}).status_code == 302


@pytest.mark.parametrize("username", ["1001", "7777"])
def test_wrong_password_and_unknown_number_answer_alike(cast: Cast, client: Client, username: str) -> None:
    answer = client.post(SIGN_IN, {"username": username, "password": "wrong"})
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors()


def test_person_who_left_cannot_sign_in(cast: Cast, client: Client) -> None:
    Employee.objects.filter(pk=cast.mei.pk).update(is_active=False)
    assert client.post(SIGN_IN, {"username": "1001", "password": PASSWORD}).status_code == 422


def test_eight_failures_pause_sign_in_and_a_reset_lifts_it(cast: Cast, client: Client) -> None:
    for _ in range(8):
        answer = client.post(SIGN_IN, {"username": "1001", "password": "wrong"})
    assert answer.status_code == 429
    assert client.post(SIGN_IN, {"username": "1001", "password": PASSWORD}).status_code == 429
    assert client.post(SIGN_IN, {"username": "1002", "password": PASSWORD}).status_code == 302
    password = reset_password(employee=cast.mei, actor=Actor.of(cast.sun))
    assert client.post(SIGN_IN, {"username": "1001", "password": password}).status_code == 302


def test_language_cookie_is_the_persons_own(cast: Cast, client: Client) -> None:
    Employee.objects.filter(pk=cast.mei.pk).update(language="en")
    client.post(SIGN_IN, {"username": "1001", "password": PASSWORD})
    assert client.cookies["django_language"].value == "en"


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_next_outside_this_host_is_ignored(cast: Cast, client: Client, target: str) -> None:
    answer = client.post(SIGN_IN, {"username": "1001", "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == "/"


def test_next_within_this_host_is_followed(cast: Cast, client: Client) -> None:
    answer = client.post(SIGN_IN, {"username": "1001", "password": PASSWORD, "next": "/me/?x=1"})
    assert answer.headers["Location"] == "/me/?x=1"


def test_sign_out_takes_a_post_and_ends_the_session(cast: Cast, sign_in) -> None:
    client = sign_in(cast.mei)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/").headers["Location"].startswith(SIGN_IN)


def test_fragment_after_the_session_ran_out_is_answered_401(cast: Cast, client: Client) -> None:
    assert client.get("/", headers={"HX-Request": "true"}).status_code == 401


def test_sign_in_in_place_answers_fragments(cast: Cast, client: Client) -> None:
    htmx = {"HX-Request": "true"}
    page = client.get(SIGN_IN, headers=htmx)
    assert next(t.name for t in page.templates) == "people/_sign_in.html"
    assert client.post(SIGN_IN, {"username": "1001", "password": "x"}, headers=htmx).status_code == 422
    done = client.post(SIGN_IN, {"username": "1001", "password": PASSWORD}, headers=htmx)
    assert (done.status_code, done.headers["HX-Trigger"]) == (204, "signed-in")


def test_notice_promises_nothing_that_nobody_built(cast: Cast) -> None:
    page = signed_in(cast.mei).get("/me/notice/").content.decode()
    assert "这两件事系统不会自动办理" in page and "可以删除" not in page


def test_notice_comes_first_and_is_acknowledged_once(cast: Cast, client: Client) -> None:
    Employee.objects.filter(pk=cast.mei.pk).update(notice_read_at=None)
    client.post(SIGN_IN, {"username": "1001", "password": PASSWORD})
    assert client.get("/me/").headers["Location"] == "/me/notice/?next=%2Fme%2F"
    assert client.get("/me/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/me/notice/"
    for _ in range(2):
        assert client.post("/me/notice/", {"next": "/me/"}).headers["Location"] == "/me/"
    assert client.get("/me/").status_code == 200
    assert LedgerEntry.objects.filter(kind="notice.acknowledged", subject=cast.mei.ref).count() == 1


def test_password_given_by_somebody_else_must_be_changed(cast: Cast, client: Client) -> None:
    password = reset_password(employee=cast.mei, actor=Actor.of(cast.sun))
    client.post(SIGN_IN, {"username": "1001", "password": password})
    assert client.get("/").headers["Location"].startswith("/me/password/")
    refused = client.post("/me/password/", {"password": "short", "again": "short"})
    assert refused.status_code == 422
    client.post("/me/password/", {"password": "tape-and-labels", "again": "tape-and-labels"})
    assert client.get("/").status_code == 200


def test_new_password_ends_every_other_session(cast: Cast, sign_in) -> None:
    here, there = sign_in(cast.mei), sign_in(cast.mei)
    told = {"current": PASSWORD, "password": "tape-and-labels", "again": "tape-and-labels"}
    assert here.post("/me/password/", told).status_code == 302
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302


@pytest.mark.parametrize("pin", ["123456", "654321", "111111", "121212", "12345", "12345a", "001001", "１２３７７５"])
def test_weak_pin_is_refused(cast: Cast, sign_in, pin: str) -> None:
    answer = sign_in(cast.mei).post("/me/pin/", {"current": PASSWORD, "pin": pin})
    assert answer.status_code == 422
    assert not Employee.objects.get(pk=cast.mei.pk).pin


def test_pin_needs_the_password(cast: Cast, sign_in) -> None:
    assert sign_in(cast.mei).post("/me/pin/", {"current": "no", "pin": "830271"}).status_code == 422


def test_form_posted_after_the_session_ran_out_comes_back_filled(cast: Cast, client: Client) -> None:
    sent = {"note": "快递已联系 <b>", "client_id": "7b0c9f0e-5b0a-4a6e-9a7e-000000000001", "password": "hidden"}
    turned = client.post("/check-in/", sent)
    assert turned.headers["Location"].startswith("/sign-in/?next=%2Fagain%2F")
    page = client.get(turned.headers["Location"])
    back = client.post(SIGN_IN, {"username": "1001", "password": PASSWORD, "next": page.context["next"]})
    shown = client.get(back.headers["Location"])
    text = unescape(shown.content.decode())
    assert shown.context["kept"].path == "/check-in/"
    assert 'value="快递已联系 <b>"' in text
    assert "7b0c9f0e" in text
    assert "hidden" not in {f.value for f in shown.context["kept"].fields}
    assert client.post(back.headers["Location"]).status_code == 302
    assert client.get(back.headers["Location"]).status_code == 404


def test_kept_form_says_that_files_must_be_chosen_again(cast: Cast, client: Client, tmp_path) -> None:
    (tmp_path / "label.jpg").write_bytes(b"x")
    with (tmp_path / "label.jpg").open("rb") as photo:
        turned = client.post("/check-in/", {"note": "x y", "photo": photo})
    back = client.post(SIGN_IN + "?" + turned.headers["Location"].partition("?")[2], {
        "username": "1001", "password": PASSWORD,
    })  # fmt: skip
    assert client.get(back.headers["Location"]).context["kept"].files == ["photo"]


def test_form_too_large_to_keep_is_not_kept(cast: Cast, client: Client) -> None:
    answer = client.post("/check-in/", {"note": "字" * 70_000})
    assert answer.headers["Location"] == "/sign-in/?next=%2F"


def test_kept_form_is_nobody_elses(cast: Cast, client: Client, sign_in) -> None:
    turned = client.post("/check-in/", {"note": "mine alone"})
    path = turned.headers["Location"].partition("next=")[2].replace("%2F", "/")
    assert sign_in(cast.chen).get(path).status_code == 404


def test_language_and_theme_are_kept_in_cookies(cast: Cast, sign_in) -> None:
    client = sign_in(cast.mei)
    client.post("/language/", {"language": "en", "next": "/me/"})
    client.post("/theme/", {"theme": "dark"})
    client.post("/theme/", {"theme": "purple"})
    assert client.cookies["django_language"].value == "en"
    assert client.cookies["theme"].value == "dark"
    assert Employee.objects.get(pk=cast.mei.pk).language == "en"
    assert client.get("/me/").headers["Content-Language"] == "en"
