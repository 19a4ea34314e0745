from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from django.db import migrations, models


def to_moments(apps, schema_editor):
    """A schedule began with its first day, as its site counts days."""
    Schedule = apps.get_model("checklists", "Schedule")
    for schedule in Schedule.objects.exclude(starts_on=None).select_related("site"):
        schedule.begins_at = datetime.combine(schedule.starts_on, time(), ZoneInfo(schedule.site.zone)).astimezone(UTC)
        schedule.save(update_fields=["begins_at"])


def to_days(apps, schema_editor):
    Schedule = apps.get_model("checklists", "Schedule")
    for schedule in Schedule.objects.exclude(begins_at=None).select_related("site"):
        schedule.starts_on = schedule.begins_at.astimezone(ZoneInfo(schedule.site.zone)).date()
        schedule.save(update_fields=["starts_on"])


class Migration(migrations.Migration):
    dependencies = [
        ("checklists", "0004_answers_seen_at_return"),
        ("people", "0005_shift_hours_since"),
    ]

    operations = [
        migrations.AddField(
            model_name="schedule",
            name="begins_at",
            field=models.DateTimeField(blank=True, help_text="no slot that opens before is its own", null=True),
        ),
        migrations.RunPython(to_moments, to_days),
        migrations.RemoveField(model_name="schedule", name="starts_on"),
    ]
