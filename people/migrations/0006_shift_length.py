from datetime import datetime, timedelta

from django.db import migrations, models


def lengthen(apps, schema_editor):
    """A shift that ended as it started was taken for a whole day: it ends a minute before."""
    Shift = apps.get_model("people", "Shift")
    for shift in Shift.objects.filter(starts=models.F("ends")):
        shift.ends = (datetime.combine(datetime(2000, 1, 2), shift.starts) - timedelta(minutes=1)).time()
        shift.save(update_fields=["ends"])


class Migration(migrations.Migration):
    dependencies = [("people", "0005_shift_hours_since")]

    operations = [
        migrations.RunPython(lengthen, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="shift",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts", models.F("ends")), _negated=True), name="people_shift_length"
            ),
        ),
    ]
