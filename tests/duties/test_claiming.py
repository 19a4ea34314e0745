"""我来做 and 放回去: who may take what, and how it is given back."""

from collections.abc import Callable

import pytest
from django.test import Client

from checklists.models import HandoverSignature, Run
from checklists.services import open_due_runs, publish_checklist, submit_run
from duties.models import Duty
from duties.services import AlreadySettled, claim_duty, complete_duty, release_duty
from kernel import clock
from kernel.errors import NotAllowed
from people.models import Employee, Membership, Role, Roster
from people.scope import scope_of
from tests.cast import SINCE, Cast, make_employee
from tests.checklists.conftest import MORNING, answer, answered_run, make_content, morning, run, schedule, two
from tests.duties.drafts import owe
from tests.training.factories import make_assignment, make_module, take

__all__ = ["answer", "answered_run", "morning", "run", "schedule"]  # fixtures

SignIn = Callable[[Employee], Client]


def require_course(schedule) -> None:
    make_module()
    publish_checklist(slug=schedule.checklist.slug, content=make_content(modules=["daily-order-check"]))


def test_check_without_its_course_is_not_taken_nor_given(cast: Cast, schedule, sign_in: SignIn) -> None:
    require_course(schedule)
    open_due_runs(clock.now())
    duty = Run.objects.get().duty
    told = sign_in(cast.mei).post(f"/duties/{duty.pk}/claim/")
    assert (told.status_code, "每日订单检查" in told.content.decode()) == (403, True)
    given = sign_in(cast.wang).post(f"/duties/{duty.pk}/reassign/", {"to": cast.mei.pk, "note": "顶一下晚班"})
    assert given.status_code == 422  # who is chosen is a matter of the form, which keeps what was written
    assert "每日订单检查" in given.context["reassign"].errors["to"][0]
    assert "顶一下晚班" in given.content.decode()
    duty.refresh_from_db()
    assert duty.assignee == cast.li


def test_check_is_taken_by_whoever_passed_its_course(cast: Cast, schedule) -> None:
    require_course(schedule)
    take(make_assignment(cast))
    open_due_runs(clock.now())
    assert claim_duty(duty=Run.objects.get().duty, by=cast.mei, scope=scope_of(cast.mei)).assignee == cast.mei


@pytest.fixture
def signatures(cast: Cast, schedule) -> dict[str, Duty]:
    items = [
        {"slug": "out", "kind": "signature", "signer": "outgoing", "title": two("交班签字", "Outgoing signs")},
        {"slug": "in", "kind": "signature", "signer": "incoming", "title": two("接班签字", "Incoming signs")},
    ]
    publish_checklist(slug="morning", content=make_content(handover=True, items=items))
    Roster.objects.create(employee=cast.wang, day=MORNING.date(), shift=cast.day_shift)
    open_due_runs(clock.now())
    return {s.item.signer: s.duty for s in HandoverSignature.objects.select_related("item", "duty")}


def test_signature_of_a_lead_is_not_taken_by_an_employee_and_not_offered(
    cast: Cast, signatures: dict[str, Duty], sign_in: SignIn
) -> None:
    assert sign_in(cast.mei).post(f"/duties/{signatures['incoming'].pk}/claim/").status_code == 403
    today = sign_in(cast.mei).get("/").context["today"]
    assert not [row for row in (today.first, *today.shift, *today.later) if row and row.kind == "handover"]


def test_outgoing_lead_does_not_take_the_incoming_signature(cast: Cast, signatures: dict[str, Duty]) -> None:
    with pytest.raises(NotAllowed):
        claim_duty(duty=signatures["incoming"], by=cast.wang, scope=scope_of(cast.wang))


def test_another_lead_takes_the_incoming_signature(cast: Cast, signatures: dict[str, Duty]) -> None:
    zhou = make_employee("1009", "周洋")
    Membership.objects.create(employee=zhou, role=Role.LEAD, site=cast.site, team=cast.team, starts_on=SINCE)
    assert claim_duty(duty=signatures["incoming"], by=zhou, scope=scope_of(zhou)).assignee == zhou


def test_what_was_taken_is_put_back_and_is_in_the_leads_today_again(cast: Cast, sign_in: SignIn) -> None:
    duty = owe(cast, "k", assignee=cast.wang, is_claimable=True)
    mei = sign_in(cast.mei)
    mei.post(f"/duties/{duty.pk}/claim/")
    assert sign_in(cast.wang).get("/").context["today"].is_empty
    for _ in range(2):
        assert mei.post(f"/duties/{duty.pk}/release/").status_code == 302
    duty.refresh_from_db()
    assert (duty.assignee, duty.is_claimable, duty.claimed_at) == (cast.wang, True, None)
    assert sign_in(cast.wang).get("/").context["today"].first.is_mine
    assert list(duty.events.order_by("id").values_list("kind", flat=True)) == ["opened", "claimed", "released"]


def test_runner_offers_to_put_back_only_what_one_took(cast: Cast, run: Run, sign_in: SignIn) -> None:
    mei, li = sign_in(cast.mei), sign_in(cast.li)
    release = f"/duties/{run.duty_id}/release/"
    assert release not in li.get(f"/checks/{run.pk}/").content.decode()
    mei.post(f"/duties/{run.duty_id}/claim/")
    assert release in mei.get(f"/checks/{run.pk}/").content.decode()


def test_what_was_given_or_is_done_is_not_put_back(cast: Cast) -> None:
    given = owe(cast, "given")
    with pytest.raises(NotAllowed):
        release_duty(duty=given, by=cast.mei)
    taken = claim_duty(
        duty=owe(cast, "taken", assignee=cast.wang, is_claimable=True), by=cast.mei, scope=scope_of(cast.mei)
    )
    with pytest.raises(NotAllowed):
        release_duty(duty=taken, by=cast.wang)
    complete_duty(duty=taken, by=cast.mei, at=clock.now())
    with pytest.raises(AlreadySettled):
        release_duty(duty=taken, by=cast.mei)


# --- who did it


def test_run_counts_for_who_answered_not_for_who_held_it(cast: Cast, run: Run, answer, sign_in: SignIn) -> None:
    claim_duty(duty=run.duty, by=cast.mei, scope=scope_of(cast.mei))
    for slug, value in (("printer", "pass"), ("hold", "pass")):
        answer(run, slug, cast.wang, value)
    for slug in ("rolls", "note"):
        answer(run, slug, cast.wang, "na")
    submit_run(run=run, by=cast.wang, scope=scope_of(cast.wang))
    client = sign_in(cast.li)
    rows = {r.employee: r.total.parts for r in client.get("/compliance/").context["rows"]}
    assert (rows[cast.wang], rows[cast.mei]) == ([("on_time", 1)], [])
    csv = b"".join(client.get("/compliance/export/").streaming_content).decode()
    assert "1002,王建国" in csv and "1001,陈梅" not in csv
    assert "陈梅" in client.get(f"/compliance/people/{cast.wang.pk}/").content.decode()
    [proven] = client.get(f"/compliance/people/{cast.mei.pk}/?others=1").context["rows"]
    assert proven.row.duty.completed_by == cast.wang


def test_run_that_another_submits_counts_for_who_gave_most_answers(cast: Cast, answered_run: Run) -> None:
    submit_run(run=answered_run, by=cast.wang, scope=scope_of(cast.wang))
    duty = Duty.objects.get(pk=answered_run.duty_id)
    assert (duty.completed_by, duty.counts_for_id) == (cast.mei, cast.mei.pk)
    assert duty.events.get(kind="completed").actor == cast.wang
