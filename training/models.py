"""Modules (课程): what people learn, who has to, what they answered, and who was qualified when."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from duties.models import Duty
from kernel.text import BilingualField
from people.models import Owned, Site


class ModuleQuerySet(models.QuerySet["Module"]):
    def usable(self) -> Self:
        """Active and published at least once."""
        return self.filter(is_active=True, current__isnull=False)


class Module(Owned):
    """One course; what it says is in its versions, `current` is the newest. `title` follows the current version."""

    slug = models.SlugField(max_length=60, unique=True)
    title = BilingualField()
    current = models.ForeignKey("ModuleVersion", models.PROTECT, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=True)

    objects = ModuleQuerySet.as_manager()

    class Meta(Owned.Meta):
        pass

    def __str__(self) -> str:
        return self.slug

    @property
    def obligation(self) -> str:
        """The matrix's column."""
        return f"module:{self.pk}"


class ModuleVersion(models.Model):
    """What a module said from a moment on. Frozen: publishing makes a new one, nothing here is ever changed."""

    module = models.ForeignKey(Module, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="of the content: the same content is not published twice")
    title = BilingualField()
    summary = BilingualField(blank=True)
    audience = BilingualField(blank=True)
    minutes = models.PositiveSmallIntegerField(help_text="to read it and take the quiz")
    pass_percent = models.PositiveSmallIntegerField(default=80)
    questions_asked = models.PositiveSmallIntegerField(help_text="drawn for each attempt")
    is_urgent = models.BooleanField(default=False, help_text="earlier versions qualify no longer, at once")
    due_days = models.PositiveSmallIntegerField(default=7, help_text="from assignment to deadline")
    roles = models.JSONField(default=list, help_text="membership roles to which it is assigned")
    order = models.PositiveSmallIntegerField(default=0, help_text="place in the path")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["module", "number"], name="training_moduleversion_number"),
            models.CheckConstraint(condition=Q(pass_percent__lte=100), name="training_moduleversion_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.module_id} v{self.number}"


class Lesson(models.Model):
    """A few minutes of reading; `body` is Markdown."""

    version = models.ForeignKey(ModuleVersion, models.PROTECT, related_name="lessons")
    position = models.PositiveSmallIntegerField()
    slug = models.SlugField(max_length=60)
    title = BilingualField()
    minutes = models.PositiveSmallIntegerField()
    body = BilingualField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="training_lesson_position"),
            models.UniqueConstraint(fields=["version", "slug"], name="training_lesson_slug"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.slug}"


class Question(models.Model):
    """One question; `options` are [{zh, en, correct}], of an `order` question in the right order."""

    class Kind(models.TextChoices):
        SINGLE = "single", _("one is right")
        MULTIPLE = "multiple", _("several are right")
        ORDER = "order", _("bring into order")

    version = models.ForeignKey(ModuleVersion, models.PROTECT, related_name="questions")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="questions")
    position = models.PositiveSmallIntegerField()
    slug = models.SlugField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = BilingualField()
    options = models.JSONField(default=list)
    why = BilingualField(blank=True, help_text="told after an answer")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["version", "slug"], name="training_question_slug")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.slug}"

    @property
    def right(self) -> list[int]:
        """The right answer: indexes into `options`, in order where order counts."""
        if self.kind == Question.Kind.ORDER:
            return list(range(len(self.options)))
        return [index for index, option in enumerate(self.options) if option.get("correct")]


class Assignment(models.Model):
    """A module that somebody has to learn; its duty says by when and whether it is done."""

    module = models.ForeignKey(Module, models.PROTECT, related_name="assignments")
    employee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    key = models.CharField(max_length=120, unique=True)
    duty = models.OneToOneField(Duty, models.PROTECT, null=True, related_name="assignment")
    reason = models.CharField(max_length=300, blank=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["employee", "module"], name="training_assignment_person"),
            models.Index(fields=["module", "employee"], name="training_assignment_module"),
        ]

    def __str__(self) -> str:
        return self.key


class LessonRead(models.Model):
    """A lesson that was read for an assignment."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="reads")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assignment", "lesson"], name="training_lessonread_once")]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.lesson_id}"


class Attempt(models.Model):
    """One quiz that was handed in; never changed. `answers` are {question slug: [indexes into its options]}."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="attempts")
    version = models.ForeignKey(ModuleVersion, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(help_text="counts the attempts of an assignment, from 1")
    client_id = models.UUIDField(unique=True)
    answers = models.JSONField(default=dict)
    asked = models.PositiveSmallIntegerField()
    right = models.PositiveSmallIntegerField()
    passed = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assignment", "number"], name="training_attempt_number")]

    def __str__(self) -> str:
        return f"{self.assignment_id} #{self.number}"

    @property
    def percent(self) -> int:
        return 100 * self.right // self.asked


class Qualification(models.Model):
    """From a moment on (until another, where it was withdrawn) somebody is qualified on a version of a module."""

    employee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="qualifications")
    module = models.ForeignKey(Module, models.PROTECT, related_name="qualifications")
    version = models.ForeignKey(ModuleVersion, models.PROTECT, related_name="qualifications")
    attempt = models.ForeignKey(Attempt, models.PROTECT, null=True, blank=True, related_name="+")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employee", "version"], name="training_qualification_once")]
        indexes = [models.Index(fields=["module", "version"], name="training_qualification_module")]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.version_id}"
