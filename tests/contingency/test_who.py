"""Every service of the contingency room with everybody who may not."""

import uuid
from datetime import timedelta

import pytest

from contingency import services
from kernel import clock
from tests.cast import Cast
from tests.contingency.factories import content, make_activation, make_plan, the_printer
from tests.test_architecture import writing_services
from tests.who import Table, check_refused


def running(act):
    def build(cast: Cast):
        activation = make_activation(cast)
        return lambda who: act(activation, who)

    return build


def stock(act):
    def build(cast: Cast):
        make_plan([cast.site])
        return lambda who: act(material=the_printer(cast), quantity=1, client_id=uuid.uuid4(), actor=who)

    return build


def step_of(activation):
    return {"activation": activation, "step": activation.version.steps.first(), "client_id": uuid.uuid4()}


def planning(act):
    def build(cast: Cast):
        plan = make_plan([cast.site])
        return lambda who: act(cast, plan, who)

    return build


TABLE: Table = {
    "activate_plan": (
        "lead",
        planning(
            lambda c, plan, who: services.activate_plan(
                plan=plan, site=c.site, reason="卡纸", client_id=uuid.uuid4(), actor=who
            )
        ),
    ),
    "schedule_drill": (
        "lead",
        planning(
            lambda c, plan, who: services.schedule_drill(
                plan=plan,
                site=c.site,
                lead=c.wang,
                due_at=clock.now() + timedelta(days=1),
                client_id=uuid.uuid4(),
                actor=who,
            )
        ),
    ),
    "add_materials": (
        "manager",
        planning(lambda c, plan, who: services.add_materials(version=plan.current, sites=[c.site], actor=who)),
    ),
    "publish_plan": (
        "manager",
        lambda c: lambda who: services.publish_plan(slug="ours", content=content(), owner_site=c.site, actor=who),
    ),
    "tick_step": ("employee", running(lambda a, who: services.tick_step(**step_of(a), actor=who))),
    "untick_step": ("employee", running(lambda a, who: services.untick_step(**step_of(a), actor=who))),
    "close_activation": (
        "lead",
        running(lambda a, who: services.close_activation(activation=a, review="好", actor=who)),
    ),
    "move_stock": ("employee", stock(lambda **told: services.move_stock(kind="received", **told))),
    "take_material": ("employee", stock(services.take_material)),
    "return_material": ("employee", stock(services.return_material)),
    "receive_stock": ("employee", stock(services.receive_stock)),
    "count_stock": ("employee", stock(services.count_stock)),
}


def test_table_knows_every_service() -> None:
    assert set(TABLE) == writing_services("contingency")


@pytest.mark.parametrize("name", TABLE)
def test_whoever_may_not_is_refused(cast: Cast, name: str) -> None:
    check_refused(cast, TABLE, name)
