"""Whom to call, and what to say: the courier stations that serve a site, and a shop's own words."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case, ContactLog
from orders.couriers import courier_name
from people.models import Shop, Site


class CourierStation(models.Model):
    """A courier's station (网点) that picks up at a site, with whom to call there."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    courier = models.CharField(_("courier"), max_length=20, help_text=_("code, e.g. yto"))
    name = models.CharField(_("station"), max_length=80)
    person = models.CharField(_("whom to ask for"), max_length=40, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    chat = models.CharField(_("chat group"), max_length=80, blank=True)
    hours = models.CharField(_("pickup times"), max_length=80, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "courier", "name"], name="cases_courierstation_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def courier_name(self) -> str:
        return courier_name(self.courier)


class SayingText(models.Model):
    """What to say to one side about a kind of case, in place of the words that ship with the product; for a shop or for
    all. Appended: the latest counts; an empty one takes the shipped words back."""

    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("shop"))
    whom = models.CharField(max_length=10, choices=ContactLog.Whom.choices)
    kind = models.CharField(max_length=12, choices=Case.Kind.choices, blank=True)
    cause = models.CharField(max_length=14, choices=Case.Cause.choices, blank=True)
    text = models.TextField(_("what to say"), blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["whom", "kind", "cause", "shop"], name="cases_sayingtext_latest")]

    def __str__(self) -> str:
        return f"{self.whom} {self.kind} {self.cause}"
