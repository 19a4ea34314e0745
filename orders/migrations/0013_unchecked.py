from datetime import timedelta

from django.db import migrations, models
from django.utils import timezone


def compare_again(apps, schema_editor):
    """Orders of which something may not be checked are compared again by the tick, which then says what."""
    Order = apps.get_model("orders", "Order")
    now = timezone.now()
    rows = Order.objects.filter(paid_at__gte=now - timedelta(days=30)).exclude(status__in=["done", "closed", "unpaid"])
    rows.update(recheck_at=now)


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0012_imports_compared"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="unchecked",
            field=models.CharField(
                blank=True,
                default="",
                help_text="what could not be compared and for lack of which side, see orders.unchecked",
                max_length=400,
            ),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("unchecked", ""), _negated=True),
                fields=["shop", "unchecked"],
                name="orders_order_unchecked",
            ),
        ),
        migrations.RunPython(compare_again, migrations.RunPython.noop),
    ]
