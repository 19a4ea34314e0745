from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0014_words_about_refunds")]

    operations = [
        migrations.AddField(
            model_name="importfile",
            name="sheet",
            field=models.CharField(blank=True, help_text="of a workbook with several: which one", max_length=80),
        ),
        migrations.AddField(
            model_name="importfile",
            name="inside",
            field=models.CharField(blank=True, help_text="the ZIP that it came in", max_length=200),
        ),
        migrations.AddField(
            model_name="importfile",
            name="left_out",
            field=models.CharField(
                blank=True,
                choices=[("header", "no column of it is known"), ("file", "it is no table that can be read")],
                max_length=8,
            ),
        ),
    ]
