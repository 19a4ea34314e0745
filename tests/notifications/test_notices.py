"""What a person is told: once per key, read once, mailed where there is an address."""

import pytest
from django.core import mail
from django.test import override_settings

from kernel import clock
from notifications.models import Delivery, Notice
from notifications.services import deliver_waiting, read_notices, send_notice
from tests.cast import Cast


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
    assert read_notices(reader=cast.mei) == 0
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
