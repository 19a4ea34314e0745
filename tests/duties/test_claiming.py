"""我来做 and 放回去: who may take what, and how it is given back."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from checklists.models import HandoverSignature, Run
from checklists.services import open_due_runs, publish_checklist, submit_run
from duties.models import Duty
from duties.selectors import TodayRow
from duties.services import AlreadySettled, claim_duty, complete_duty, release_duty
from kernel import clock
from kernel.errors import NotAllowed
from people.actor import Actor
from people.models import Employee, Membership, Role, Roster
from tests.cast import SINCE, Cast, make_employee
from tests.checklists.conftest import MORNING, answer, answered_run, make_content, morning, run, schedule, two
from tests.duties.drafts import owe
from tests.training.factories import make_assignment, make_module, take

__all__ = ["answer", "answered_run", "morning", "run", "schedule"]  # fixtures

SignIn = Callable[[Employee], Client]


def require_course(schedule) -> None:
    make_module()
    publish_checklist(
        slug=schedule.checklist.slug, content=make_content(modules=["daily-order-check"]), actor=Actor.system("command")
    )


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
    assert claim_duty(duty=Run.objects.get().duty, actor=Actor.of(cast.mei)).assignee == cast.mei


@pytest.fixture
def signatures(cast: Cast, schedule) -> dict[str, Duty]:
    items = [
        {"slug": "out", "kind": "signature", "signer": "outgoing", "title": two("交班签字", "Outgoing signs")},
        {"slug": "in", "kind": "signature", "signer": "incoming", "title": two("接班签字", "Incoming signs")},
    ]
    publish_checklist(slug="morning", content=make_content(handover=True, items=items), actor=Actor.system("command"))
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
        claim_duty(duty=signatures["incoming"], actor=Actor.of(cast.wang))


def test_another_lead_takes_the_incoming_signature(cast: Cast, signatures: dict[str, Duty]) -> None:
    zhou = make_employee("1009", "周洋")
    Membership.objects.create(employee=zhou, role=Role.LEAD, site=cast.site, team=cast.team, starts_on=SINCE)
    assert claim_duty(duty=signatures["incoming"], actor=Actor.of(zhou)).assignee == zhou


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
        release_duty(duty=given, actor=Actor.of(cast.mei))
    taken = claim_duty(duty=owe(cast, "taken", assignee=cast.wang, is_claimable=True), actor=Actor.of(cast.mei))
    with pytest.raises(NotAllowed):
        release_duty(duty=taken, actor=Actor.of(cast.wang))
    complete_duty(duty=taken, actor=Actor.of(cast.mei), at=clock.now())
    with pytest.raises(AlreadySettled):
        release_duty(duty=taken, actor=Actor.of(cast.mei))


# --- what is offered


def today_rows(client: Client) -> list[TodayRow]:
    today = client.get("/").context["today"]
    return [row for row in (today.first, *today.overdue, *today.shift, *today.later) if row]


def test_today_offers_no_check_without_its_course_but_the_course(cast: Cast, schedule, sign_in: SignIn) -> None:
    require_course(schedule)
    open_due_runs(clock.now())
    duty, client = Run.objects.get().duty, sign_in(cast.mei)
    assert '先学：<a href="/training/">每日订单检查</a>' in client.get("/").content.decode()
    assignment = make_assignment(cast)
    page = client.get("/").content.decode()
    assert f'先学：<a href="/training/{assignment.pk}/">每日订单检查</a>' in page
    assert f"/duties/{duty.pk}/claim/" not in page
    take(assignment)
    assert f"/duties/{duty.pk}/claim/" in client.get("/").content.decode()


def test_today_offers_no_signature_or_review_that_the_service_refuses(
    cast: Cast, signatures: dict[str, Duty], sign_in: SignIn
) -> None:
    Duty.objects.filter(pk=signatures["incoming"].pk).update(
        **{"assignee": None, "is_claimable": True, "shift": None, "opens_at": clock.now()}
    )
    rows = {row.pk: row for row in today_rows(sign_in(cast.wang))}
    assert "王建国" in str(rows[signatures["incoming"].pk].refusal)
    assert f"/duties/{signatures['incoming'].pk}/claim/" not in sign_in(cast.wang).get("/").content.decode()


def test_gates_are_asked_in_as_many_statements_for_3_and_30_checks(
    cast: Cast, schedule, sign_in: SignIn, statements
) -> None:
    require_course(schedule)
    open_due_runs(clock.now())
    run, counts = Run.objects.get(), []
    for n in (3, 30):
        for i in range(n):
            duty = owe(cast, f"more {n} {i}", assignee=cast.wang, is_claimable=True)
            words = {name: getattr(run, name) for name in ("version", "site", "shop", "shift", "day", "opened_at")}
            Run.objects.create(duty=duty, **words)
        client = sign_in(cast.mei)
        client.get("/")  # published content is kept by the process
        with statements() as spent:
            assert client.get("/").content.decode().count("先学") >= n
        counts.append(spent())
    assert counts[0] == counts[1] <= 15


def test_reassigning_offers_only_who_may_be_given_it(cast: Cast, schedule, sign_in: SignIn) -> None:
    require_course(schedule)
    open_due_runs(clock.now())
    duty = Run.objects.get().duty

    def offered() -> set[Employee]:
        return set(
            sign_in(cast.wang)
            .get(reverse("duties:duty_detail", args=[duty.pk]))
            .context["reassign"]
            .fields["to"]
            .queryset
        )

    assert cast.mei not in offered()
    take(make_assignment(cast))
    assert offered() == {cast.mei}


# --- who did it


def test_run_counts_for_who_answered_not_for_who_held_it(cast: Cast, run: Run, answer, sign_in: SignIn) -> None:
    claim_duty(duty=run.duty, actor=Actor.of(cast.mei))
    for slug, value in (("printer", "pass"), ("hold", "pass")):
        answer(run, slug, cast.wang, value)
    for slug in ("rolls", "note"):
        answer(run, slug, cast.wang, "na")
    submit_run(run=run, actor=Actor.of(cast.wang))
    client = sign_in(cast.li)
    rows = {r.employee: r.total.parts for r in client.get("/compliance/").context["rows"]}
    assert (rows[cast.wang], rows[cast.mei]) == ([("on_time", 1)], [])
    csv = b"".join(client.get("/compliance/export/").streaming_content).decode()
    assert "1002,王建国" in csv and "1001,陈梅" not in csv
    assert "陈梅" in client.get(f"/compliance/people/{cast.wang.pk}/").content.decode()
    [proven] = client.get(f"/compliance/people/{cast.mei.pk}/?others=1").context["rows"]
    assert proven.row.duty.completed_by == cast.wang


def test_run_that_another_submits_counts_for_who_gave_most_answers(cast: Cast, answered_run: Run) -> None:
    submit_run(run=answered_run, actor=Actor.of(cast.wang))
    duty = Duty.objects.get(pk=answered_run.duty_id)
    assert (duty.completed_by, duty.counts_for_id) == (cast.mei, cast.mei.pk)
    assert duty.events.get(kind="completed").actor == cast.wang
