"""Answers: appended, judged, kept even when late."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cases.models import Case
from checklists.details import Details
from checklists.errors import NotFresh, RunClosed, Unfit
from checklists.models import Answer, Correction, HandoverSignature, Run, Schedule
from checklists.selectors import progress_of
from checklists.services import Answered, correct_answer, decide_held, open_due_runs, publish_checklist, submit_run
from kernel import clock
from kernel.errors import Conflict, NotAllowed
from people.actor import Actor
from records.models import LedgerEntry
from tests.cast import Cast
from tests.checklists.conftest import make_content, two

Give = Callable[..., Answered]


def test_repeat_returns_the_first(cast: Cast, run: Run, answer: Give) -> None:
    key = uuid.uuid4()
    first = answer(run, "printer", cast.mei, client_id=key)
    again = answer(run, "printer", cast.mei, client_id=key)
    assert (again.answer, again.is_new, Answer.objects.count()) == (first.answer, False, 1)


def test_same_key_with_other_content_is_a_conflict(cast: Cast, run: Run, answer: Give) -> None:
    key = uuid.uuid4()
    answer(run, "printer", cast.mei, client_id=key)
    with pytest.raises(Conflict):
        answer(run, "printer", cast.mei, "na", client_id=key)
    assert Answer.objects.get().value == "pass"


def test_two_people_on_one_item_keep_both_answers_and_the_latest_counts(cast: Cast, run: Run, answer: Give) -> None:
    first = answer(run, "printer", cast.mei).answer
    second = answer(run, "printer", cast.wang, "na")
    step = progress_of(run).steps[0]
    assert second.replaced == first
    assert (step.answer, step.history) == (second.answer, [first, second.answer])


def test_answer_given_earlier_but_arriving_later_does_not_override(
    cast: Cast, run: Run, answer: Give, morning: Any
) -> None:
    given = clock.now()
    morning.shift(timedelta(minutes=10))
    answer(run, "printer", cast.wang)
    answer(run, "printer", cast.mei, "na", answered_at=given)
    assert progress_of(run).steps[0].state == "pass"


def test_closed_run_rejects_answer(cast: Cast, run: Run, answer: Give, morning: Any) -> None:
    morning.shift(timedelta(hours=4))
    with pytest.raises(RunClosed):
        answer(run, "printer", cast.mei)


def test_submitted_run_rejects_answer(cast: Cast, answered_run: Run, answer: Give) -> None:
    submit_run(run=answered_run, actor=Actor.of(cast.mei))
    with pytest.raises(RunClosed):
        answer(answered_run, "printer", cast.mei)


def test_offline_answer_after_the_end_is_held_and_the_lead_may_let_it_count(
    cast: Cast, run: Run, answer: Give, morning: Any
) -> None:
    morning.shift(timedelta(hours=4))
    late = answer(run, "printer", cast.mei, answered_at=clock.now() - timedelta(minutes=30)).answer
    assert (late.held, progress_of(run).done) == ("late", 0)
    with pytest.raises(NotAllowed):
        decide_held(answer=late, actor=Actor.of(cast.mei), is_accepted=True)
    decide_held(answer=late, actor=Actor.of(cast.wang), is_accepted=True)
    assert progress_of(run).done == 1


def test_offline_answer_that_arrives_after_the_end_is_held_whatever_moment_it_names(
    cast: Cast, run: Run, answer: Give, morning: Any
) -> None:
    given = clock.now()
    morning.shift(timedelta(hours=4))
    assert answer(run, "printer", cast.mei, answered_at=given).answer.held == "late"


def test_offline_answer_that_arrives_after_submission_is_held(
    cast: Cast, answered_run: Run, answer: Give, morning: Any
) -> None:
    given = clock.now()
    morning.shift(timedelta(minutes=10))
    submit_run(run=answered_run, actor=Actor.of(cast.mei))
    assert answer(answered_run, "printer", cast.mei, answered_at=given).answer.held == "late"


@pytest.mark.parametrize("days", [300, 30000])
def test_answer_counts_as_given_when_the_run_opened_at_the_earliest(
    cast: Cast, run: Run, answer: Give, morning: Any, days: int
) -> None:
    opened = run.opened_at
    morning.shift(timedelta(hours=1))
    made = answer(run, "printer", cast.mei, answered_at=clock.now() - timedelta(days=days)).answer
    assert (made.answered_at, made.counts) == (opened, True)


def test_answer_of_a_phone_whose_clock_is_wrong_is_dated_by_the_moment_of_sending(
    cast: Cast, run: Run, answer: Give, morning: Any
) -> None:
    morning.shift(timedelta(hours=1))
    now, ahead = clock.now(), timedelta(days=2, hours=5)
    given = now + ahead - timedelta(minutes=20)
    made = answer(run, "printer", cast.mei, answered_at=given, sent_at=now + ahead).answer
    assert made.answered_at == now - timedelta(minutes=20)


def test_number_outside_its_range_does_not_pass(cast: Cast, run: Run, answer: Give) -> None:
    with pytest.raises(Unfit) as refusal:
        answer(run, "rolls", cast.mei, details=Details(number=Decimal(2)))
    assert refusal.value.field == "number"
    details = Details(number=Decimal(2), reason="已申领")
    assert answer(run, "rolls", cast.mei, "fail", details=details).answer.data == {"number": "2"}


def test_failure_without_reason_is_refused(cast: Cast, run: Run, answer: Give) -> None:
    with pytest.raises(Unfit):
        answer(run, "printer", cast.mei, "fail")


@pytest.mark.parametrize("value", ["pass", "fail", "na"])
@pytest.mark.parametrize("typed", ["-3", "1e9", "NaN", "Infinity", "1000001"])
def test_number_that_nobody_can_have_counted_answers_nothing(
    cast: Cast, run: Run, answer: Give, value: str, typed: str
) -> None:
    with pytest.raises(Unfit) as refusal:
        answer(run, "rolls", cast.mei, value, details=Details(number=Decimal(typed), note="x"))
    assert refusal.value.field == "number"


def test_not_applicable_needs_a_reason(cast: Cast, run: Run, answer: Give) -> None:
    with pytest.raises(Unfit) as refusal:
        answer(run, "printer", cast.mei, "na", details=Details())
    assert refusal.value.field == "reason"
    assert answer(run, "printer", cast.mei, "na", details=Details(reason="今天停机")).answer.reason == "今天停机"


def test_failure_opens_one_case_however_often_it_is_answered(cast: Cast, run: Run, answer: Give) -> None:
    first = answer(run, "printer", cast.mei, "fail", details=Details(note="卡纸", with_case=True)).answer
    second = answer(run, "printer", cast.wang, "fail", details=Details(note="还是卡", with_case=True)).answer
    assert first.case == second.case == Case.objects.get()


def test_failure_that_demands_a_corrective_action_names_it_and_owes_a_duty(cast: Cast, run: Run, answer: Give) -> None:
    with pytest.raises(Unfit) as refusal:
        answer(run, "hold", cast.mei, "fail", details=Details(note="漏了两单"))
    assert refusal.value.field == "correction"
    details = Details(note="漏了两单", correction="把两单挑出来", correction_by=cast.wang)
    answer(run, "hold", cast.mei, "fail", details=details)
    correction = Correction.objects.get()
    assert (correction.duty.assignee, correction.duty.subject_id) == (cast.wang, correction.pk)


def test_correction_after_submission_names_its_reason_and_is_sealed(cast: Cast, answered_run: Run) -> None:
    submit_run(run=answered_run, actor=Actor.of(cast.mei))
    item = answered_run.version.items.get(slug="printer")
    options: dict[str, Any] = {"run": answered_run, "item": item, "actor": Actor.of(cast.wang)}
    options |= {"value": "fail", "details": Details(note="卡纸")}
    with pytest.raises(Unfit):
        correct_answer(because="", client_id=uuid.uuid4(), **options)
    corrected = correct_answer(because="看错机器", client_id=uuid.uuid4(), **options)
    step = progress_of(answered_run).steps[0]
    assert (step.answer, len(step.history)) == (corrected, 2)
    assert LedgerEntry.objects.filter(kind="answer.corrected").count() == 1


@pytest.mark.parametrize(
    ("slug", "value", "details"),
    [
        ("rolls", "pass", Details(number=Decimal(0))),
        ("rolls", "pass", Details()),
        ("hold", "fail", Details(note="漏了两单")),
        ("printer", "fail", Details()),
        ("printer", "na", Details()),
        ("printer", "unchecked", Details(note="x")),
        ("note", "pass", Details()),
    ],
)
def test_correction_is_judged_like_an_answer(
    cast: Cast, answered_run: Run, slug: str, value: str, details: Details
) -> None:
    submit_run(run=answered_run, actor=Actor.of(cast.mei))
    options: dict[str, Any] = {"run": answered_run, "actor": Actor.of(cast.wang)}
    options |= {"because": "记错了", "client_id": uuid.uuid4(), "value": value, "details": details}
    with pytest.raises(Unfit):
        correct_answer(item=answered_run.version.items.get(slug=slug), **options)
    assert not Answer.objects.exclude(corrects_because="").exists()


def test_lead_signs_one_side_of_a_handover_by_correcting_as_little_as_by_answering(
    cast: Cast, schedule: Schedule, answer: Give
) -> None:
    items = [
        {"slug": "out", "kind": "signature", "signer": "outgoing", "title": two("交班签字", "Outgoing signs")},
        {"slug": "in", "kind": "signature", "signer": "incoming", "title": two("接班签字", "Incoming signs")},
    ]
    publish_checklist(
        slug="morning", content=make_content(handover=True, review=False, items=items), actor=Actor.system("command")
    )
    open_due_runs(clock.now())
    run = Run.objects.loaded().get()
    answer(run, "out", cast.wang)
    answer(run, "in", cast.li, "fail", details=Details(note="接班人没到"))
    submit_run(run=run, actor=Actor.of(cast.li))
    with pytest.raises(NotAllowed):
        correct_answer(
            run=run,
            item=run.version.items.get(slug="in"),
            actor=Actor.of(cast.wang),
            value="pass",
            because="补签",
            client_id=uuid.uuid4(),
        )


@pytest.mark.parametrize("who", ["zhao", "chen"])
def test_auditor_and_stranger_answer_nothing(cast: Cast, run: Run, answer: Give, who: str) -> None:
    with pytest.raises(NotAllowed):
        answer(run, "printer", getattr(cast, who))


def test_figure_without_fresh_data_passes_nothing_and_is_answered_by_hand_with_a_reason(
    cast: Cast, schedule: Schedule, answer: Give
) -> None:
    item = {"slug": "sync", "kind": "figure", "figure": "sync_delay", "most": 0, "title": two("回传", "Sync delay")}
    publish_checklist(slug="morning", content=make_content(items=[item]), actor=Actor.system("command"))
    open_due_runs(clock.now())
    run = Run.objects.get()
    with pytest.raises(NotFresh):
        answer(run, "sync", cast.mei)
    with pytest.raises(Unfit):
        answer(run, "sync", cast.mei, "unchecked")
    by_hand = answer(run, "sync", cast.mei, "unchecked", details=Details(note="千牛后台看过，没有")).answer
    assert by_hand.data["figure"] == {"value": None, "as_of": None, "stale": True}


def test_figure_that_was_offline_is_held_when_the_data_does_not_carry_it(
    cast: Cast, schedule: Schedule, answer: Give, morning: Any
) -> None:
    item = {"slug": "sync", "kind": "figure", "figure": "sync_delay", "most": 0, "title": two("回传", "Sync delay")}
    publish_checklist(slug="morning", content=make_content(items=[item]), actor=Actor.system("command"))
    open_due_runs(clock.now())
    given = clock.now()
    morning.shift(timedelta(minutes=10))
    assert answer(Run.objects.get(), "sync", cast.mei, answered_at=given).answer.held == "figure"


def test_two_leads_sign_a_handover_each_for_himself(cast: Cast, schedule: Schedule, answer: Give) -> None:
    items = [
        {"slug": "out", "kind": "signature", "signer": "outgoing", "title": two("交班签字", "Outgoing signs")},
        {"slug": "in", "kind": "signature", "signer": "incoming", "title": two("接班签字", "Incoming signs")},
    ]
    publish_checklist(
        slug="morning", content=make_content(handover=True, review=False, items=items), actor=Actor.system("command")
    )
    open_due_runs(clock.now())
    run = Run.objects.get()
    with pytest.raises(NotAllowed):
        answer(run, "out", cast.mei)
    answer(run, "out", cast.wang)
    with pytest.raises(NotAllowed):
        answer(run, "in", cast.wang)
    answer(run, "in", cast.li)
    done = {s.item.slug: s.duty.completed_by for s in HandoverSignature.objects.select_related("duty", "item")}
    assert done == {"out": cast.wang, "in": cast.li}
