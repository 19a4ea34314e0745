"""Who works here, where, in which role, since when."""

from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, make_password
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel import clock
from kernel.presence import present


class Role(models.TextChoices):
    EMPLOYEE = "employee", _("employee")
    LEAD = "lead", _("shift lead")
    MANAGER = "manager", _("manager")
    AUDITOR = "auditor", _("auditor")


class EmployeeManager(BaseUserManager["Employee"]):
    def get_by_natural_key(self, username: str | None) -> "Employee":
        return self.get(number=Employee.normalize_username(username or ""))


class Employee(AbstractBaseUser):
    """A person who signs in by employee number (工号) with a password or a PIN. The user model."""

    number = models.CharField(_("employee number"), max_length=20, unique=True)
    name = models.CharField(pgettext_lazy("person", "name"), max_length=60)
    email = models.EmailField(_("e-mail"), blank=True)
    pin = models.CharField(max_length=128, blank=True, help_text="hashed; 6 digits")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default="zh-hans")
    is_active = models.BooleanField(_("active"), default=True)
    is_administrator = models.BooleanField(_("administrator"), default=False)
    must_change_password = models.BooleanField(default=False)
    notice_read_at = models.DateTimeField(null=True, blank=True)
    hired_on = models.DateField(_("hired on"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "number"
    REQUIRED_FIELDS = ["name"]
    objects = EmployeeManager()

    class Meta:
        indexes = [models.Index(fields=["name", "id"], name="people_employee_name")]  # lists sorted by name

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        self.number = self.normalize_username(self.number)
        super().save(*args, **options)

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """One spelling of a number, however it was typed: «ｗ１２ » is W12."""
        return str(super().normalize_username(username)).strip().upper()

    @property
    def ref(self) -> str:
        """The opaque id that ledger and evidence know this person by."""
        return f"employee:{self.pk}"

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A session ends with the password and with the PIN that it may have been opened with."""
        key_salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        return salted_hmac(key_salt, self.password + self.pin, secret=secret, algorithm="sha256").hexdigest()

    def set_pin(self, pin: str) -> None:
        self.pin = make_password(pin)

    def check_pin(self, pin: str) -> bool:
        return bool(self.pin) and check_password(pin, self.pin)


class Site(models.Model):
    """A floor where people work (仓库); serves several shops."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=80)
    zone = models.CharField(_("time zone"), max_length=40, default=clock.company_zone)
    is_active = models.BooleanField(_("active"), default=True)

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class Shop(models.Model):
    """A storefront on a platform (店铺); its parcels leave from one site."""

    class Platform(models.TextChoices):
        TAOBAO = "taobao", _("Taobao / Tmall")
        PINDUODUO = "pinduoduo", _("Pinduoduo")
        DOUYIN = "douyin", _("Douyin")
        OTHER = "other", _("other")

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=80)
    platform = models.CharField(_("platform"), max_length=10, choices=Platform.choices, default=Platform.TAOBAO)
    site = models.ForeignKey(Site, models.PROTECT, related_name="shops", verbose_name=_("site"))
    is_active = models.BooleanField(_("active"), default=True)

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """Who works together (班组)."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="teams", verbose_name=_("site"))
    name = models.CharField(_("name"), max_length=60)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="people_team_name_once")]

    def __str__(self) -> str:
        return self.name


class Shift(models.Model):
    """When people work (班次), in the site's zone; one that ends before it starts ends the next day."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="shifts", verbose_name=_("site"))
    name = models.CharField(_("name"), max_length=60)
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))
    hours_since = models.DateTimeField(null=True, editable=False, help_text="when these hours were given, if later")
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="people_shift_name_once"),
            models.CheckConstraint(condition=~Q(starts=models.F("ends")), name="people_shift_length"),
        ]

    def __str__(self) -> str:
        return self.name

    def span(self, day: date) -> tuple[datetime, datetime]:
        """Start and end of the shift that begins on a day; needs `site` loaded."""
        start = datetime.combine(day, self.starts, self.site.tz)
        end = datetime.combine(day, self.ends, self.site.tz)
        return start, end if end > start else end + timedelta(days=1)

    def moment(self, day: date, at: time) -> datetime:
        """The moment of a clock time within the shift that begins on a day."""
        moment = datetime.combine(day, at, self.site.tz)
        return moment if at >= self.starts or self.ends > self.starts else moment + timedelta(days=1)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def on(self, day: date) -> Self:
        """Those that hold on a calendar day of their own site."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)

    def at(self, moment: datetime) -> Self:
        """Those that hold at a moment, each by the day that it is at its own site: one statement more, for the zones.

        Where the site is known, `on(clock.day_of(moment, site.zone))` says the same.
        """
        zones: dict[date, set[str]] = {}
        for zone in Site.objects.order_by().values_list("zone", flat=True).distinct():
            zones.setdefault(clock.day_of(moment, zone), set()).add(zone)
        if len(zones) == 1:  # the same day everywhere
            return self.on(next(iter(zones)))
        held = Q(pk__in=[])
        for day, there in zones.items():
            sites = Site.objects.filter(zone__in=sorted(there)).values("pk")
            at_these = Q(site__in=sites) | Q(shop__in=Shop.objects.filter(site__in=sites).values("pk"))
            held |= at_these & (Q(ends_on=None) | Q(ends_on__gte=day)) & Q(starts_on__lte=day)
        return self.filter(held)


class Membership(models.Model):
    """One person's role at a site or for a shop, from a day to a day (inclusive): dated, so the past can be asked."""

    employee = models.ForeignKey(Employee, models.PROTECT, related_name="memberships", verbose_name=_("employee"))
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, verbose_name=_("site"))
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, verbose_name=_("shop"))
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name=_("team")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(site=None, shop__isnull=False) | Q(site__isnull=False, shop=None),
                name="people_membership_site_or_shop",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")), name="people_membership_dates"
            ),
            models.CheckConstraint(condition=Q(team=None) | Q(site__isnull=False), name="people_membership_team_site"),
        ]
        indexes = [
            models.Index(fields=["employee", "ends_on"], name="people_membership_employee"),  # the viewer's scope
            models.Index(fields=["site", "role", "ends_on"], name="people_membership_site"),  # who works at a site
            models.Index(fields=["team", "ends_on"], name="people_membership_team"),  # who is in a team
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.role}"

    @property
    def zone(self) -> str:
        """Of the site that it counts its days by; needs `site` or `shop__site` loaded."""
        return (self.site or present(self.shop).site).zone

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day <= (self.ends_on or date.max)


class Roster(models.Model):
    """Who works which shift on which day (排班); on leave (请假) means that nothing falls due."""

    employee = models.ForeignKey(Employee, models.PROTECT, related_name="rosters", verbose_name=_("employee"))
    day = models.DateField(_("day"))
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, blank=True, verbose_name=_("shift"))
    is_leave = models.BooleanField(_("on leave"), default=False)
    recorded_at = models.DateTimeField(default=clock.now, help_text="leave moves deadlines only if it was told before")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["employee", "day", "shift"], name="people_roster_shift_once"),
            models.CheckConstraint(
                condition=Q(is_leave=True, shift=None) | Q(is_leave=False, shift__isnull=False),
                name="people_roster_shift_or_leave",
            ),
        ]
        indexes = [
            models.Index(fields=["shift", "day"], name="people_roster_shift_day"),  # who is on this shift
            models.Index(fields=["day", "is_leave"], name="people_roster_day"),  # who is away today
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.day}"


class CheckIn(models.Model):
    """到岗: “I am here”, for a shift, where no roster says so."""

    employee = models.ForeignKey(Employee, models.PROTECT, related_name="checkins")
    shift = models.ForeignKey(Shift, models.PROTECT)
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employee", "shift", "day"], name="people_checkin_once")]
        indexes = [models.Index(fields=["shift", "day"], name="people_checkin_shift_day")]  # who is on this shift

    def __str__(self) -> str:
        return f"{self.employee_id} {self.day}"


class Owned(models.Model):
    """What belongs to one site, to one shop, or (neither given) to the company."""

    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("site"))
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("shop"))

    class Meta:
        abstract = True
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(site=None) | Q(shop=None), name="%(app_label)s_%(class)s_one_owner")
        ]


class SavedView(models.Model):
    """A list as somebody filters it often: the address's query under a name, one's own or shared with a site."""

    employee = models.ForeignKey(Employee, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=40, help_text="the list's URL name, e.g. cases:case_list")
    name = models.CharField(_("name"), max_length=30)
    query = models.CharField(max_length=500)
    site = models.ForeignKey(Site, models.CASCADE, null=True, blank=True, related_name="+", help_text="shared with")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employee", "page", "name"], name="people_savedview_once")]
        indexes = [
            models.Index(fields=["page", "site"], name="people_savedview_shared", condition=Q(site__isnull=False))
        ]

    def __str__(self) -> str:
        return self.name
