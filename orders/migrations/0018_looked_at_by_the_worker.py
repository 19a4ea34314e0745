"""Previews become the worker's: what came is kept by name, and why it failed is told in both languages."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import kernel.text


def keep_what_came(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for row in apps.get_model("orders", "Import").objects.filter(state__in=["preview", "failed"]):
        files = {(f.digest, f.name): f for f in row.files.order_by("id")}.values()
        row.uploads = [{"name": f.name, "size": f.size, "digest": f.digest, "inside": f.inside} for f in files]
        row.problem = {"zh": row.told} if row.told else {}
        row.save(update_fields=["uploads", "problem"])


def tell_in_one(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    rows = apps.get_model("orders", "Import").objects
    rows.filter(state="looking").update(state="cancelled")
    for row in rows.filter(state="failed"):
        row.told = row.problem.get("zh", "")[:500]
        row.save(update_fields=["told"])


class Migration(migrations.Migration):
    dependencies = [("orders", "0017_aftersales_and_row_notes")]

    operations = [
        migrations.RenameField("import", "problem", "told"),
        migrations.AddField("import", "problem", kernel.text.BilingualField(help_text="why it failed")),
        migrations.AddField(
            "import",
            "uploads",
            models.JSONField(default=list, help_text="the files as they came: [{name, size, digest, inside}]"),
        ),
        migrations.AddField(
            "import",
            "seen_rows",
            models.PositiveIntegerField(default=0, help_text="of all_rows, while it is looked at"),
        ),
        migrations.AddField("import", "all_rows", models.PositiveIntegerField(default=0)),
        migrations.AlterField(
            "import",
            "state",
            models.CharField(
                choices=[
                    ("looking", "being looked at"),
                    ("preview", "preview"),
                    ("waiting", "waiting"),
                    ("running", "running"),
                    ("done", "done"),
                    ("failed", "failed"),
                    ("cancelled", "cancelled"),
                ],
                default="preview",
                max_length=10,
            ),
        ),
        migrations.RunPython(keep_what_came, tell_in_one),
        migrations.RemoveField("import", "told"),
    ]
