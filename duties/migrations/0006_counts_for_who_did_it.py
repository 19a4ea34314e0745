import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('duties', '0005_old_and_new_values'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='duty',
            name='duties_duty_person',
        ),
        migrations.AddField(
            model_name='duty',
            name='counts_for_id',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce('completed_by_id', 'assignee_id'), output_field=models.BigIntegerField(null=True)),
        ),
        migrations.AddIndex(
            model_name='duty',
            index=models.Index(fields=['counts_for_id', 'due_at'], name='duties_duty_person'),
        ),
    ]
