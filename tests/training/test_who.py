"""Every service of the training room with everybody who may not."""

import uuid

import pytest

from tests.cast import Cast
from tests.test_architecture import writing_services
from tests.training.factories import make_assignment, make_module, module_content
from tests.who import Table, check_refused
from training import services


def learning(act):
    """What is done with a module that Mei owes."""

    def build(cast: Cast):
        assignment = make_assignment(cast)
        return lambda who: act(assignment, who)

    return build


def assigning(cast: Cast):
    words = {"module": make_module().module, "employee": cast.mei, "site": cast.site, "key": "who"}
    return lambda who: services.assign_module(**words, actor=who)


TABLE: Table = {
    "assign_module": ("lead", assigning),
    "publish_module": (
        "manager",
        lambda c: (
            lambda who: services.publish_module(
                slug="daily-order-check", content=module_content(), owner_site=c.site, actor=who
            )
        ),
    ),
    "read_lesson": (
        "mei",
        learning(
            lambda a, who: services.read_lesson(assignment=a, lesson=a.module.current.lessons.first(), actor=who),
        ),
    ),
    "submit_attempt": (
        "mei",
        learning(
            lambda a, who: services.submit_attempt(
                assignment=a, version=a.module.current, answers={}, client_id=uuid.uuid4(), actor=who
            )
        ),
    ),
}


def test_table_knows_every_service() -> None:
    assert set(TABLE) == writing_services("training")


@pytest.mark.parametrize("name", TABLE)
def test_whoever_may_not_is_refused(cast: Cast, name: str) -> None:
    check_refused(cast, TABLE, name)


def test_company_publishes_through_an_administrator_alone(cast: Cast) -> None:
    words = {"slug": "daily-order-check", "content": module_content()}
    table: Table = {"publish": ("administrator", lambda c: lambda who: services.publish_module(**words, actor=who))}
    check_refused(cast, table, "publish")
