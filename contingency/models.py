"""Contingency plans (应急预案): what to do when a printer, the platform or a courier fails, and the spares for it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from duties.models import Duty
from kernel.text import BilingualField
from people.models import Owned, Site


class PlanQuerySet(models.QuerySet["Plan"]):
    def usable(self) -> Self:
        """Active and published at least once."""
        return self.filter(is_active=True, current__isnull=False)


class Plan(Owned):
    """A contingency plan; what it says is in its versions, `current` is the newest."""

    slug = models.SlugField(max_length=60, unique=True)
    current = models.ForeignKey("PlanVersion", models.PROTECT, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=True)

    objects = PlanQuerySet.as_manager()

    class Meta(Owned.Meta):
        pass

    def __str__(self) -> str:
        return self.slug


class PlanVersion(models.Model):
    """What a plan said from a moment on. Frozen: publishing makes a new one, nothing here is ever changed."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="of the content: the same content is not published twice")
    title = BilingualField()
    trigger = BilingualField(help_text="what has happened")
    when_to_use = BilingualField(blank=True)
    roles = models.JSONField(default=list, help_text="[{zh, en}]: who does what")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="contingency_planversion_number")]

    def __str__(self) -> str:
        return f"{self.plan_id} v{self.number}"


class PlanStep(models.Model):
    """One step: who does what, and by which minute after the start."""

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    title = BilingualField()
    instruction = BilingualField(blank=True)
    who = BilingualField(blank=True)
    target_minutes = models.PositiveSmallIntegerField(help_text="after the start")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="contingency_planstep_position")]

    def __str__(self) -> str:
        return f"{self.version_id} #{self.position}"


class PlanMaterial(models.Model):
    """A material that a version of a plan needs; the site's stock of it is a Material with the same slug."""

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="materials")
    slug = models.SlugField(max_length=60)
    name = BilingualField()
    unit = BilingualField()
    least = models.PositiveIntegerField()
    place = BilingualField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "slug"], name="contingency_planmaterial_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.slug}"


class Material(models.Model):
    """Something kept ready at a site (应急物资). `balance` follows from its movements and is kept under its lock."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    slug = models.SlugField(max_length=60)
    name = BilingualField()
    unit = BilingualField()
    least = models.PositiveIntegerField(_("least quantity"))
    place = BilingualField(blank=True)
    balance = models.IntegerField(default=0)
    counted_at = models.DateTimeField(null=True, blank=True, help_text="null: nobody has counted it yet")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "slug"], name="contingency_material_once"),
            models.CheckConstraint(condition=Q(balance__gte=0), name="contingency_material_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.slug}"

    @property
    def state(self) -> str:
        """uncounted, low (below the least quantity), enough."""
        if self.counted_at is None:
            return "uncounted"
        return "low" if self.balance < self.least else "enough"


class Activation(models.Model):
    """A plan at work at a site (启动), for real or as a drill; the steps ticked are appended to it."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="activations")
    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    is_drill = models.BooleanField(default=False)
    reason = models.TextField(_("what has happened"), blank=True)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    review = models.TextField(_("review"), blank=True)
    client_id = models.UUIDField(unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(  # a drill that still runs must not keep a real emergency from starting
                fields=["plan", "site", "is_drill"],
                condition=Q(closed_at=None),
                name="contingency_activation_one_open",
            ),
        ]
        indexes = [models.Index(fields=["site", "-started_at"], name="contingency_activation_site")]  # the site's list

    def __str__(self) -> str:
        return f"{self.plan_id} {self.started_at:%Y-%m-%d %H:%M}"


class StepTick(models.Model):
    """A step done, undone or left out during an activation; appended, the latest counts."""

    class Kind(models.TextChoices):
        DONE = "done", _("done")
        UNDONE = "undone", _("taken back")
        LEFT_OUT = "left_out", _("left out")

    activation = models.ForeignKey(Activation, models.PROTECT, related_name="ticks")
    step = models.ForeignKey(PlanStep, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note = models.TextField(blank=True)
    client_id = models.UUIDField(unique=True, null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.activation_id} {self.step_id} {self.kind}"


class StockMovement(models.Model):
    """A material taken, brought back, received or counted; appended. `balance` is what lay there afterwards."""

    class Kind(models.TextChoices):
        TAKEN = "taken", _("taken")
        RETURNED = "returned", _("brought back")
        RECEIVED = "received", _("received")
        COUNTED = "counted", _("counted")

    material = models.ForeignKey(Material, models.PROTECT, related_name="movements")
    kind = models.CharField(_("movement"), max_length=8, choices=Kind.choices)
    quantity = models.PositiveIntegerField(_("quantity"))
    balance = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    activation = models.ForeignKey(Activation, models.PROTECT, null=True, blank=True, related_name="movements")
    note = models.CharField(_("note"), max_length=300, blank=True)
    client_id = models.UUIDField(unique=True)

    class Meta:
        indexes = [models.Index(fields=["material", "-at"], name="contingency_movement_material")]

    def __str__(self) -> str:
        return f"{self.material_id} {self.kind} {self.quantity}"


class Drill(models.Model):
    """A drill (演练) that a lead is to hold by a day; done when its activation is closed with a review."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="drills")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("led by"))
    due_at = models.DateTimeField(_("due"))
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    activation = models.OneToOneField(Activation, models.PROTECT, null=True, blank=True, related_name="drill")
    duty = models.OneToOneField(Duty, models.PROTECT, null=True, related_name="drill")
    client_id = models.UUIDField(unique=True)

    class Meta:
        indexes = [models.Index(fields=["plan", "site", "due_at"], name="contingency_drill_next")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.due_at:%Y-%m-%d}"
