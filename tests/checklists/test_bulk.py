"""Past runs made set-based are as complete as those that people made, and cost the same statements for few and many."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from checklists.bulk import PastRun, record_runs
from checklists.models import Answer, Run, Schedule
from kernel import clock
from records.selectors import verify_chain
from records.signing import sign_heads
from tests.cast import Cast
from tests.checklists.conftest import MORNING


def make_rows(cast: Cast, schedule: Schedule, days: range) -> list[PastRun]:
    version = schedule.checklist.versions.select_related("checklist").get()
    items = list(version.items.all())
    return [
        PastRun(
            version=version,
            schedule=schedule,
            site=cast.site,
            shop=cast.shop,
            shift=cast.day_shift,
            day=(MORNING - timedelta(days=ago)).date(),
            assignee=cast.mei,
            answers=[(item, "pass", "") for item in items],
            submitted_at=None if ago % 5 == 0 else MORNING - timedelta(days=ago, minutes=-20),
            reviewed_by=cast.wang if ago % 2 else None,
        )
        for ago in days
    ]


def test_past_runs_have_duties_answers_and_a_sound_ledger(cast: Cast, schedule: Schedule) -> None:
    assert record_runs(make_rows(cast, schedule, range(1, 11))) == 10
    assert Answer.objects.count() == 40
    assert sorted(Run.objects.values_list("duty__outcome", flat=True)) == ["", ""] + ["ok"] * 8
    assert all(run.duty.subject_id == run.pk for run in Run.objects.select_related("duty"))
    sign_heads(clock.now())
    assert verify_chain(f"site:{cast.site.pk}").entries == 14  # 8 submitted, 4 accepted, 2 missed
    assert verify_chain(f"site:{cast.site.pk}").is_sound


def test_repeat_records_nothing(cast: Cast, schedule: Schedule) -> None:
    rows = make_rows(cast, schedule, range(1, 4))
    assert [record_runs(rows), record_runs(rows)] == [3, 0]


def test_many_cost_as_few(cast: Cast, schedule: Schedule, statements: Callable[[], Any]) -> None:
    record_runs(make_rows(cast, schedule, range(1, 2)))
    with statements() as few:
        record_runs(make_rows(cast, schedule, range(2, 5)))
    with statements() as many:
        record_runs(make_rows(cast, schedule, range(5, 35)))
        assert many() <= few() + 4  # SQLite takes fewer rows in a statement
