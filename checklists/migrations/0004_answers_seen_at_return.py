from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("checklists", "0003_sample_scans"),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='answers_seen',
            field=models.BigIntegerField(blank=True, help_text='id of the last answer there was when it was sent back: what changed is later', null=True),
        ),
    ]
