"""Guessing passwords: counted by number and place, so that a stranger locks out nobody but themself."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.test import Client

from kernel import clock
from people.actor import Actor
from people.models import Employee
from people.services import reset_password, set_pin
from tests.cast import PASSWORD, Cast

ELSEWHERE = "203.0.113.9"
SignIn = Callable[[Employee], Client]


def try_in(client: Client, person: Employee, password: str = "wrong") -> int:
    return client.post("/sign-in/", {"username": person.number, "password": password}).status_code


def own_device(person: Employee) -> Client:
    """Signed in on once, and out again."""
    client = Client()
    assert try_in(client, person, PASSWORD) == 302
    client.post("/sign-out/")
    return client


def guess(person: Employee, client: Client | None = None, times: int = 9) -> Client:
    stranger = client or Client()
    assert [try_in(stranger, person) for _ in range(times)][-1] == 429
    return stranger


def test_stranger_with_nine_wrong_passwords_does_not_lock_out_the_only_administrator(cast: Cast) -> None:
    device = own_device(cast.sun)
    stranger = guess(cast.sun)
    assert try_in(stranger, cast.sun, PASSWORD) == 429
    assert try_in(device, cast.sun, PASSWORD) == 302


def test_new_device_at_another_address_is_not_locked_out_either(cast: Cast) -> None:
    guess(cast.sun)
    assert try_in(Client(REMOTE_ADDR=ELSEWHERE), cast.sun, PASSWORD) == 302


def test_device_of_one_person_is_a_strange_one_for_another(cast: Cast) -> None:
    meis = own_device(cast.mei)
    guess(cast.sun, meis)
    assert try_in(Client(), cast.sun, PASSWORD) == 429  # the same address


def test_device_that_several_share_knows_them_all(cast: Cast) -> None:
    bench = own_device(cast.mei)
    assert try_in(bench, cast.wang, PASSWORD) == 302
    bench.post("/sign-out/")
    guess(cast.mei), guess(cast.wang)
    assert (try_in(bench, cast.mei, PASSWORD), bench.post("/sign-out/").status_code) == (302, 302)
    assert try_in(bench, cast.wang, PASSWORD) == 302


def test_own_device_is_counted_by_itself(cast: Cast) -> None:
    device = own_device(cast.mei)
    guess(cast.mei, device)
    assert try_in(device, cast.mei, PASSWORD) == 429
    assert try_in(Client(), cast.mei, PASSWORD) == 302


def test_cookie_of_somebodys_own_making_is_no_device(cast: Cast) -> None:
    guess(cast.sun)
    forger = Client()
    forger.cookies["device"] = f'["1", [{cast.sun.pk}]]'
    assert try_in(forger, cast.sun, PASSWORD) == 429


def test_number_that_many_places_guess_at_is_open_to_its_own_devices_alone(cast: Cast) -> None:
    device = own_device(cast.sun)
    for n in range(10):
        told = {"username": cast.sun.number, "ip_address": f"203.0.113.{n}", "user_agent": "x"}
        AccessAttempt.objects.create(**told, failures_since_start=8, attempt_time=clock.now())
    assert try_in(Client(REMOTE_ADDR="198.51.100.1"), cast.sun, PASSWORD) == 429
    assert try_in(device, cast.sun, PASSWORD) == 302


def test_addresses_of_one_connection_are_one_place(cast: Cast) -> None:
    for n in range(8):
        last = try_in(Client(REMOTE_ADDR=f"2001:db8:0:7::{n + 1:x}"), cast.sun)
    assert last == 429
    assert try_in(Client(REMOTE_ADDR="2001:db8:0:8::1"), cast.sun, PASSWORD) == 302


def test_pause_is_not_prolonged_by_going_on(cast: Cast) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        stranger = guess(cast.sun)
        traveller.shift(timedelta(minutes=10))
        assert try_in(stranger, cast.sun) == 429
        traveller.shift(timedelta(minutes=6))
        assert try_in(stranger, cast.sun, PASSWORD) == 302


def test_reset_lifts_the_pause_at_every_place(cast: Cast) -> None:
    device = own_device(cast.mei)
    guess(cast.mei, device), guess(cast.mei)
    password = reset_password(employee=cast.mei, actor=Actor.of(cast.sun))
    assert try_in(device, cast.mei, password) == 302
    assert not AccessAttempt.objects.exists()


# --- the present password, and what ends a session


@pytest.mark.parametrize(
    ("page", "sent"),
    [("/me/pin/", {"pin": "830271"}), ("/me/password/", {"password": "tape-and-labels", "again": "tape-and-labels"})],
)
def test_guesses_of_the_present_password_are_limited(cast: Cast, sign_in: SignIn, page: str, sent: dict) -> None:
    client = sign_in(cast.mei)
    answers = [client.post(page, {**sent, "current": f"guess {n}"}).status_code for n in range(8)]
    assert answers == [422] * 7 + [429]
    assert client.post(page, {**sent, "current": PASSWORD}).status_code == 429
    cast.mei.refresh_from_db()
    assert cast.mei.check_password(PASSWORD) and not cast.mei.pin
    assert not any("guess 3" in row.post_data for row in AccessAttempt.objects.all())


def test_pin_is_no_present_password(cast: Cast, sign_in: SignIn) -> None:
    set_pin(actor=Actor.of(cast.mei), pin="830271")
    cast.mei.refresh_from_db()
    sent = {"current": "830271", "password": "tape-and-labels", "again": "tape-and-labels"}
    assert sign_in(cast.mei).post("/me/password/", sent).status_code == 422


def test_changed_pin_ends_the_sessions_opened_with_the_old_one(cast: Cast, sign_in: SignIn) -> None:
    set_pin(actor=Actor.of(cast.mei), pin="830271")
    there = Client()
    assert try_in(there, cast.mei, "830271") == 302
    cast.mei.refresh_from_db()
    here = sign_in(cast.mei)
    assert here.post("/me/pin/", {"current": PASSWORD, "pin": "471926"}).status_code == 302
    assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)
