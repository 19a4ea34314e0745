"""Feedback points (奖惩积分): integers, never money. What was given is never changed, only countered."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.models.responsibility import Statement
from people.models import Shop


class PointRule(models.Model):
    """What gives or costs points, from a day to a day, for a shop or for all. A deduction's rule says what staff were
    told, when and how it was discussed with them; it counts for nobody who has not acknowledged it."""

    class Kind(models.TextChoices):
        REWARD = "reward", _("reward")
        DEDUCTION = "deduction", _("deduction")

    class Occasion(models.TextChoices):
        CAUGHT = "caught", _("a mismatch caught before shipment")
        OWN_REPORT = "own_report", _("an own error reported")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("shop"))
    occasion = models.CharField(_("for"), max_length=12, choices=Occasion.choices, blank=True)
    cause = models.CharField(_("cause"), max_length=14, choices=Case.Cause.choices, blank=True)
    points = models.PositiveSmallIntegerField(_("points"))
    monthly_cap = models.PositiveSmallIntegerField(_("at most in a month"), null=True, blank=True)
    text = models.TextField(_("the rule as staff read it"), blank=True)
    discussed_on = models.DateField(_("discussed on"), null=True, blank=True)
    discussed_how = models.CharField(_("how, and with whom"), max_length=300, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="deduction") | (Q(kind="reward") & ~Q(occasion="")), name="cases_pointrule_occasion"
            ),
            models.CheckConstraint(
                condition=Q(kind="reward")
                | (
                    ~Q(cause="")
                    & ~Q(text="")
                    & ~Q(discussed_how="")
                    & Q(discussed_on__isnull=False, monthly_cap__isnull=False, points__gte=1)
                ),
                name="cases_pointrule_discussed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.occasion or self.cause} {self.points}"

    @property
    def ref(self) -> str:
        return f"point_rule:{self.pk}"


class RuleAcknowledgement(models.Model):
    """Somebody has read a deduction's rule and knows it; before that it does not count for them."""

    rule = models.ForeignKey(PointRule, models.PROTECT, related_name="acknowledgements")
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "employee"], name="cases_ruleacknowledgement_once"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.employee_id}"


class PointEntry(models.Model):
    """Points given to somebody, or taken; appended. One that was wrong is countered by another."""

    class Kind(models.TextChoices):
        REWARD = "reward", _("reward")
        DEDUCTION = "deduction", _("deduction")
        COUNTER = "counter", _("counter-entry")

    key = models.CharField(max_length=80, unique=True, help_text="once, however often the reaction or form repeats")
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="point_entries")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    occasion = models.CharField(max_length=12, choices=PointRule.Occasion.choices, blank=True)
    points = models.SmallIntegerField()
    note = models.CharField(max_length=500, blank=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(points=0), name="cases_pointentry_some"),
            models.CheckConstraint(
                condition=Q(kind="counter", reverses__isnull=False) | (~Q(kind="counter") & Q(reverses=None)),
                name="cases_pointentry_counter",
            ),
        ]
        indexes = [models.Index(fields=["employee", "at"], name="cases_pointentry_account")]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.points:+d}"


class Deduction(models.Model):
    """A deduction that somebody proposes for a case: with evidence, after the person's statement; it counts once a
    second person has approved it, and may then be appealed against."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="deductions")
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    rule = models.ForeignKey(PointRule, models.PROTECT, related_name="+")
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="+")
    evidence = models.TextField(_("evidence"))
    points = models.PositiveSmallIntegerField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    is_approved = models.BooleanField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    appeal_until = models.DateTimeField(null=True)
    entry = models.OneToOneField(PointEntry, models.PROTECT, null=True, related_name="deduction")
    client_id = models.UUIDField(unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "employee"], name="cases_deduction_once", condition=~Q(is_approved=False)
            ),
            models.CheckConstraint(condition=~Q(evidence="") & Q(points__gte=1), name="cases_deduction_evidence"),
            models.CheckConstraint(
                condition=~Q(decided_by=F("proposed_by"))
                & ~Q(decided_by=F("employee"))
                & ~Q(proposed_by=F("employee")),
                name="cases_deduction_second_approver",
            ),
            models.CheckConstraint(
                condition=Q(is_approved__isnull=True, decided_by=None, entry=None)
                | Q(is_approved=False, decided_by__isnull=False, entry=None)
                | Q(is_approved=True, decided_by__isnull=False, entry__isnull=False, appeal_until__isnull=False),
                name="cases_deduction_decided",
            ),
        ]
        indexes = [models.Index(fields=["employee", "decided_at"], name="cases_deduction_month")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.employee_id} {self.points}"


class Appeal(models.Model):
    """What a person says against a deduction (申诉); decided by somebody who had no part in it."""

    deduction = models.OneToOneField(Deduction, models.PROTECT, related_name="appeal")
    text = models.TextField(_("why it is not right"))
    at = models.DateTimeField()
    is_upheld = models.BooleanField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    client_id = models.UUIDField(unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_upheld=None, decided_by=None)
                | (Q(is_upheld__isnull=False, decided_by__isnull=False) & ~Q(reason="")),
                name="cases_appeal_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deduction_id}"
