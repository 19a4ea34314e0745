"""What does not match, and what was verified at the bench."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.models.sides import Order, Waybill
from orders.words import said_of
from people.models import Shop, Site


class FindingQuerySet(models.QuerySet["Finding"]):
    def standing(self) -> Self:
        """Noticed, and neither cleared nor dismissed; in a case or not."""
        return self.filter(state__in=[Finding.State.OPEN, Finding.State.IN_CASE])


class Finding(models.Model):
    """One trouble of one order, noticed by reconciliation. `evidence` holds what each of the three sides says."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        IN_CASE = "in_case", _("in a case")
        CLEARED = "cleared", _("cleared by later data")
        DISMISSED = "dismissed", _("dismissed")

    class Code(models.TextChoices):
        LATE_UNSHIPPED = "late_unshipped", _("past the deadline, not shipped")
        DUE_WITHIN_12H = "due_within_12h", _("due within 12 hours")
        REFUND_HOLD = "refund_hold", _("refund requested, hold back")
        SYNC_DELAY_UNSHIPPED = "sync_delay_unshipped", _("with the courier, platform still waits")
        NO_PICKUP_24H = "no_pickup_24h", _("no pickup for 24 hours")
        TRANSPOSED_DIGITS = "transposed_digits", _("two digits swapped")
        WRONG_DIGIT = "wrong_digit", _("a digit is wrong")
        MISSING_CHARACTER = "missing_character", _("a character is missing")
        LETTER_O_FOR_ZERO = "letter_o_for_zero", _("letter O for zero")
        SWAPPED_LABELS = "swapped_labels", _("labels of two orders swapped")
        DUPLICATE_WAYBILL = "duplicate_waybill", _("one number on two orders")
        WRONG_COURIER = "wrong_courier", _("wrong courier chosen")
        REPRINT_NOT_WRITTEN_BACK = "reprint_not_written_back", _("reprinted number not written back")
        SPLIT_ONE_MISSING = "split_one_missing", _("one of several parcels not entered")
        COURIER_WRONG_CITY = "courier_wrong_city", _("courier went to another city")
        PICKUP_BEFORE_PAYMENT = "pickup_before_payment", _("picked up before payment")
        TRACKING_STALLED = "tracking_stalled", _("tracking stands still")

    class Cause(models.TextChoices):
        SYNC_DELAY = "sync_delay", _("sync delay")
        MANUAL_ENTRY = "manual_entry", _("manual entry")
        COURIER = "courier", pgettext_lazy("cause", "courier")
        HOLD = "hold", pgettext_lazy("cause", "hold")
        LATE = "late", pgettext_lazy("cause", "late")
        DUE = "due", pgettext_lazy("cause", "due")

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="findings")
    order = models.ForeignKey(Order, models.CASCADE, related_name="findings")
    waybill = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=26, choices=Code.choices)
    cause = models.CharField(max_length=12, choices=Cause.choices)
    evidence = models.JSONField(default=dict)
    evidence_digest = models.CharField(max_length=64)
    due_at = models.DateTimeField(null=True, blank=True, help_text="when it starts to cost, or started")
    loss_cents = models.PositiveIntegerField(default=0, help_text="estimate, by the platform's dated rule")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True, help_text="why it was dismissed, or what agreed later")

    STOPPING = (  # the platform's number is not the parcel's: it must not go
        Code.TRANSPOSED_DIGITS,
        Code.WRONG_DIGIT,
        Code.MISSING_CHARACTER,
        Code.LETTER_O_FOR_ZERO,
        Code.SWAPPED_LABELS,
        Code.DUPLICATE_WAYBILL,
        Code.WRONG_COURIER,
        Code.REPRINT_NOT_WRITTEN_BACK,
        Code.SPLIT_ONE_MISSING,
    )

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(  # one trouble is one finding for as long as it stands
                fields=["order", "code", "waybill"],
                name="orders_finding_standing_once",
                condition=Q(state__in=["open", "in_case", "dismissed"]),
            ),
        ]
        indexes = [
            models.Index(  # the board and the live figures
                fields=["shop", "code", "due_at"], name="orders_finding_open", condition=Q(state="open")
            ),
            models.Index(fields=["order"], name="orders_finding_order"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.order_id}"

    @property
    def ref(self) -> str:
        return f"finding:{self.pk}"

    @property
    def courier(self) -> str:
        """Whom to call: the label's courier, else the platform's."""
        sides = (self.evidence.get("warehouse"), self.evidence.get("platform"))
        return next((side["courier"] for side in sides if side and side.get("courier")), "")


# Passed by a phone without network, by what it knew; not by what is known here.
LET_GO = Q(told="passed", taken_out_at=None) & ~Q(verdict="passed")


class VerificationQuerySet(models.QuerySet["Verification"]):
    def judged(self) -> Self:
        """Verdicts on parcels; without the scans in between that only begin or count."""
        return self.exclude(verdict__in=(Verification.Verdict.STARTED, Verification.Verdict.COUNTED))

    def let_go_offline(self) -> Self:
        """To be found and taken out. Written as the index condition, so that databases use it."""
        return self.filter(LET_GO)


class Verification(models.Model):
    """One scan at the bench, with the verdict; appended, an undo is a row of its own.

    Where the shop asks for goods or a picking slip, the waybill's scan only begins the parcel (`started`); each further
    scan is a row that names it in `parcel`, and the last one passes. `number` is the parcel's in all of them.
    """

    class Verdict(models.TextChoices):
        STARTED = "started", _("begun")
        COUNTED = "counted", _("counted")
        PASSED = "passed", _("passed")
        STOPPED = "stopped", _("stopped")
        UNKNOWN = "unknown", _("cannot be checked")
        UNDONE = "undone", _("undone")

    client_id = models.UUIDField(unique=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="+")
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    scanned = models.CharField(max_length=200)
    number = models.CharField(max_length=40, blank=True)
    waybill = models.ForeignKey(Waybill, models.SET_NULL, null=True, blank=True, related_name="verifications")
    order = models.ForeignKey(Order, models.SET_NULL, null=True, blank=True, related_name="verifications")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    code = models.CharField(max_length=30)
    undoes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="undone_by")
    parcel = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="scans")
    product = models.CharField(max_length=200, blank=True, help_text="the key of the product that was counted")
    pieces = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    told = models.CharField(
        max_length=8, choices=Verdict.choices, blank=True, help_text="what the phone said while it was offline"
    )
    received_at = models.DateTimeField(null=True, blank=True, help_text="when an offline scan came in")
    taken_out_at = models.DateTimeField(
        null=True, blank=True, help_text="a parcel that passed offline and should not have was taken out"
    )

    objects = VerificationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["employee", "-at"], name="orders_verification_mine"),  # today's count
            models.Index(fields=["number", "at"], name="orders_verification_number"),  # verified already?
            models.Index(fields=["order"], name="orders_verification_order"),
            models.Index(fields=["-at"], name="orders_verification_let_go", condition=LET_GO),  # to be taken out: few
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.verdict}"

    @property
    def sentence(self) -> str:
        return str(said_of(self.code).sentence)

    @property
    def instruction(self) -> str:
        return str(said_of(self.code).instruction)

    @property
    def begun(self) -> "Verification | None":
        """The scan that began the parcel which this one leaves open, if goods are still to be scanned into it."""
        if self.verdict == self.Verdict.STARTED:
            return self
        return None if self.verdict == self.Verdict.PASSED else self.parcel
