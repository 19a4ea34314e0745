from django.db import migrations, models
from django.db.models import F


def mark_compared(apps, schema_editor):
    """What was read before is compared already, unless its reaction still waits."""
    Import, Reaction = apps.get_model("orders", "Import"), apps.get_model("records", "Reaction")
    waiting = Reaction.objects.filter(fact__kind="import.finished").exclude(state="done")
    ids = [int(subject.rpartition(":")[2]) for subject in waiting.values_list("fact__subject", flat=True)]
    Import.objects.filter(state="done").exclude(pk__in=ids).update(compared_at=F("finished_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0011_label_photo_candidates"),
        ("records", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="import",
            name="compared_at",
            field=models.DateTimeField(
                blank=True, help_text="when all that it touched was compared", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(
                condition=models.Q(("compared_at", None), ("state__in", ["waiting", "running", "done"])),
                fields=["state"],
                name="orders_import_comparing",
            ),
        ),
        migrations.RunPython(mark_compared, migrations.RunPython.noop),
    ]
