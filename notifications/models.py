"""The outbox: what a person is told, once per key; transports deliver it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.text import BilingualField


class Notice(models.Model):
    """One thing told to one person, in both languages; opens `path`."""

    key = models.CharField(max_length=160, unique=True)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices")
    title = BilingualField()
    body = BilingualField(blank=True)
    path = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["recipient", "-at"], name="notifications_notice_mine"),  # my notices, newest first
            models.Index(fields=["recipient"], name="notifications_notice_unread", condition=Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return self.key


class Delivery(models.Model):
    """One notice by one transport beyond the page itself."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    transport = models.CharField(max_length=12)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now, help_text="not tried before: what failed waits ever longer")
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="a worker is at it")
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "transport"], name="notifications_delivery_once"),
        ]
        indexes = [
            models.Index(  # the tick: what is due
                fields=["due_at"], name="notifications_delivery_due", condition=Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.transport}"
