"""A checklist being worked through: run, answers, samples, corrective actions, passes, handover signatures."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from checklists.models.definition import Checklist, ChecklistVersion, Item, Schedule
from duties.models import Duty
from kernel.text import BilingualField
from orders.unchecked import Side, names_of
from orders.words import said_of
from people.models import Shift, Shop, Site


class RunQuerySet(models.QuerySet["Run"]):
    def open(self) -> Self:
        """May still be answered, as far as its state says."""
        return self.filter(state__in=[Run.State.OPEN, Run.State.RETURNED])

    def loaded(self) -> Self:
        """With all that a page of runs shows of each."""
        return self.select_related(
            "version",
            "version__checklist",
            "duty",
            "duty__assignee",
            "duty__completed_by",
            "site",
            "shop",
            "shift",
            "submitted_by",
        )

    def to_answer(self) -> Self:
        """With what answering an item needs of each."""
        return self.select_related("version", "duty", "site", "shift")


class Run(models.Model):
    """One execution of a checklist: by whom and until when its duty says; what was found its answers say.

    What must hold: one per schedule and day; answers only while open; what was submitted is changed by corrections
    that name their reason.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("sent back")
        ACCEPTED = "accepted", _("accepted")

    version = models.ForeignKey(ChecklistVersion, models.PROTECT, related_name="runs")
    schedule = models.ForeignKey(Schedule, models.PROTECT, null=True, blank=True, related_name="runs")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="+")
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, blank=True, related_name="+")
    day = models.DateField()
    duty = models.OneToOneField(Duty, models.PROTECT, related_name="run")
    review_duty = models.OneToOneField(Duty, models.PROTECT, null=True, blank=True, related_name="reviewed_run")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    missed_because = BilingualField(blank=True, help_text="it was never open in its time: why")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64, blank=True, help_text="of answers and evidence, as sealed at submission")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    review_note = models.CharField(max_length=500, blank=True)
    answers_seen = models.BigIntegerField(
        null=True, blank=True, help_text="id of the last answer there was when it was sent back: what changed is later"
    )
    client_id = models.UUIDField(null=True, blank=True, unique=True)  # of a run that a lead started by hand

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "day"], name="checklists_run_schedule_day_once"),
        ]
        indexes = [
            models.Index(fields=["-day", "-id"], name="checklists_run_day"),  # the list of many sites
            models.Index(fields=["site", "-day", "-id"], name="checklists_run_site_day"),  # the list of a site
            models.Index(fields=["version", "-day"], name="checklists_run_version_day"),  # the list of a checklist
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"

    @property
    def ref(self) -> str:
        return f"run:{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.OPEN, self.State.RETURNED)

    def is_closed_at(self, moment: datetime) -> bool:
        """Whether an answer given then is too late."""
        closes = self.duty.closes_at
        return not self.is_open or (closes is not None and moment > closes)

    def state_shown(self, now: datetime) -> str:
        """The state, where "missed" is an open run whose duty is, by the one rule of lateness."""
        return "missed" if self.is_open and self.duty.status(now) == "missed" else self.state

    def lateness_shown(self, now: datetime) -> str:
        """ "late" or "overdue", by the deadline first told, beside the state; "" where neither is."""
        status = self.duty.status(now)
        return status if status in ("late", "overdue") else ""


class RunSample(models.Model):
    """A parcel drawn at the run's opening, to be verified before its item passes."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="samples")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    number = models.CharField(max_length=60, help_text="the waybill's number")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "item", "number"], name="checklists_runsample_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.number}"


class SampleScan(models.Model):
    """A drawn parcel looked at for its run, appended: what was known of it then, and whether its number was scanned or
    typed. The latest counts. What the bench verifies is apart from it."""

    class Method(models.TextChoices):
        SCANNED = "scanned", _("scanned")
        TYPED = "typed", _("typed")

    sample = models.ForeignKey(RunSample, models.CASCADE, related_name="scans")
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    scanned = models.CharField(max_length=200)
    method = models.CharField(max_length=8, choices=Method.choices)
    verdict = models.CharField(max_length=8, help_text="passed, stopped or unknown, as orders.Verification has them")
    code = models.CharField(max_length=30)
    client_id = models.UUIDField(unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.sample_id} {self.verdict}"

    @property
    def sentence(self) -> str:
        return str(said_of(self.code).sentence)


class Answer(models.Model):
    """What somebody found for an item; appended, never changed. The latest that is not held counts.

    Held: it came too late or from somebody not qualified, and waits for the lead to accept or decline it.
    """

    class Value(models.TextChoices):
        PASS = "pass", _("OK")
        FAIL = "fail", _("problem")
        NA = "na", _("not applicable")
        UNCHECKED = "unchecked", _("cannot be checked")

    class Held(models.TextChoices):
        NOT = "", _("counts")
        LATE = "late", _("came after the end")
        UNQUALIFIED = "unqualified", _("not qualified")
        FIGURE = "figure", _("the live data says otherwise")

    run = models.ForeignKey(Run, models.PROTECT, related_name="answers")
    item = models.ForeignKey(Item, models.PROTECT, related_name="answers")
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    value = models.CharField(max_length=10, choices=Value.choices)
    data = models.JSONField(default=dict)  # number, text, figure {value, as_of}, verified {done, of}, correction
    reason = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    content = models.CharField(max_length=64, help_text="SHA-256 of what was sent: a repeat must equal it")
    client_id = models.UUIDField(unique=True)
    answered_at = models.DateTimeField()
    received_at = models.DateTimeField()
    held = models.CharField(max_length=12, choices=Held.choices, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    is_accepted = models.BooleanField(default=False, help_text="a held answer that the lead let count")
    corrects_because = models.CharField(max_length=300, blank=True, help_text="a correction after submission: why")
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="answers")

    class Meta:
        indexes = [
            models.Index(fields=["run", "item"], name="checklists_answer_run_item"),  # a run's answers
            models.Index(fields=["run"], name="checklists_answer_held", condition=Q(decided_at=None) & ~Q(held="")),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.item_id} {self.value}"

    @property
    def opened_its_case(self) -> bool:
        """Whether its case was opened by it; else it joined the one that carries the same, or its item's before."""
        return self.case is not None and self.case.key == f"answer:{self.client_id}"

    @property
    def ref(self) -> str:
        return f"answer:{self.pk}"

    @property
    def missing(self) -> str:
        """The sides that its figure could not be checked for, in words."""
        return names_of(Side(row["side"], row["courier"], row["shop"]) for row in self.data.get("missing", []))

    @property
    def counts(self) -> bool:
        return not self.held or self.is_accepted

    @property
    def is_waiting(self) -> bool:
        return bool(self.held) and self.decided_at is None


class Correction(models.Model):
    """整改: what is to be done about a failure, by whom until when; its duty is done when it is done."""

    answer = models.OneToOneField(Answer, models.PROTECT, related_name="correction")
    text = models.CharField(max_length=500)
    duty = models.OneToOneField(Duty, models.PROTECT, related_name="correction")
    done_note = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.text[:40]


class HandoverSignature(models.Model):
    """A signature that one of the two leads of a handover owes; answering the item settles its duty."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="signatures")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    duty = models.OneToOneField(Duty, models.PROTECT, related_name="handover_signature")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "item"], name="checklists_handoversignature_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.item_id}"


class ShiftPass(models.Model):
    """A lead's word that somebody may answer a checklist for one shift without the qualification."""

    employee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, blank=True, related_name="+")
    day = models.DateField()
    reason = models.CharField(max_length=300)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "checklist", "site", "day", "shift"], name="checklists_shiftpass_once"
            ),
            models.UniqueConstraint(
                fields=["employee", "checklist", "site", "day"],
                condition=Q(shift=None),
                name="checklists_shiftpass_day_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.day}"
