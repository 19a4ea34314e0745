"""What a person is told: once per key, read once, mailed where there is an address."""

from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.core import mail
from django.test import override_settings

from kernel import clock
from notifications.models import Delivery, Notice
from notifications.services import deliver_waiting, read_notices, requeue_deliveries, send_notice
from people.actor import Actor
from people.models import Employee
from tests.cast import Cast
from tests.threads import at_once


def tell(cast: Cast, key: str, **changes: object) -> int:
    told = {"recipients": [cast.mei], "title": {"zh": "提醒", "en": "Reminder"}, "path": "/me/", **changes}
    return send_notice(key=key, **told)


def test_one_key_is_told_once(cast: Cast) -> None:
    assert tell(cast, "k", recipients=[cast.mei, cast.mei, cast.wang]) == 2
    assert tell(cast, "k") == 0
    assert Notice.objects.count() == 2


def test_notice_is_read_when_opened_and_goes_where_it_points(cast: Cast, sign_in) -> None:
    tell(cast, "k")
    notice, client = Notice.objects.get(), sign_in(cast.mei)
    assert client.post(f"/notices/{notice.pk}/").headers["Location"] == "/me/"
    first = Notice.objects.get().read_at
    client.post(f"/notices/{notice.pk}/")
    assert Notice.objects.get().read_at == first
    assert client.get("/notices/?unread=1").context["page"].paginator.count == 0


@pytest.mark.parametrize("who", ["wang", "sun", "chen"])
def test_notice_of_somebody_else_is_not_found(cast: Cast, sign_in, who: str) -> None:
    tell(cast, "k")
    assert sign_in(getattr(cast, who)).post(f"/notices/{Notice.objects.get().pk}/").status_code == 404


def test_all_are_marked_as_read_by_post(cast: Cast, sign_in) -> None:
    tell(cast, "a")
    tell(cast, "b", recipients=[cast.wang])
    client = sign_in(cast.mei)
    assert client.get("/notices/read/").status_code == 405
    assert client.post("/notices/read/").status_code == 302
    assert read_notices(actor=Actor.of(cast.mei)) == 0
    assert Notice.objects.filter(read_at=None).count() == 1


@pytest.mark.parametrize("count", [3, 30])
def test_list_takes_few_statements_however_long(cast: Cast, sign_in, statements, count: int) -> None:
    for n in range(count):
        tell(cast, f"n{n}")
    client = sign_in(cast.mei)
    with statements() as spent:
        assert client.get("/notices/").status_code == 200
    assert spent() == 5


@override_settings(EMAIL_HOST="mail.example", EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
def test_mail_goes_out_in_the_persons_language_once(cast: Cast) -> None:
    cast.mei.email, cast.mei.language = "mei@example.com", "en"
    cast.mei.save()
    tell(cast, "k")
    for _ in range(2):
        deliver_waiting.call()
    assert [m.subject for m in mail.outbox] == ["Reminder"]
    assert Delivery.objects.get().sent_at <= clock.now()


# --- mail that fails


@pytest.fixture
def server(settings, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """A mail server, and the addresses that it refuses or stumbles over."""
    settings.EMAIL_HOST, settings.EMAIL_BACKEND = "mail.example", "tests.notifications.mail.Choosy"
    refused: set[str] = set()
    monkeypatch.setattr("tests.notifications.mail.REFUSED", refused)
    return refused


def addressed(cast: Cast) -> None:
    for who in (cast.mei, cast.wang):
        who.email = f"{who.number}@example.com"
        who.save()


def test_one_bad_address_stops_only_itself(cast: Cast, server: set[str]) -> None:
    addressed(cast)
    server.add(cast.mei.email)
    tell(cast, "k", recipients=[cast.mei, cast.wang])
    assert deliver_waiting.call() == 1
    assert [m.to for m in mail.outbox] == [[cast.wang.email]]
    assert Delivery.objects.get(state="waiting").attempts == 1


def test_failed_mail_is_tried_again_by_the_clock_after_ever_longer_and_given_up(cast: Cast, server: set[str]) -> None:
    addressed(cast)
    server.add(cast.mei.email)
    tell(cast, "k")
    tries, at = [], clock.now()
    for minute in range(60 * 30):
        now = at + timedelta(minutes=minute)
        with time_machine.travel(now, tick=False):
            if requeue_deliveries(now):
                tries.append(minute)
                deliver_waiting.call()
    assert len(tries) == 8 and all(a < b for a, b in pairwise(tries))
    assert tries[1] - tries[0] == 1 and tries[-1] - tries[-2] >= 12 * 60
    assert Delivery.objects.get().state == "failed"


def test_mail_goes_out_once_the_server_is_back_without_any_other_mail(cast: Cast, server: set[str]) -> None:
    addressed(cast)
    server.add(cast.mei.email)
    tell(cast, "k")
    deliver_waiting.call()
    server.clear()
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        assert requeue_deliveries(clock.now()) == 1
        assert deliver_waiting.call() == 1


def test_mail_that_another_worker_is_at_is_left_to_it(cast: Cast, server: set[str]) -> None:
    addressed(cast)
    tell(cast, "k")
    Delivery.objects.update(claimed_at=clock.now())
    assert deliver_waiting.call() == 0 and requeue_deliveries(clock.now()) == 0
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert deliver_waiting.call() == 1


def test_who_left_or_lost_their_address_is_written_to_no_more(cast: Cast, server: set[str]) -> None:
    addressed(cast)
    tell(cast, "k", recipients=[cast.mei, cast.wang])
    Employee.objects.filter(pk=cast.mei.pk).update(is_active=False)
    Employee.objects.filter(pk=cast.wang.pk).update(email="")
    assert deliver_waiting.call() == 0 and mail.outbox == []
    assert set(Delivery.objects.values_list("state", "attempts")) == {("failed", 1)}


@pytest.mark.django_db(transaction=True)
def test_two_workers_mail_once(cast: Cast, server: set[str]) -> None:
    addressed(cast)
    for n in range(5):
        tell(cast, f"k{n}")
    at_once(*[deliver_waiting.call] * 3)
    assert len(mail.outbox) == 5 and Delivery.objects.filter(state="sent").count() == 5


# --- whom it concerns


def test_bell_tells_that_something_is_unread_until_it_is_read(cast: Cast, sign_in) -> None:
    mei, wang = sign_in(cast.mei), sign_in(cast.wang)
    assert "has-news" not in mei.get("/me/").content.decode()
    tell(cast, "k")
    page = mei.get("/me/").content.decode()
    assert "has-news" in page and "有未读" in page
    assert "has-news" not in wang.get("/me/").content.decode()
    mei.post("/notices/read/")
    assert "has-news" not in mei.get("/me/").content.decode()
