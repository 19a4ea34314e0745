from django.db import migrations, models
from django.utils import timezone


def judge_again(apps, schema_editor):
    """Which orders wait for tracking is told by judging them."""
    apps.get_model("orders", "Order").objects.exclude(status="closed").update(recheck_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_other_shop")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="awaits_tracking",
            field=models.BooleanField(default=False, help_text="the verdict waits for tracking that speaks for it"),
        ),
        migrations.AlterField(
            model_name="order",
            name="recheck_at",
            field=models.DateTimeField(blank=True, help_text="when the verdict may have changed", null=True),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("awaits_tracking", True)), fields=["shop"], name="orders_order_awaiting"
            ),
        ),
        migrations.RunPython(judge_again, migrations.RunPython.noop),
    ]
