"""One open case carries a finding: of the cases that are over none does, of several open ones the first."""

from typing import Any

from django.db import migrations, models
from django.db.models import Min

OVER = ("resolved", "closed")


def follow_the_case(apps: Any, schema_editor: Any) -> None:
    CaseFinding = apps.get_model("cases", "CaseFinding")
    CaseFinding.objects.filter(case__status__in=OVER).update(is_open=False)
    first = CaseFinding.objects.filter(is_open=True).values("finding_id").annotate(first=Min("id")).values("first")
    CaseFinding.objects.filter(is_open=True).exclude(pk__in=first).update(is_open=False)


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_case_of_a_figure")]

    operations = [
        migrations.AddField("casefinding", "is_open", models.BooleanField(default=True)),
        migrations.RunPython(follow_the_case, migrations.RunPython.noop),
    ]
