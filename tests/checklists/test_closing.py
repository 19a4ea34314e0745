"""Submitting and reviewing: complete, once, sealed; nobody reviews their own work."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from checklists.errors import ItemsMissing, RunClosed, Unchanged, Unfit
from checklists.models import Run, ShiftPass
from checklists.selectors import record_of
from checklists.services import Answered, give_pass, review_run, submit_run
from checklists.services.closing import digest_of
from duties.models import Duty
from kernel.errors import NotAllowed
from people.actor import Actor
from people.models import Employee
from records.models import Fact, LedgerEntry
from records.selectors import verify_chain
from tests.cast import Cast

Give = Callable[..., Answered]
SignIn = Callable[[Employee], Client]


def test_incomplete_run_is_not_submitted_and_names_what_is_open(cast: Cast, run: Run, answer: Give) -> None:
    answer(run, "rolls", cast.mei, "na")
    with pytest.raises(ItemsMissing) as refusal:
        submit_run(run=run, actor=Actor.of(cast.mei))
    assert refusal.value.details == {"count": 3, "positions": "1、3、4"}


def test_submission_settles_the_duty_seals_the_answers_and_asks_for_the_review(cast: Cast, answered_run: Run) -> None:
    run = submit_run(run=answered_run, actor=Actor.of(cast.mei))
    run.duty.refresh_from_db()
    assert (run.duty.completed_by, run.duty.outcome) == (cast.mei, "ok")
    assert (run.review_duty.assignee, run.review_duty.kind) == (cast.li, Duty.Kind.REVIEW)
    assert Fact.objects.get().kind == "run.submitted"
    assert LedgerEntry.objects.filter(kind="run.submitted", subject=run.ref).count() == 1
    assert run.digest in LedgerEntry.objects.get(kind="run.submitted").canonical
    assert verify_chain(f"site:{cast.site.pk}").is_sound


def test_second_submit_changes_nothing(cast: Cast, answered_run: Run) -> None:
    first = submit_run(run=answered_run, actor=Actor.of(cast.mei))
    second = submit_run(run=answered_run, actor=Actor.of(cast.wang))
    assert (second.submitted_by, second.submitted_at) == (cast.mei, first.submitted_at)
    assert LedgerEntry.objects.filter(kind="run.submitted").count() == 1


def test_lead_accepts_and_mei_may_not(cast: Cast, answered_run: Run) -> None:
    submit_run(run=answered_run, actor=Actor.of(cast.mei))
    with pytest.raises(NotAllowed):
        review_run(run=answered_run, actor=Actor.of(cast.mei), is_accepted=True)
    run = review_run(run=answered_run, actor=Actor.of(cast.wang), is_accepted=True)
    assert run.state == Run.State.ACCEPTED
    assert run.review_duty.__class__.objects.get(pk=run.review_duty_id).completed_by == cast.wang


def test_nobody_reviews_his_own_run(cast: Cast, answered_run: Run) -> None:
    submit_run(run=answered_run, actor=Actor.of(cast.wang))
    with pytest.raises(NotAllowed):
        review_run(run=answered_run, actor=Actor.of(cast.wang), is_accepted=True)


def test_run_sent_back_is_owed_again_answered_and_submitted_again(cast: Cast, answered_run: Run, answer: Give) -> None:
    wang = Actor.of(cast.wang)
    submit_run(run=answered_run, actor=Actor.of(cast.mei))
    with pytest.raises(Unfit):
        review_run(run=answered_run, actor=wang, is_accepted=False)
    run = review_run(run=answered_run, actor=wang, is_accepted=False, note="照片看不清")
    assert not Duty.objects.get(pk=run.duty_id).is_settled
    answer(run, "printer", cast.mei)
    again = submit_run(run=run, actor=Actor.of(cast.mei))
    assert again.state == Run.State.SUBMITTED
    assert not Duty.objects.get(pk=again.review_duty_id).is_settled


def test_run_sent_back_is_not_submitted_as_it_was(cast: Cast, answered_run: Run, answer: Give) -> None:
    for _round in range(2):
        submit_run(run=answered_run, actor=Actor.of(cast.mei))
        review_run(run=answered_run, actor=Actor.of(cast.wang), is_accepted=False, note="照片看不清")
        with pytest.raises(Unchanged):
            submit_run(run=answered_run, actor=Actor.of(cast.mei))
        assert Run.objects.get().state == Run.State.RETURNED
        answer(answered_run, "printer", cast.mei)


def test_reviewer_sees_what_was_answered_anew(cast: Cast, answered_run: Run, answer: Give, sign_in: SignIn) -> None:
    submit_run(run=answered_run, actor=Actor.of(cast.mei))
    review_run(run=answered_run, actor=Actor.of(cast.wang), is_accepted=False, note="照片看不清")
    answer(answered_run, "printer", cast.mei)
    submit_run(run=answered_run, actor=Actor.of(cast.mei))
    record = record_of(Run.objects.loaded().get())
    assert [line.step.item.slug for line in record.lines if line.is_new] == ["printer"]
    page = sign_in(cast.wang).get(reverse("checklists:run_detail", args=[answered_run.pk])).content.decode()
    assert page.count("重新填写") == 2  # at the item, and where it is decided


def test_record_keeps_each_return_and_calls_reviewed_only_what_was_accepted(
    cast: Cast, answered_run: Run, answer: Give, sign_in: SignIn
) -> None:
    def said() -> tuple[bool, bool]:
        page = sign_in(cast.li).get(reverse("checklists:run_detail", args=[answered_run.pk])).content.decode()
        return "照片看不清" in page, "<dt>复核</dt>" in page

    mei, wang = Actor.of(cast.mei), Actor.of(cast.wang)
    submit_run(run=answered_run, actor=mei)
    review_run(run=answered_run, actor=wang, is_accepted=False, note="照片看不清")
    assert said() == (True, False)
    answer(answered_run, "printer", cast.mei)
    submit_run(run=answered_run, actor=mei)
    assert said() == (True, False)
    review_run(run=answered_run, actor=wang, is_accepted=True)
    assert said() == (True, True)


def test_nobody_reviews_what_they_answered_themself_though_somebody_else_submits(
    cast: Cast, answered_run: Run, answer: Give
) -> None:
    answer(answered_run, "printer", cast.wang)
    run = submit_run(run=answered_run, actor=Actor.of(cast.mei))
    with pytest.raises(NotAllowed):
        review_run(run=run, actor=Actor.of(cast.wang), is_accepted=True)
    assert run.review_duty.assignee == cast.li
    assert review_run(run=run, actor=Actor.of(cast.li), is_accepted=True).state == Run.State.ACCEPTED


def test_lead_gives_no_pass_to_themself(cast: Cast, run: Run, sign_in: SignIn) -> None:
    with pytest.raises(NotAllowed):
        give_pass(run=run, employee=cast.wang, actor=Actor.of(cast.wang), reason="赶时间")
    sent = {"employee": cast.wang.pk, "reason": "赶时间"}
    assert sign_in(cast.wang).post(reverse("checklists:pass_give", args=[run.pk]), sent).status_code == 422
    assert not ShiftPass.objects.exists()


def test_digest_of_a_run_holds_what_the_live_data_said(cast: Cast, answered_run: Run) -> None:
    rows = [(a.item.slug, a) for a in answered_run.answers.select_related("item").order_by("item__position")]
    before = digest_of(rows)
    rows[0][1].data = {"figure": {"value": 3, "as_of": None, "stale": True}}
    assert digest_of(rows) != before


def test_open_run_is_not_reviewed(cast: Cast, run: Run) -> None:
    with pytest.raises(RunClosed):
        review_run(run=run, actor=Actor.of(cast.wang), is_accepted=True)


@pytest.mark.django_db(transaction=True)
def test_two_submits_at_once_seal_one(cast: Cast, answered_run: Run) -> None:
    results: list[object] = []
    start = threading.Barrier(2)

    def submit(employee: object) -> None:
        try:
            start.wait()
            results.append(submit_run(run=answered_run, actor=Actor.of(employee)).state)
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=submit, args=(who,)) for who in (cast.mei, cast.wang)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["submitted", "submitted"]
    assert LedgerEntry.objects.filter(kind="run.submitted").count() == 1


@pytest.mark.parametrize(("hours", "due"), [(0, "2026-11-11 18:00"), (7.8, "2026-11-12 18:00")])
def test_review_and_what_is_sent_back_fall_due_when_somebody_works(
    cast: Cast, answered_run: Run, morning: Any, hours: float, due: str
) -> None:
    morning.shift(timedelta(hours=hours))
    run = submit_run(run=answered_run, actor=Actor.of(cast.wang))
    review = run.review_duty
    assert review and f"{review.due_at.astimezone(cast.site.tz):%Y-%m-%d %H:%M}" == due
    run = review_run(run=run, actor=Actor.of(cast.li), is_accepted=False, note="照片看不清")
    run.duty.refresh_from_db()
    assert f"{run.duty.wanted_at.astimezone(cast.site.tz):%Y-%m-%d %H:%M}" == due
