"""What is to be checked, and when: checklist, frozen version, item, schedule."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel import clock
from kernel.text import BilingualField
from people.models import Owned, Shift, Shop, Site
from training.models import Module

A_DAY = timedelta(days=1)


class Checklist(Owned):
    """An SOP that is worked through every shift; its text lives in versions."""

    slug = models.SlugField(max_length=60, unique=True)
    title = BilingualField()  # the latest version's
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(Owned.Meta):
        pass

    def __str__(self) -> str:
        return self.slug

    @property
    def obligation(self) -> str:
        """The matrix's column."""
        return f"checklist:{self.pk}"


class ChecklistVersion(models.Model):
    """What one publishing made, frozen: runs point to the version they used."""

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = BilingualField()
    summary = BilingualField(blank=True)
    is_handover = models.BooleanField(default=False, help_text="two leads sign it")
    needs_review = models.BooleanField(default=False)
    modules = models.ManyToManyField(Module, related_name="+", blank=True)  # who answers is qualified on these
    suggested = models.JSONField(default=dict, help_text="the schedule that its authors suggest: opens, due, closes")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content it was made from")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["checklist", "number"], name="checklists_checklistversion_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.checklist_id} v{self.number}"


class Item(models.Model):
    """One thing to check. Belongs to a version and is as frozen."""

    class Kind(models.TextChoices):
        CHECK = "check", _("look and tick")
        NUMBER = "number", pgettext_lazy("quantity", "number")
        PHOTO = "photo", _("photo")
        FIGURE = "figure", _("live figure")
        SAMPLE = "sample", _("sampled parcels")
        TEXT = "text", _("text")
        SIGNATURE = "signature", _("signature")

    class Signer(models.TextChoices):
        ANYONE = "", _("anyone")
        OUTGOING = "outgoing", _("outgoing lead")
        INCOMING = "incoming", _("incoming lead")

    version = models.ForeignKey(ChecklistVersion, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    slug = models.SlugField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = BilingualField()
    help = BilingualField(blank=True)
    unit = BilingualField(blank=True)
    least = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    most = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    figure = models.CharField(max_length=40, blank=True, help_text="key of orders.selectors.FIGURES")
    sample_size = models.PositiveSmallIntegerField(default=0)
    signer = models.CharField(max_length=10, choices=Signer.choices, blank=True)
    reasons = models.JSONField(default=list, help_text="suggested reasons of a failure, as [{zh, en}]")
    allows_na = models.BooleanField(default=True)
    needs_photo = models.BooleanField(default=False, help_text="a failure demands a photo")
    needs_correction = models.BooleanField(default=False, help_text="a failure demands a corrective action (整改)")
    case_kind = models.CharField(max_length=20, blank=True, help_text="kind of case that a failure may open")
    opens_case = models.BooleanField(default=False, help_text="a failure always opens the case")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="checklists_item_position_once"),
            models.UniqueConstraint(fields=["version", "slug"], name="checklists_item_slug_once"),
            models.CheckConstraint(
                condition=Q(least=None) | Q(most=None) | Q(most__gte=F("least")), name="checklists_item_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.slug}"

    def is_within(self, number: Decimal | int) -> bool:
        """Whether a number passes: not below `least`, not above `most`."""
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)


class Schedule(models.Model):
    """When a checklist is opened by itself: for which shift, on which weekdays, from when, until when.

    The clock times lie in the shift that begins on the day; after `closes` (the shift's end where not given) what was
    not submitted counts as missed. It accuses nobody backwards: a slot that opened before the schedule was added or
    resumed, or before its shift had these hours, is none of its own.
    """

    class Fault(models.TextChoices):
        """What keeps it from opening anything."""

        NONE = "", _("nothing")
        OFF = "off", _("the checklist or the site is switched off")
        SHIFT = "shift", _("its shift is switched off")
        UNPUBLISHED = "unpublished", _("the checklist is not published")
        EMPTY = "empty", _("the published version has no items")
        TIMES = "times", _("it is due before it opens")
        ERROR = "error", _("something went wrong; the server's log says what")

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="schedules", verbose_name=_("checklist"))
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("shop"))
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="+", verbose_name=_("shift"))
    weekdays = models.CharField(_("weekdays"), max_length=7, default="1234567", help_text="1 Monday … 7 Sunday")
    opens = models.TimeField(_("opens"))
    due = models.TimeField(_("due"))
    closes = models.TimeField(_("closes"), null=True, blank=True)
    begins_at = models.DateTimeField(null=True, blank=True, help_text="no slot that opens before is its own")
    is_active = models.BooleanField(_("active"), default=True)
    fault = models.CharField(max_length=12, choices=Fault.choices, default=Fault.NONE, blank=True)
    fault_at = models.DateTimeField(null=True, blank=True, help_text="since when it cannot be opened")
    client_id = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        indexes = [models.Index(fields=["checklist", "site"], name="checklists_schedule_list")]  # a checklist's page

    def __str__(self) -> str:
        return f"{self.checklist_id} {self.opens:%H:%M}"

    def runs_on(self, day: date) -> bool:
        return str(day.isoweekday()) in self.weekdays

    def moments(self, day: date) -> tuple[datetime, datetime, datetime]:
        """When the run of a day opens, is due, closes; needs `shift__site` loaded."""
        opens, due = self.shift.moment(day, self.opens), self.shift.moment(day, self.due)
        closes = self.shift.moment(day, self.closes) if self.closes else self.shift.span(day)[1]
        return opens, due, max(due, closes)

    def slots(self, *, since: datetime, now: datetime) -> dict[date, tuple[datetime, datetime, datetime]]:
        """What has opened by now and was not over by `since`, by its day; needs `site` and `shift__site` loaded."""
        day, last = clock.day_of(since, self.site.zone) - A_DAY, clock.day_of(now, self.site.zone)
        found = {}
        while day <= last:
            opens, _due, closes = moments = self.moments(day)
            if self.runs_on(day) and opens <= now and closes > since and self._is_own(opens):
                found[day] = moments
            day += A_DAY
        return found

    def next_opening(self, now: datetime) -> datetime | None:
        """When it opens the next time; None where no weekday is chosen."""
        today = clock.day_of(now, self.site.zone)
        for n in range(9):
            opens = self.moments(today + n * A_DAY)[0]
            if opens > now and self.runs_on(today + n * A_DAY) and self._is_own(opens):
                return opens
        return None

    def _is_own(self, opens: datetime) -> bool:
        return all(moment is None or opens >= moment for moment in (self.begins_at, self.shift.hours_since))

    @property
    def weekday_names(self) -> str:
        """The short names of its weekdays; "" for every day."""
        names = [str(WEEKDAYS_ABBR[int(digit) - 1]) for digit in self.weekdays]
        return "" if len(names) == 7 else " ".join(names)
