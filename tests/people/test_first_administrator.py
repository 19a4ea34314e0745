"""An empty installation: the first administrator's page, and the commands of the shell."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from people.models import Employee, Membership, Shop, Site
from people.services import make_first_token
from tests.cast import Cast

PAGE = "/first-administrator/"


@pytest.fixture
def token(db: None, settings, tmp_path: Path) -> str:
    settings.DATA_DIR = tmp_path
    made = make_first_token()
    assert made is not None
    return made


def told(token: str, **changes: str) -> dict[str, str]:
    return {"token": token, "number": "9001", "name": "孙丽", "password": "kraft-and-tape", **changes}


def test_first_administrator_signs_in_and_the_token_is_used_up(token: str, client: Client, tmp_path: Path) -> None:
    assert client.get("/sign-in/").headers["Location"] == PAGE
    assert client.post(PAGE, told(token)).headers["Location"] == "/first-administrator/place/"
    assert Employee.objects.get().is_administrator
    assert not list(tmp_path.glob("first-*"))
    assert Client().get(PAGE).status_code == 404
    assert Client().post(PAGE, told(token)).status_code == 404


@pytest.mark.parametrize("wrong", ["", "guess", "猜"])
def test_wrong_token_is_refused_and_stays_valid(token: str, client: Client, wrong: str) -> None:
    assert client.post(PAGE, told(wrong)).status_code == 422
    assert not Employee.objects.exists()
    assert make_first_token() == token


def test_weak_password_is_refused(token: str, client: Client) -> None:
    assert client.post(PAGE, told(token, password="12345678")).status_code == 422


def test_no_token_is_made_once_there_are_people(cast: Cast, settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    assert make_first_token() is None
    assert Client().get(PAGE).status_code == 404


def test_first_site_and_shop_follow(token: str, client: Client) -> None:
    client.post(PAGE, told(token))
    client.post("/me/notice/")
    place = {
        "site_name": "杭州仓", "site_code": "hangzhou",
        "shop_name": "山野", "shop_code": "shanye", "platform": "taobao",
    }  # fmt: skip
    assert client.post("/first-administrator/place/", {**place, "site_code": "杭州"}).status_code == 422
    assert client.post("/first-administrator/place/", place).headers["Location"] == "/admin/"
    assert Shop.objects.get().site == Site.objects.get()
    assert client.get("/first-administrator/place/").status_code == 302


def run(name: str, *words: str) -> str:
    out = StringIO()
    call_command(name, *words, stdout=out)
    return out.getvalue()


def test_shop_is_set_up_from_the_shell(db: None, client: Client) -> None:
    run("create_site", "--code", "hangzhou", "--name", "杭州仓")
    run("create_shop", "--code", "shanye", "--name", "山野")
    text = run("create_employee", "--number", "1001", "--name", "陈梅", "--role", "employee", "--site", "hangzhou")
    password = text.split()[-1]
    assert client.post("/sign-in/", {"username": "1001", "password": password}).status_code == 302
    assert Membership.objects.get().site == Site.objects.get()
    assert run("reset_password", "1001").split()[-1] != password


@pytest.mark.parametrize(
    "words",
    [
        ("create_site", "--code", "hangzhou", "--name", "x"),
        ("create_site", "--code", "new", "--name", "x", "--zone", "Mars"),
        ("create_shop", "--code", "shanye", "--name", "x", "--site", "hangzhou"),
        ("create_shop", "--code", "new", "--name", "x"),
        ("create_shop", "--code", "new", "--name", "x", "--site", "nowhere"),
        ("create_employee", "--number", "1001", "--name", "x", "--administrator"),
        ("create_employee", "--number", "7", "--name", "x"),
        ("create_employee", "--number", "7", "--name", "x", "--role", "lead"),
        ("create_employee", "--number", "7", "--name", "x", "--role", "lead", "--site", "hangzhou", "--team", "x"),
        ("reset_password", "7777"),
    ],
)
def test_command_says_in_a_sentence_what_is_wrong(cast: Cast, words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as told_why:
        run(*words)
    assert len(str(told_why.value)) > 10
    assert not Employee.objects.filter(number="7").exists()
