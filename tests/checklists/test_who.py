"""Every service of the checklists room with everybody who may not."""

import uuid
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine

from checklists import services
from checklists.details import Details
from checklists.models import Answer, Correction, Schedule
from kernel import clock
from people.actor import Actor
from tests import things
from tests.cast import Cast
from tests.checklists.conftest import MORNING, make_content, published
from tests.test_architecture import writing_services
from tests.who import Build, Table, check_refused


def on(act: Callable[..., Any], slug: str = "", **more: Any) -> Build:
    """What is done with an open run, or an item of it."""

    def build(cast: Cast) -> Callable[[Actor], Any]:
        run = things.a_run(cast)
        item = {"item": run.version.items.get(slug=slug)} if slug else {}
        return lambda who: act(run=run, actor=who, **item, **more)

    return build


def passing(cast: Cast) -> Callable[[Actor], Any]:
    run = things.a_run(cast)
    return lambda who: services.give_pass(run=run, employee=cast.mei, reason="人手不够", actor=who)


def deciding(cast: Cast) -> Callable[[Actor], Any]:
    answer = Answer.objects.get(**things.answer(cast))
    Answer.objects.filter(pk=answer.pk).update(held=Answer.Held.LATE)
    return lambda who: services.decide_held(answer=answer, is_accepted=True, actor=who)


def mending(cast: Cast) -> Callable[[Actor], Any]:
    """A corrective action that the lead owes."""
    run = things.a_run(cast)
    services.answer_item(
        run=run,
        item=run.version.items.get(slug="hold"),
        actor=Actor.of(cast.mei),
        value="fail",
        client_id=uuid.uuid4(),
        details=Details(note="漏了", correction="去拦", correction_by=cast.wang),
    )
    correction = Correction.objects.get()
    return lambda who: services.settle_correction(correction=correction, note="拦下了", actor=who)


def starting(cast: Cast) -> Callable[[Actor], Any]:
    checklist = published()
    words = {"checklist": checklist, "site": cast.site, "shop": None, "shift": None, "client_id": uuid.uuid4()}
    return lambda who: services.start_run(**words, due_at=clock.now() + timedelta(hours=1), actor=who)


def scheduling(cast: Cast) -> Callable[[Actor], Any]:
    words = {"checklist": published(), "site": cast.site, "shop": None, "shift": cast.day_shift, "weekdays": "1"}
    return lambda who: services.add_schedule(**words, opens=time(9), due=time(10), closes=None, actor=who)


def pausing(cast: Cast) -> Callable[[Actor], Any]:
    things.a_run(cast)
    schedule = Schedule.objects.get()
    return lambda who: services.pause_schedule(schedule=schedule, is_active=False, actor=who)


KEY = {"client_id": uuid.UUID(int=9)}
TABLE: Table = {
    "answer_item": ("employee", on(services.answer_item, "printer", value="pass", **KEY)),
    "correct_answer": ("lead", on(services.correct_answer, "printer", value="pass", because="看错", **KEY)),
    "submit_run": ("employee", on(services.submit_run)),
    "review_run": ("lead", on(services.review_run, is_accepted=True)),
    "give_pass": ("lead", passing),
    "decide_held": ("lead", deciding),
    "settle_correction": ("lead", mending),
    "start_run": ("lead", starting),
    "draw_sample": ("employee", on(services.draw_sample, "printer")),
    "verify_sample": ("employee", on(services.verify_sample, "printer", scanned="SF1", **KEY)),
    "add_schedule": ("manager", scheduling),
    "pause_schedule": ("manager", pausing),
    "publish_checklist": (
        "manager",
        lambda c: (
            lambda who: services.publish_checklist(slug="ours", content=make_content(), owner_site=c.site, actor=who)
        ),
    ),
}


def test_table_knows_every_service() -> None:
    assert set(TABLE) == writing_services("checklists")


@pytest.mark.parametrize("name", TABLE)
def test_whoever_may_not_is_refused(cast: Cast, name: str) -> None:
    with time_machine.travel(MORNING, tick=False):
        check_refused(cast, TABLE, name)
