from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('duties', '0004_escalated_further'),
        ('people', '0004_roster_recorded_at'),
    ]

    operations = [
        migrations.AddField(
            model_name='duty',
            name='claimed_at',
            field=models.DateTimeField(blank=True, help_text='its assignee took it then, and may put it back; null: it was given to them', null=True),
        ),
        migrations.AddField(
            model_name='duty',
            name='extended_to',
            field=models.DateTimeField(blank=True, help_text='sent back: when it is wanted instead; it excuses nothing', null=True),
        ),
        migrations.AddField(
            model_name='dutyevent',
            name='changes',
            field=models.JSONField(default=dict),
        ),
        migrations.AlterField(
            model_name='duty',
            name='due_at',
            field=models.DateTimeField(help_text='the deadline first told; done after it is late. Leave told before moves it'),
        ),
        migrations.AlterField(
            model_name='dutyevent',
            name='kind',
            field=models.CharField(choices=[('opened', 'opened'), ('claimed', 'claimed'), ('released', 'put back'), ('reassigned', 'reassigned'), ('completed', 'completed'), ('reopened', 'reopened'), ('missed', 'missed'), ('waived', 'waived'), ('reminded', 'reminded'), ('escalated', 'escalated'), ('escalated2', 'escalated to the managers'), ('put_off', 'put off, on leave')], max_length=10),
        ),
    ]
