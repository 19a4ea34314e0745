"""A published checklist, its schedule in the day shift, and a run of it that the tick has opened."""

import uuid
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from checklists.details import Details
from checklists.models import Checklist, Run, Schedule
from checklists.services import Answered, answer_item, open_due_runs, publish_checklist, start_run
from kernel import clock
from people.actor import Actor
from people.models import Employee, Shop
from tests.cast import Cast

MORNING = datetime(2026, 11, 11, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def two(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def make_content(**changes: Any) -> dict[str, Any]:
    return {
        "title": two("订单晨检", "Morning order check"),
        "review": True,
        "items": [
            {"slug": "printer", "kind": "check", "title": two("打印机正常", "The printer works"), "case": "check"},
            {
                "slug": "rolls",
                "kind": "number",
                "title": two("面单卷数", "Label rolls"),
                "least": 4,
                "reasons": [two("已申领", "Requested")],
            },
            {
                "slug": "hold",
                "kind": "check",
                "title": two("退款件已拦下", "Refunds are held"),
                "needs_correction": True,
            },
            {"slug": "note", "kind": "text", "title": two("备注", "Remarks")},
        ],
        **changes,
    }


@pytest.fixture
def morning() -> Any:
    """11 November, 09:00 at the site; tests move on with `.shift`."""
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def schedule(cast: Cast, morning: Any) -> Schedule:
    version = publish_checklist(slug="morning", content=make_content(), actor=Actor.system("command"))
    return Schedule.objects.create(
        checklist=version.checklist,
        site=cast.site,
        shop=cast.shop,
        shift=cast.day_shift,
        opens=time(8, 30),
        due=time(10),
        closes=time(12),
    )


def published(slug: str = "morning", **changes: Any) -> Checklist:
    """make_content() with some parts changed, published."""
    return publish_checklist(slug=slug, content=make_content(**changes), actor=Actor.system("command")).checklist


def start_by_hand(cast: Cast, checklist: Checklist | None = None, *, shop: Shop | None = None) -> Run:
    """A run that Lao Wang starts, due in an hour; of make_content()'s four items where no checklist is given."""
    return start_run(
        checklist=checklist or published(),
        site=cast.site,
        shop=shop,
        shift=None,
        due_at=clock.now() + timedelta(hours=1),
        actor=Actor.of(cast.wang),
        client_id=uuid.uuid4(),
    )


@pytest.fixture
def run(schedule: Schedule) -> Run:
    assert open_due_runs(clock.now()) == 1
    return Run.objects.loaded().get()


@pytest.fixture
def answer() -> Callable[..., Answered]:
    """`answer(run, "printer", mei, "pass")`."""

    def give(run: Run, slug: str, by: Employee, value: str = "pass", **options: Any) -> Answered:
        options.setdefault("client_id", uuid.uuid4())
        if value == "na":
            options.setdefault("details", Details(note="今天没有"))
        item = run.version.items.get(slug=slug)
        return answer_item(run=run, item=item, actor=Actor.of(by), value=value, **options)

    return give


@pytest.fixture
def answered_run(run: Run, answer: Callable[..., Answered], cast: Cast) -> Run:
    """A run whose items Mei has all answered."""
    for slug in ("printer", "hold"):
        answer(run, slug, cast.mei)
    answer(run, "rolls", cast.mei, "na")
    answer(run, "note", cast.mei, "na")
    return run
