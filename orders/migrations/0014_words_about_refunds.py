from django.db import migrations, models


def keep_what_was_said(apps, schema_editor):
    """Until now a refund was known from the order report alone."""
    apps.get_model("orders", "Order").objects.exclude(refund="").update(said_refund="amount")


class Migration(migrations.Migration):
    dependencies = [("orders", "0013_unchecked")]

    operations = [
        migrations.AddField(
            model_name="columnmapping",
            name="refunds",
            field=models.JSONField(default=dict, help_text="word about a refund → what it means for a parcel"),
        ),
        migrations.AddField(
            model_name="importfile",
            name="unknown_refunds",
            field=models.JSONField(default=list, help_text="words about refunds that nobody has explained"),
        ),
        migrations.AddField(
            model_name="order",
            name="said_refund",
            field=models.CharField(
                blank=True, default="", help_text="what its order report alone says of a refund", max_length=10
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="refund",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "none"),
                    ("requested", "refund requested"),
                    ("refunded", "refunded"),
                    ("unknown", "after-sale state not explained"),
                ],
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="orderitem",
            name="refund",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "none"),
                    ("requested", "refund requested"),
                    ("refunded", "refunded"),
                    ("unknown", "after-sale state not explained"),
                ],
                default="",
                max_length=10,
            ),
        ),
        migrations.RunPython(keep_what_was_said, migrations.RunPython.noop),
    ]
