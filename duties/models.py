"""Duty: what one employee owes by when. The one table of completion tracking; it grows by millions of rows a year."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.text import BilingualField
from people.models import Shift, Shop, Site, Team


class DutyQuerySet(models.QuerySet["Duty"]):
    def unsettled(self) -> Self:
        """Neither done, missed nor waived. Written as the index condition, so that databases use it."""
        return self.filter(completed_at=None, missed_at=None, waived_at=None)

    def opened(self, now: datetime) -> Self:
        return self.filter(opens_at__lte=now)

    def due_before(self, moment: datetime) -> Self:
        return self.filter(due_at__lt=moment)


class Duty(models.Model):
    """What one employee owes by a time: a training assignment, a checklist run, a signature, a follow-up each has one.

    `obligation` is the stable key of *what* is owed ("module:12", "checklist:3", "case"): the matrix's column.
    `subject_id` is the thing to work on (run, assignment, …): with `kind` it names the page that opens it.
    What must hold: settled at most one way; whoever changes the assignee appends a DutyEvent.
    """

    class Kind(models.TextChoices):
        MODULE = "module", _("training module")
        RUN = "run", _("checklist run")
        REVIEW = "review", _("review")
        HANDOVER = "handover", _("handover signature")
        ACKNOWLEDGEMENT = "acknowledgement", _("acknowledgement")
        DRILL = "drill", _("drill")
        CASE = "case", _("case")
        FOLLOW_UP = "follow_up", _("follow-up")
        CORRECTION = "correction", _("corrective action")

    key = models.CharField(max_length=120, unique=True)  # made once, however often the tick runs
    obligation = models.CharField(max_length=60)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    subject_id = models.BigIntegerField()
    title = BilingualField()
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="+")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="duties")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, blank=True, related_name="+")
    shift_date = models.DateField(null=True, blank=True)
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True, blank=True, help_text="after this it counts as missed; null: never")
    is_claimable = models.BooleanField(default=False, help_text="anyone of the site may claim it")
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=20, blank=True)
    missed_at = models.DateTimeField(null=True, blank=True)
    waived_at = models.DateTimeField(null=True, blank=True)
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    waived_reason = models.CharField(max_length=300, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    escalated_further_at = models.DateTimeField(null=True, blank=True, help_text="to the site's managers, of a case")

    objects = DutyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(completed_at=None, missed_at=None)
                    | Q(completed_at=None, waived_at=None)
                    | Q(missed_at=None, waived_at=None)
                ),
                name="duties_duty_settled_once",
            ),
        ]
        indexes = [
            models.Index(  # Today: what I owe, soonest first
                fields=["assignee", "due_at"],
                name="duties_duty_today",
                condition=Q(completed_at=None, missed_at=None, waived_at=None),
            ),
            models.Index(  # the tick: what falls due, is missed, is to be reminded
                fields=["due_at"],
                name="duties_duty_unsettled",
                condition=Q(completed_at=None, missed_at=None, waived_at=None),
            ),
            models.Index(  # Today: what anyone of my site may claim
                fields=["site", "due_at"],
                name="duties_duty_claimable",
                condition=Q(is_claimable=True, completed_at=None, missed_at=None, waived_at=None),
            ),
            models.Index(fields=["assignee", "due_at"], name="duties_duty_person"),  # matrix row, drill-down
            models.Index(fields=["site", "due_at"], name="duties_duty_site"),  # matrix, trends
            models.Index(fields=["obligation", "due_at"], name="duties_duty_obligation"),  # matrix by item
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_settled(self) -> bool:
        return bool(self.completed_at or self.missed_at or self.waived_at)

    def status(self, now: datetime) -> str:
        """on_time, late, missed, waived, overdue, due (open), not_due (opens later). The one rule of lateness."""
        if self.waived_at:
            return "waived"
        if self.completed_at:
            return "on_time" if self.completed_at <= self.due_at else "late"
        if self.missed_at:
            return "missed"
        if now > self.due_at:
            return "overdue"
        return "due" if now >= self.opens_at else "not_due"


class DutyEvent(models.Model):
    """What happened to a duty, appended: who held it when can be asked afterwards."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("opened")
        CLAIMED = "claimed", _("claimed")
        REASSIGNED = "reassigned", _("reassigned")
        COMPLETED = "completed", _("completed")
        REOPENED = "reopened", _("reopened")
        MISSED = "missed", _("missed")
        WAIVED = "waived", _("waived")
        REMINDED = "reminded", _("reminded")
        ESCALATED = "escalated", _("escalated")
        ESCALATED_FURTHER = "escalated2", _("escalated to the managers")
        PUT_OFF = "put_off", _("put off, on leave")

    duty = models.ForeignKey(Duty, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.duty_id} {self.kind}"


class Beat(models.Model):
    """When a part last showed life: "tick", "worker"."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%H:%M}"
