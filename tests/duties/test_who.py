"""Every service on duties with everybody who may not."""

import pytest

from duties import services
from duties.leaving import end_duties, hand_on, miss_duties
from kernel import clock
from kernel.errors import NotAllowed
from people.actor import Actor
from tests.cast import Cast
from tests.duties.drafts import owe
from tests.test_architecture import writing_services
from tests.who import Table, check_refused


def draft(cast: Cast) -> services.DutyDraft:
    now = clock.now()
    told = {"key": "new", "obligation": "check", "kind": "case", "subject_id": 1, "title": {"zh": "新"}}
    return services.DutyDraft(**told, site=cast.site, opens_at=now, due_at=now)


def on(act, **changes):
    """What is done with a duty of the lead's, open to whoever takes it."""

    def build(cast: Cast):
        duty = owe(cast, "who", assignee=cast.wang, is_claimable=True, **changes)
        return lambda who: act(cast, duty, who)

    return build


TABLE: Table = {
    "open_duty": ("employee", lambda c: lambda who: services.open_duty(draft(c), actor=who)),
    "open_duties": ("employee", lambda c: lambda who: services.open_duties([draft(c)], actor=who)),
    "complete_duty": ("employee", on(lambda c, d, who: services.complete_duty(duty=d, actor=who, at=clock.now()))),
    "reopen_duty": ("employee", on(lambda c, d, who: services.reopen_duty(duty=d, actor=who))),
    "claim_duty": ("employee", on(lambda c, d, who: services.claim_duty(duty=d, actor=who))),
    "release_duty": ("person", on(lambda c, d, who: services.release_duty(duty=d, actor=who))),
    "reassign_duty": ("lead", on(lambda c, d, who: services.reassign_duty(duty=d, to=c.li, actor=who))),
    "waive_duty": ("lead", on(lambda c, d, who: services.waive_duty(duty=d, actor=who, reason="不查"))),
    "remind_duties": ("lead", on(lambda c, d, who: services.remind_duties(duties=[d], actor=who))),
    "let_go": ("administrator", lambda c: lambda who: services.let_go(employee=c.mei, actor=who)),
    "end_duties": ("employee", on(lambda c, d, who: end_duties([d], reason="x", actor=who))),
    "miss_duties": ("employee", on(lambda c, d, who: miss_duties([d], reason="x", actor=who))),
    "hand_on": ("employee", on(lambda c, d, who: hand_on([d], leaver=c.wang, reason="x", actor=who))),
}


def test_table_knows_every_service() -> None:
    assert set(TABLE) == writing_services("duties")


@pytest.mark.parametrize("name", TABLE)
def test_whoever_may_not_is_refused(cast: Cast, name: str) -> None:
    check_refused(cast, TABLE, name)


def test_only_what_nobody_has_is_taken_by_giving_it_to_oneself(cast: Cast) -> None:
    """A lead's duty that is not open to all."""
    duty = owe(cast, "hers", assignee=cast.wang)
    with pytest.raises(NotAllowed):
        services.reassign_duty(duty=duty, to=cast.mei, actor=Actor.of(cast.mei))
