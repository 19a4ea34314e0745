"""Cases (异常单): what somebody has to put right with the courier, the platform or the buyer."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from duties.models import Duty
from people.models import Employee, Shop


class CaseCounter(models.Model):
    """The last case number given out in a year. Locked first by whoever opens a case."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class CaseQuerySet(models.QuerySet["Case"]):
    def active(self) -> Self:
        """Still to be worked on: open or waiting for somebody."""
        return self.filter(status__in=Case.ACTIVE)

    def unclosed(self) -> Self:
        return self.exclude(status=Case.Status.CLOSED)

    def overdue(self, now: datetime) -> Self:
        return self.active().filter(due_at__lt=now)


class Case(models.Model):
    """One trouble that somebody puts right (异常单), with its orders and waybills.

    The owner is whoever owes its duty, so that Today and the case never tell two stories. What must hold: a closed
    case has a cause and a resolution; events and contacts are appended, never changed.
    """

    class Kind(models.TextChoices):
        MISMATCH = "mismatch", _("waybill does not match")
        NO_PICKUP = "no_pickup", _("no pickup")
        UNSHIPPED = "unshipped", _("not shipped in time")
        STALLED = "stalled", _("tracking stands still")
        HOLD = "hold", _("refund or address hold")
        WRONG_GOODS = "wrong_goods", _("wrong or missing goods")
        LOST = "lost", _("lost or damaged parcel")
        CHECK = "check", _("failed check")
        OTHER = "other", _("other")

    class Cause(models.TextChoices):
        SYNC_DELAY = "sync_delay", _("platform sync delay")
        MANUAL_ENTRY = "manual_entry", _("manual entry error")
        COURIER = "courier", _("courier's recording")
        HOLD = "hold", _("refund or address hold")
        LATE = "late", _("shipped late")
        DUE = "due", _("deadline close")
        OTHER = "other", _("other")

    class Source(models.TextChoices):
        FINDING = "finding", _("finding")
        CHECK = "check", _("failed check")
        BENCH = "bench", _("bench")
        BUYER = "buyer", _("buyer feedback")
        COURIER = "courier", _("courier")
        PERSON = "person", _("opened by hand")

    class Severity(models.TextChoices):
        LOW = "low", _("can wait")
        NORMAL = "normal", _("ordinary")
        HIGH = "high", _("urgent")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        WAITING_COURIER = "wait_courier", _("waiting for courier")
        WAITING_PLATFORM = "wait_platform", _("waiting for platform")
        WAITING_BUYER = "wait_buyer", _("waiting for buyer")
        RESOLVED = "resolved", _("resolved")
        CLOSED = "closed", _("closed")

    class Resolution(models.TextChoices):
        PLATFORM_CORRECTED = "platform_corrected", _("waybill corrected on the platform")
        COURIER_CORRECTED = "courier_corrected", _("courier corrected it")
        RESHIPPED = "reshipped", _("shipped again")
        REFUNDED = "refunded", _("refunded")
        NO_FAULT = "no_fault", _("nothing was wrong")

    class RefundCondition(models.TextChoices):
        AT_ONCE = "at_once", _("at once")
        INTERCEPTED = "intercepted", _("once the courier has stopped the parcel")
        RETURNED = "returned", _("once the parcel is back")
        NONE = "none", _("no refund")

    BY_HAND = (Source.PERSON, Source.BUYER, Source.COURIER)
    ACTIVE = (Status.OPEN, Status.WAITING_COURIER, Status.WAITING_PLATFORM, Status.WAITING_BUYER)

    key = models.CharField(max_length=120, unique=True)  # opened once, however often the form or reaction repeats
    digest = models.CharField(max_length=64, help_text="of what it was opened with: another content is a conflict")
    number = models.CharField(_("number"), max_length=20, unique=True)
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+", verbose_name=_("shop"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    cause = models.CharField(_("cause"), max_length=14, choices=Cause.choices, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity.choices, default=Severity.NORMAL)
    status = models.CharField(_("status"), max_length=14, choices=Status.choices, default=Status.OPEN)
    note = models.TextField(_("what happened"), blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(_("due"))
    resolution = models.CharField(_("resolution"), max_length=20, choices=Resolution.choices, blank=True)
    refund_condition = models.CharField(_("refund"), max_length=12, choices=RefundCondition.choices, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    figure = models.CharField(max_length=40, blank=True, help_text="the live figure whose failed check opened it")
    figure_count = models.PositiveIntegerField(
        null=True, blank=True, help_text="what that figure was then, in its shop"
    )
    duty = models.OneToOneField(Duty, models.PROTECT, null=True, related_name="case")
    responsible = models.ForeignKey(  # the latest word of a lead; every word is a Responsibility
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("responsible")
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="closed") | (~Q(cause="") & ~Q(resolution="") & Q(closed_at__isnull=False)),
                name="cases_case_closed_with_cause",
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "status", "due_at"], name="cases_case_list"),  # the list, soonest first
            models.Index(fields=["shop", "-opened_at"], name="cases_case_newest"),  # the list, newest first
            models.Index(  # retraining's report: the errors of a person
                fields=["responsible", "opened_at"],
                name="cases_case_responsible",
                condition=Q(responsible__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def owner(self) -> Employee | None:
        return self.duty.assignee if self.duty else None

    @property
    def is_active(self) -> bool:
        return self.status in self.ACTIVE


class CaseOrder(models.Model):
    """An order that a case is about, by its number on the platform."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="orders")
    number = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="cases_caseorder_once")]
        indexes = [models.Index(fields=["number"], name="cases_caseorder_number")]  # look-up: the cases of an order

    def __str__(self) -> str:
        return self.number


class CaseWaybill(models.Model):
    """A waybill that a case is about, as written on the label or the platform: it may well be a wrong number."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="waybills")
    number = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="cases_casewaybill_once")]
        indexes = [models.Index(fields=["number"], name="cases_casewaybill_number")]  # look-up: the cases of a waybill

    def __str__(self) -> str:
        return self.number


class CaseFinding(models.Model):
    """A finding that a case works on; known by its id, because a finding may be gone when the case is still told.

    What must hold: one open case carries a finding. `is_open` follows the case: until it is resolved or closed.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="findings")
    finding_id = models.BigIntegerField()
    is_open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "finding_id"], name="cases_casefinding_once"),
            models.UniqueConstraint(
                fields=["finding_id"], condition=Q(is_open=True), name="cases_casefinding_carried_once"
            ),
        ]
        indexes = [models.Index(fields=["finding_id"], name="cases_casefinding_finding")]  # the cases of a finding

    def __str__(self) -> str:
        return f"{self.case_id} {self.finding_id}"


class CaseEvent(models.Model):
    """One thing that happened to a case, appended."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("case opened")
        JOINED = "joined", _("noticed again")
        ASSIGNED = "assigned", _("given to somebody")
        NOTE = "note", _("note")
        STATUS = "status", _("status changed")
        FOLLOWED_UP = "followed_up", _("followed up")
        STATEMENT = "statement", _("statement recorded")
        RESPONSIBLE = "responsible", _("responsible named")
        UNRESOLVED = "unclear", _("responsibility still to be found out")
        REFUND = "refund", _("refund condition")
        RESOLVED = "resolved", _("resolved")
        CLOSED = "closed", _("closed")
        REOPENED = "reopened", _("case reopened")

    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=14, choices=Case.Status.choices, help_text="of the case, afterwards")
    cause = models.CharField(max_length=14, choices=Case.Cause.choices, blank=True)
    resolution = models.CharField(max_length=20, choices=Case.Resolution.choices, blank=True)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True)
    told = models.JSONField(
        default=dict, help_text="what a resolution has to tell, the refund's condition, or the check that failed"
    )
    client_id = models.UUIDField(unique=True, null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="cases_caseevent_timeline")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"

    @property
    def refund_words(self) -> str:
        return str(dict(Case.RefundCondition.choices).get(self.told.get("refund_condition", ""), ""))


class ContactLog(models.Model):
    """Who was spoken to about a case, what was said, what was promised, and when to ask again; appended."""

    class Whom(models.TextChoices):
        COURIER = "courier", _("courier station")
        PLATFORM = "platform", _("platform")
        BUYER = "buyer", _("buyer")
        OTHER = "other", _("other")

    class Channel(models.TextChoices):
        PHONE = "phone", _("phone")
        CHAT = "chat", _("chat group")
        TICKET = "ticket", _("ticket in the back office")
        VISIT = "visit", _("in person")

    case = models.ForeignKey(Case, models.PROTECT, related_name="contacts")
    whom = models.CharField(_("whom"), max_length=10, choices=Whom.choices)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    said = models.TextField(_("what was said"))
    promised = models.TextField(_("what was promised"), blank=True)
    follow_up_at = models.DateTimeField(_("ask again at"), null=True, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    duty = models.OneToOneField(Duty, models.PROTECT, null=True, blank=True, related_name="contact")
    client_id = models.UUIDField(unique=True)

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="cases_contactlog_timeline")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.whom}"
