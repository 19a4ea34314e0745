"""Telling people: one notice per key, and its delivery by mail where there is an address and a mail server."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django_tasks import task

from kernel import clock
from kernel.text import Bilingual, localized
from notifications.models import Delivery, Notice
from people.models import Employee

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 5


@transaction.atomic
def send_notice(
    *, key: str, recipients: Iterable[Employee], title: Bilingual, body: Bilingual | None = None, path: str = ""
) -> int:
    """Tells each recipient once per key. Returns how many were told for the first time."""
    people = {person.pk: person for person in recipients}
    keys = {pk: f"{key}:{pk}" for pk in people}
    known = set(Notice.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    now = clock.now()
    made = Notice.objects.bulk_create(
        [
            Notice(key=keys[pk], recipient=person, title=title, body=body or {}, path=path, at=now)
            for pk, person in people.items()
            if keys[pk] not in known
        ],
        ignore_conflicts=True,
    )
    by_mail = [keys[n.recipient_id] for n in made if people[n.recipient_id].email] if settings.EMAIL_HOST else []
    if by_mail:
        Delivery.objects.bulk_create(
            [Delivery(notice=n, transport="email") for n in Notice.objects.filter(key__in=by_mail)],
            ignore_conflicts=True,
        )
        deliver_waiting.enqueue()
    return len(made)


@task
def deliver_waiting() -> int:
    """Sends what waits, a delivery at a time, so that one bad address holds up nobody."""
    sent = 0
    for delivery in Delivery.objects.filter(state=Delivery.State.WAITING).select_related("notice__recipient")[:200]:
        notice, person = delivery.notice, delivery.notice.recipient
        with translation.override(person.language):
            mail = EmailMessage(
                localized(notice.title), localized(notice.body) or localized(notice.title), to=[person.email]
            )
        try:
            mail.send()
        except OSError as error:
            delivery.attempts += 1
            delivery.error = str(error)[:500]
            if delivery.attempts >= MAX_ATTEMPTS:
                delivery.state = Delivery.State.FAILED
        else:
            delivery.state, delivery.sent_at = Delivery.State.SENT, clock.now()
            sent += 1
        delivery.save()
    return sent


def requeue_deliveries(now: datetime) -> int:
    """Asks again for deliveries that wait. Returns whether there were any."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING).exists()
    if waiting:
        deliver_waiting.enqueue()
    return int(waiting)


def read_notices(*, reader: Employee) -> int:
    """Marks all of one's notices as read."""
    return Notice.objects.filter(recipient=reader, read_at=None).update(read_at=clock.now())


def read_notice(*, notice: Notice) -> None:
    """Marks one notice as read; a repeat keeps the first moment."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=clock.now())
