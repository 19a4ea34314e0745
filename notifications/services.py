"""Telling people: one notice per key, and its delivery by mail where there is an address and a mail server."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django_tasks import task

from kernel import clock
from kernel.batches import batched
from kernel.text import Bilingual, localized
from notifications.models import Delivery, Notice
from people.models import Employee

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 5
BATCH = 1000


@dataclass(frozen=True, kw_only=True)
class NoticeDraft:
    """What one person is told; `key` is made once per person and thing."""

    key: str
    recipient: Employee
    title: Bilingual
    body: Bilingual | None = None
    path: str = ""


@transaction.atomic
def send_notice(
    *, key: str, recipients: Iterable[Employee], title: Bilingual, body: Bilingual | None = None, path: str = ""
) -> int:
    """Tells each recipient once per key. Returns how many were told for the first time."""
    return send_notices(
        NoticeDraft(key=f"{key}:{person.pk}", recipient=person, title=title, body=body, path=path)
        for person in recipients
    )


@transaction.atomic
def send_notices(drafts: Iterable[NoticeDraft]) -> int:
    """Tells many people many things, set-based, each once per key. Returns how many were told for the first time."""
    told = {draft.key: draft for draft in drafts}
    known: set[str] = set()
    for keys in batched(told, BATCH):
        known.update(Notice.objects.filter(key__in=keys).values_list("key", flat=True))
    now = clock.now()
    new = [draft for key, draft in told.items() if key not in known]
    Notice.objects.bulk_create(
        [
            Notice(key=d.key, recipient=d.recipient, title=d.title, body=d.body or {}, path=d.path[:200], at=now)
            for d in new
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    by_mail = [d.key for d in new if d.recipient.email] if settings.EMAIL_HOST else []
    for keys in batched(by_mail, BATCH):
        Delivery.objects.bulk_create(
            [Delivery(notice=n, transport="email") for n in Notice.objects.filter(key__in=keys)],
            ignore_conflicts=True,
        )
    if by_mail:
        transaction.on_commit(deliver_waiting.enqueue)
    return len(new)


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
