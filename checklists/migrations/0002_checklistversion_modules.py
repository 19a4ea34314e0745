from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("checklists", "0001_initial"),
        ("training", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="checklistversion",
            name="modules",
            field=models.ManyToManyField(blank=True, related_name="+", to="training.module"),
        ),
    ]
