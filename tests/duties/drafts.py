"""Duties for tests."""

from datetime import timedelta
from typing import Any

from duties.models import Duty
from duties.services import DutyDraft, open_duty
from kernel import clock
from people.actor import Actor
from tests.cast import Cast


def owe(cast: Cast, key: str, **changes: Any) -> Duty:
    """A duty of Mei's, due in two hours unless told otherwise."""
    now = clock.now()
    told: dict[str, Any] = {
        "key": key,
        "obligation": "checklist:1",
        "kind": Duty.Kind.RUN,
        "subject_id": 1,
        "title": {"zh": f"检查 {key}", "en": f"Check {key}"},
        "site": cast.site,
        "assignee": cast.mei,
        "opens_at": now - timedelta(hours=1),
        "due_at": now + timedelta(hours=2),
    }
    return open_duty(DutyDraft(**(told | changes)), actor=Actor.system("command"))
