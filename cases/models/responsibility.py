"""Who is responsible for an error (责任人), and what they learn from it (补训)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from people.models import Role, Shop
from training.models import Assignment, Module


class Statement(models.Model):
    """What a person says happened, in their own words; written by them, or by the lead who heard them. Appended."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="statements")
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("what they say"))
    is_own_report = models.BooleanField(_("reported it themselves, before anybody noticed"), default=False)
    at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    client_id = models.UUIDField(unique=True)

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="cases_statement_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.employee_id}"


class Responsibility(models.Model):
    """A lead's word on who is responsible, after hearing them, with the proof that it passed through their hands; with
    nobody named it is still to be found out (责任待查). Appended: the latest counts."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="responsibilities")
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    proof = models.CharField(_("proof of handover"), max_length=1000, blank=True)
    at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    client_id = models.UUIDField(unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(employee=None) | ~models.Q(proof=""), name="cases_responsibility_with_proof"
            ),
        ]
        indexes = [models.Index(fields=["case", "at"], name="cases_responsibility_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.employee_id}"


class RetrainingRule(models.Model):
    """Whoever is responsible for a case of this cause, in this role, learns this module again; from a day to a day, for
    a shop or for all."""

    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("shop"))
    cause = models.CharField(_("cause"), max_length=14, choices=Case.Cause.choices)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    module = models.ForeignKey(Module, models.PROTECT, related_name="+", verbose_name=_("module"))
    days = models.PositiveSmallIntegerField(_("days to do it"), default=7)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "cause", "role", "module", "starts_on"], name="cases_retrainingrule_once"
            ),
            models.UniqueConstraint(
                fields=["cause", "role", "module", "starts_on"],
                name="cases_retrainingrule_common_once",
                condition=models.Q(shop=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause} × {self.role} → {self.module_id}"


class Retraining(models.Model):
    """A module that a case gave its responsible person to learn."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="retrainings")
    rule = models.ForeignKey(RetrainingRule, models.PROTECT, related_name="+")
    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="retraining")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "rule"], name="cases_retraining_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.assignment_id}"
