from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0015_sheets_and_archives")]

    operations = [
        migrations.AddField(
            model_name="columnmapping",
            name="couriers",
            field=models.JSONField(default=dict, help_text="a courier's name → its code; counts in every file"),
        ),
        migrations.AddField(
            model_name="importfile",
            name="unknown_couriers",
            field=models.JSONField(default=list, help_text="names of couriers that nobody knows"),
        ),
        migrations.AddField(
            model_name="importfile",
            name="strangers",
            field=models.JSONField(
                default=dict,
                help_text="where almost no row names an order or waybill that is known: {column, example, met, of}",
            ),
        ),
        migrations.AlterField(
            model_name="trackingevent",
            name="status",
            field=models.CharField(
                choices=[
                    ("ORDERED", "waiting for pickup"),
                    ("PICKED_UP", "picked up"),
                    ("IN_TRANSIT", "in transit"),
                    ("OUT_FOR_DELIVERY", "out for delivery"),
                    ("AT_LOCKER", "at the locker"),
                    ("SIGNED", "signed"),
                    ("EXCEPTION", "problem"),
                    ("RETURNED", "returned"),
                    ("CANCELLED", "cancelled"),
                    ("UNKNOWN", "state not explained"),
                ],
                max_length=18,
            ),
        ),
    ]
