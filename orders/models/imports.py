"""How data comes in: an import of files, the rows that were refused, and what each import may speak about."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.text import BilingualField
from orders.couriers import courier_name
from orders.models.mappings import ColumnMapping
from orders.words import COLUMNS, FAULTS, NO_ORDER_NAMED, NOTES, STRANGERS
from people.models import Shop

IS_COMPARING = Q(compared_at=None, state__in=["waiting", "running", "done"])


class ImportQuerySet(models.QuerySet["Import"]):
    def comparing(self) -> Self:
        """Brought and confirmed, and not compared yet."""
        return self.filter(IS_COMPARING)


class Import(models.Model):
    """Files that somebody brought for one shop: looked at first, confirmed, then read in short batches. The worker does
    both; one that failed before it was confirmed could not be looked at."""

    class State(models.TextChoices):
        LOOKING = "looking", _("being looked at")
        PREVIEW = "preview", _("preview")
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="imports")
    shops = models.ManyToManyField(Shop, related_name="+", help_text="every shop that rows went to")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    client_id = models.UUIDField(unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREVIEW)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    compared_at = models.DateTimeField(null=True, blank=True, help_text="when all that it touched was compared")
    as_of = models.DateTimeField(null=True, blank=True, help_text="the latest moment that the files speak of")
    problem = BilingualField(help_text="why it failed")
    uploads = models.JSONField(default=list, help_text="the files as they came: [{name, size, digest, inside}]")
    seen_rows = models.PositiveIntegerField(default=0, help_text="of all_rows, while it is looked at")
    all_rows = models.PositiveIntegerField(default=0)
    shop_names = models.JSONField(default=dict, help_text="where files name several: name → shop's id, or none")

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["shop", "-created_at"], name="orders_import_shop"),  # a shop's imports
            models.Index(  # what is uploaded and not compared yet
                fields=["state"],
                name="orders_import_comparing",
                condition=IS_COMPARING,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.state}"

    @property
    def is_preview(self) -> bool:
        return self.state == self.State.PREVIEW

    @property
    def is_under_way(self) -> bool:
        """Whether the worker has it or is about to."""
        return self.state in (self.State.LOOKING, self.State.WAITING, self.State.RUNNING)

    @property
    def is_unseen(self) -> bool:
        """Whether what the files would bring is not known: they are looked at, or could not be."""
        return self.state == self.State.LOOKING or (self.state == self.State.FAILED and self.confirmed_at is None)

    @property
    def may_be_cancelled(self) -> bool:
        return self.state in (self.State.LOOKING, self.State.PREVIEW, self.State.WAITING, self.State.FAILED)

    @property
    def shop_ids(self) -> list[int]:
        """Every shop that rows go to, the chosen one first."""
        return list(dict.fromkeys([self.shop_id, *filter(None, self.shop_names.values())]))

    @property
    def ref(self) -> str:
        return f"import:{self.pk}"


class ImportFile(models.Model):
    """One file of an import. `done_rows` is the cursor: a worker that died goes on from there."""

    Kind = ColumnMapping.Kind

    class LeftOut(models.TextChoices):
        """Why nothing of it is read, though of the rest of its file or archive something is."""

        HEADER = "header", _("no column of it is known")
        FILE = "file", _("it is no table that can be read")

    batch = models.ForeignKey(Import, models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True, help_text="empty: columns not known yet")
    sheet = models.CharField(max_length=80, blank=True, help_text="of a workbook with several: which one")
    inside = models.CharField(max_length=200, blank=True, help_text="the ZIP that it came in")
    left_out = models.CharField(max_length=8, choices=LeftOut.choices, blank=True)
    digest = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(help_text="bytes")
    is_latest_only = models.BooleanField(default=False, help_text="tracking with one latest status per parcel")
    other_shop = models.CharField(max_length=80, blank=True, help_text="the shop that the rows name, if it is not ours")
    unknown_words = models.JSONField(default=list, help_text="states of its rows that nobody has explained")
    unknown_refunds = models.JSONField(default=list, help_text="words about refunds that nobody has explained")
    unknown_couriers = models.JSONField(default=list, help_text="names of couriers that nobody knows")
    strangers = models.JSONField(
        default=dict,
        help_text="where almost no row names an order or waybill that is known: {column, example, met, of}",
    )
    exported_at = models.DateTimeField(null=True, blank=True, help_text="as its name or its title says")
    latest_at = models.DateTimeField(null=True, blank=True, help_text="the latest moment that its rows tell")
    is_newest = models.BooleanField(default=False, help_text="a manager said that it is newer than what is known")
    cut = models.JSONField(default=list, help_text="columns whose last digits a spreadsheet zeroed")
    notes = models.JSONField(default=dict, help_text="code → how many rows it is to be told of, see RowNote")
    rows = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    faults = models.PositiveIntegerField(default=0)
    done_rows = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["batch", "id"], name="orders_importfile_batch")]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """Where it came from: the archive, the file, the sheet."""
        return " · ".join(filter(None, (self.inside, self.name, self.sheet)))

    @property
    def stranger_sentence(self) -> str:
        """What to tell of a log that meets almost no order that is known, "" for any other."""
        if not self.strangers:
            return ""
        sentence = STRANGERS[self.kind] if self.strangers["of"] else NO_ORDER_NAMED
        return str(sentence) % self.strangers

    @property
    def told_notes(self) -> list[tuple[str, int, str]]:
        """(code, how many rows, what is told of them) of the rows that were not refused."""
        return [(code, n, str(NOTES.get(code, code))) for code, n in sorted(self.notes.items())]

    @property
    def is_in_question(self) -> bool:
        """Whether rows of it were left aside that would count if it is newer than what is known."""
        return bool(self.notes.get("goes_back") or self.notes.get("older"))

    @property
    def is_asked(self) -> bool:
        """Whether words of it wait for somebody to say what they mean."""
        return bool(self.unknown_words or self.unknown_refunds or self.unknown_couriers)


class RowFault(models.Model):
    """A row that was refused, with the reason's code; it does not stop the rest."""

    file = models.ForeignKey(ImportFile, models.CASCADE, related_name="row_faults")
    line = models.PositiveIntegerField(help_text="the header is in line 1")
    code = models.CharField(max_length=40)
    column = models.CharField(max_length=60, blank=True)
    value = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [models.Index(fields=["file", "line"], name="orders_rowfault_line")]

    def __str__(self) -> str:
        return f"{self.line} {self.code}"

    @property
    def sentence(self) -> str:
        return str(FAULTS.get(self.code, self.code))

    @property
    def column_name(self) -> str:
        return str(COLUMNS.get(self.column, self.column))


class RowNote(models.Model):
    """What is to be told of a row that was not refused: whose order no report has, that says otherwise than a newer
    one."""

    MOST = 5000  # of one file

    file = models.ForeignKey(ImportFile, models.CASCADE, related_name="row_notes")
    line = models.PositiveIntegerField(help_text="the header is in line 1")
    code = models.CharField(max_length=20)
    value = models.CharField(max_length=80, blank=True, help_text="the number that it is about")

    class Meta:
        indexes = [models.Index(fields=["file", "code", "line"], name="orders_rownote_line")]

    def __str__(self) -> str:
        return f"{self.line} {self.code}"

    @property
    def sentence(self) -> str:
        return str(NOTES.get(self.code, self.code))


class Coverage(models.Model):
    """What an import speaks for: absence of a row is evidence only inside (couriers × period) of its side."""

    class Side(models.TextChoices):
        LABELS = "labels", _("label log")
        TRACKING = "tracking", _("tracking")

    batch = models.ForeignKey(Import, models.CASCADE, related_name="coverages")
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    side = models.CharField(max_length=10, choices=Side.choices)
    couriers = models.JSONField(default=list, help_text="courier codes; empty for every courier")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_active = models.BooleanField(default=False, help_text="counts once the import is done")
    knows_first_event = models.BooleanField(default=True, help_text="every event, not just the latest status")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gte=models.F("starts_at")), name="orders_coverage_period"
            ),
        ]
        indexes = [models.Index(fields=["shop", "side"], name="orders_coverage_shop")]

    def __str__(self) -> str:
        return f"{self.side} {self.starts_at:%m-%d}–{self.ends_at:%m-%d}"

    @property
    def courier_names(self) -> list[str]:
        return [courier_name(code) for code in self.couriers]
