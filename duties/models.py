"""Duty: what one employee owes by when. The one table of completion tracking; it grows by millions of rows a year."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from duties import lateness
from kernel.text import BilingualField
from people.models import Shift, Shop, Site, Team


class DutyQuerySet(models.QuerySet["Duty"]):
    def unsettled(self) -> Self:
        """Neither done, missed nor waived. Written as the index condition, so that databases use it."""
        return self.filter(completed_at=None, missed_at=None, waived_at=None)

    def opened(self, now: datetime) -> Self:
        return self.filter(opens_at__lte=now)

    def wanted(self, *, after: datetime, until: datetime) -> Self:
        """Wanted between two moments: by their deadline, or by the one that a return has set instead."""
        span = (after, until)
        return self.filter(Q(extended_to=None, due_at__range=span) | Q(extended_to__range=span))


class Duty(models.Model):
    """What one employee owes by a time: a training assignment, a checklist run, a signature, a follow-up each has one.

    `obligation` is the stable key of *what* is owed ("module:12", "checklist:3", "case"): the matrix's column.
    `subject_id` is the thing to work on (run, assignment, …): with `kind` it names the page that opens it.
    Who held it (`assignee`) and who did it (`completed_by`) are both known; counts are for who did it.
    What must hold: settled at most one way; every change appends a DutyEvent with the old and the new value.
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

    IN_PERSON = (Kind.MODULE, Kind.ACKNOWLEDGEMENT, Kind.DRILL)  # nobody can do it for somebody else

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
    due_at = models.DateTimeField(
        help_text="the deadline first told; done after it is late. Leave told before moves it"
    )
    extended_to = models.DateTimeField(
        null=True, blank=True, help_text="sent back: when it is wanted instead; it excuses nothing"
    )
    closes_at = models.DateTimeField(null=True, blank=True, help_text="after this it counts as missed; null: never")
    is_claimable = models.BooleanField(default=False, help_text="anyone of the site may claim it")
    claimed_at = models.DateTimeField(
        null=True, blank=True, help_text="its assignee took it then, and may put it back; null: it was given to them"
    )
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

    counts_for_id = (
        models.GeneratedField(  # whose it is in every count: the assignee's until somebody did it, then theirs
            expression=Coalesce("completed_by_id", "assignee_id"),
            output_field=models.BigIntegerField(null=True),
            db_persist=True,
        )
    )

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
            models.Index(fields=["counts_for_id", "due_at"], name="duties_duty_person"),  # matrix row, drill-down
            models.Index(fields=["site", "due_at"], name="duties_duty_site"),  # matrix, trends
            models.Index(fields=["due_at"], name="duties_duty_due"),  # the same of the whole company
            models.Index(fields=["obligation", "due_at"], name="duties_duty_obligation"),  # matrix by item
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_settled(self) -> bool:
        return bool(self.completed_at or self.missed_at or self.waived_at)

    @property
    def wanted_at(self) -> datetime:
        """By when it is wanted now: its deadline, or the one that a return has set instead."""
        return self.extended_to or self.due_at

    def status(self, now: datetime) -> str:
        """on_time, late, missed, waived, overdue, due (open), not_due (opens later): `lateness` for a row at hand."""
        names = ("due_at", "opens_at", "closes_at", "completed_at", "missed_at", "waived_at")
        return lateness.state_of(at=now, **{name: getattr(self, name) for name in names})


class DutyEvent(models.Model):
    """What happened to a duty, appended: who held it when, and what its deadline was, can be asked afterwards.

    `changes` keeps the old and the new value of each field that the event changed: {"due_at": [old, new]}; moments are
    ISO 8601 in UTC, people their ids.
    """

    class Kind(models.TextChoices):
        OPENED = "opened", _("opened")
        CLAIMED = "claimed", _("claimed")
        RELEASED = "released", _("put back")
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
    changes = models.JSONField(default=dict)

    MOMENTS = {
        "due_at": _("Due"),
        "extended_to": _("Wanted by"),
        "closes_at": _("Closes"),
        "completed_at": _("Done"),
        "missed_at": _("Missed"),
    }

    def __str__(self) -> str:
        return f"{self.duty_id} {self.kind}"

    @property
    def moved(self) -> list[tuple[str | Promise, datetime | None, datetime | None]]:
        """The moments that the event changed: what each is, the old and the new one."""
        return [(label, *_moments(*self.changes[name])) for name, label in self.MOMENTS.items() if name in self.changes]


class Beat(models.Model):
    """When a part last showed life: "tick", "worker"."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%H:%M}"


def _moments(old: str | None, new: str | None) -> tuple[datetime | None, datetime | None]:
    return (old and datetime.fromisoformat(old)) or None, (new and datetime.fromisoformat(new)) or None
