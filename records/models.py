"""What proves that something happened: the ledger, evidence files, facts."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Chain(models.Model):
    """The head of one chain of the ledger: "company", "site:3", "shop:7". Locked last by every writer."""

    name = models.CharField(max_length=40, primary_key=True)
    seq = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.name} #{self.seq}"


class LedgerEntry(models.Model):
    """One sealed entry. `canonical` is the text that was hashed, byte for byte; nothing is ever changed."""

    chain = models.ForeignKey(Chain, models.PROTECT, related_name="entries")
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    actor = models.CharField(max_length=60, blank=True)
    subject = models.CharField(max_length=80)
    canonical = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "seq"], name="records_ledgerentry_seq_once"),
        ]
        indexes = [
            models.Index(fields=["subject", "seq"], name="records_entry_subject"),  # the proof of one thing
            models.Index(fields=["actor"], name="records_entry_actor"),  # the ledger's page: what somebody did
            models.Index(fields=["kind"], name="records_entry_kind"),  # the same page: one kind, one room
            models.Index(fields=["at"], name="records_entry_at"),  # the same page: one day
        ]

    def __str__(self) -> str:
        return f"{self.chain_id} #{self.seq} {self.kind}"


class HeadSignature(models.Model):
    """The head of a chain at a moment, signed with the installation's Ed25519 key."""

    chain = models.ForeignKey(Chain, models.PROTECT, related_name="signatures")
    seq = models.BigIntegerField()
    head = models.CharField(max_length=64)
    at = models.DateTimeField()
    public_key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    kept_at = models.DateTimeField(null=True, blank=True, help_text="written to the second place")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="sent by mail or to the webhook")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "seq"], name="records_headsignature_once"),
        ]
        indexes = [
            models.Index(fields=["id"], name="records_head_unkept", condition=models.Q(kept_at=None)),
            models.Index(fields=["id"], name="records_head_unsent", condition=models.Q(sent_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.chain_id} #{self.seq}"


class Commitment(models.Model):
    """The salt behind a personal value that an entry holds as a digest; erased with the person."""

    person = models.CharField(max_length=60, db_index=True)
    digest = models.CharField(max_length=64, unique=True)
    salt = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.digest[:12]


class Evidence(models.Model):
    """A file that proves something: stored once under its SHA-256, synced to disk before it is acknowledged."""

    owner = models.CharField(max_length=60, help_text="what it belongs to, as kind:id; that owner's scope serves it")
    digest = models.CharField(max_length=64)
    media_type = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField(help_text="bytes")
    name = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=60, help_text="opaque id of who added it, as employee:id")
    at = models.DateTimeField()
    client_id = models.UUIDField(unique=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["owner"], name="records_evidence_owner"),
            models.Index(fields=["digest"], name="records_evidence_digest"),  # is another row still using the file?
        ]

    def __str__(self) -> str:
        return f"{self.owner} {self.digest[:12]}"


class Fact(models.Model):
    """Something that a lower room has to tell a higher one, written in the same transaction as the thing itself."""

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    site = models.BigIntegerField(null=True, blank=True)
    shop = models.BigIntegerField(null=True, blank=True)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key

    @property
    def subject_id(self) -> int:
        return int(self.subject.rpartition(":")[2])


class Reaction(models.Model):
    """One reaction that owes an answer to one fact; done once. A worker claims it for a while before it runs it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    fact = models.ForeignKey(Fact, models.CASCADE, related_name="reactions")
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fact", "name"], name="records_reaction_once"),
        ]
        indexes = [
            models.Index(  # what requeue_facts looks for
                fields=["id"], name="records_reaction_waiting", condition=models.Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ← {self.fact_id}"
