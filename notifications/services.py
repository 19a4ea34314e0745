"""Telling people: one notice per key, and its delivery by mail where there is an address and a mail server."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django_tasks import task

from kernel import clock
from kernel.batches import batched
from kernel.text import Bilingual, localized
from notifications.models import Delivery, Notice
from people.actor import Actor
from people.models import Employee

logger = logging.getLogger(__name__)
CLAIM = timedelta(minutes=10)  # a worker that is at a mail for longer is taken for dead
PAUSES = tuple(timedelta(minutes=n) for n in (1, 5, 15, 60, 180, 360, 720))  # then it is given up, after a day
BATCH = 1000


class Undeliverable(Exception):
    """No further try would help."""


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


def _due(now: datetime) -> QuerySet[Delivery]:
    """What waits, is due, and no living worker is at."""
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM)
    return Delivery.objects.filter(free, state=Delivery.State.WAITING, due_at__lte=now)


@task
def deliver_waiting() -> int:
    """Sends what is due, a delivery at a time, each claimed by one worker: a bad address holds up nobody else."""
    sent = 0
    for pk in _due(clock.now()).order_by("due_at", "id").values_list("pk", flat=True)[:200]:
        now = clock.now()
        if _due(now).filter(pk=pk).update(claimed_at=now):
            sent += _deliver(Delivery.objects.select_related("notice__recipient").get(pk=pk))
    return sent


def _deliver(delivery: Delivery) -> bool:
    """Sends one claimed delivery. One that fails is tried again after ever longer, and at last given up."""
    notice, person, sent = delivery.notice, delivery.notice.recipient, False
    try:
        if not (person.is_active and person.email):
            raise Undeliverable("this person has left, or has no address any more")
        with translation.override(person.language):
            title = localized(notice.title)
            EmailMessage(" ".join(title.split()), localized(notice.body) or title, to=[person.email]).send()
    except Exception as error:  # whatever an address or a server does: the others are not its affair
        logger.warning("delivery %s failed: %s", delivery.pk, error)
        delivery.error, delivery.attempts = str(error)[:500], delivery.attempts + 1
        if delivery.attempts > len(PAUSES) or isinstance(error, Undeliverable):
            delivery.state = Delivery.State.FAILED
        else:
            delivery.due_at = clock.now() + PAUSES[delivery.attempts - 1]
    else:
        delivery.state, delivery.sent_at, sent = Delivery.State.SENT, clock.now(), True
    delivery.claimed_at = None
    delivery.save(update_fields=["state", "attempts", "due_at", "claimed_at", "sent_at", "error"])
    return sent


def requeue_deliveries(now: datetime) -> int:
    """Asks the worker again for deliveries that are due. Returns whether there were any."""
    waiting = bool(settings.EMAIL_HOST) and _due(now).exists()
    if waiting:
        deliver_waiting.enqueue()
    return int(waiting)


def read_notices(*, actor: Actor) -> int:
    """Marks all of one's notices as read."""
    return Notice.objects.filter(recipient=actor.person, read_at=None).update(read_at=clock.now())


def read_notice(*, notice: Notice, actor: Actor) -> None:
    """Marks one notice as read; a repeat keeps the first moment."""
    actor.require_self(notice.recipient_id)
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=clock.now())
