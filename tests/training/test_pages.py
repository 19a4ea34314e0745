"""The pages of training as people meet them: one's own, the quiz, who stands where, assigning by hand."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from checklists.services import publish_checklist
from people.actor import Actor
from people.models import Employee, Membership, Role
from tests.cast import SINCE, Cast, make_member
from tests.checklists.conftest import make_content
from tests.training.factories import (
    make_assignment,
    make_module,
    module_content,
    read_all,
    right_answers,
    take,
    wrong_answers,
)
from training.drawing import draw
from training.models import Assignment, Attempt, LessonRead, Question
from training.services import publish_module

SignIn = Callable[[Employee], Client]


def page_of(client: Client, name: str, *args: Any) -> str:
    return client.get(reverse(f"training:{name}", args=args)).content.decode()


def hand_in(client: Client, assignment: Assignment, answers: dict[str, list[int]], **changes: Any) -> HttpResponse:
    """The quiz as the browser sends it: a radio, boxes, or a place for each line."""
    version = assignment.module.current
    sent: dict[str, Any] = {"client_id": uuid.uuid4(), "version": version.pk}
    for one in draw(version, assignment, assignment.attempts.count() + 1):
        slug, given = one.question.slug, answers.get(one.question.slug)
        if given is None:
            continue
        if one.question.kind == Question.Kind.ORDER:
            sent |= {f"{slug}_{place}": given.index(index) + 1 for place, index in enumerate(one.order)}
        else:
            sent[slug] = [str(index) for index in given]
    return client.post(reverse("training:quiz", args=[assignment.pk]), sent | changes)


def test_lesson_read_leads_to_the_next_and_the_last_to_the_quiz(cast: Cast, sign_in: SignIn) -> None:
    assignment, mei = make_assignment(cast), sign_in(cast.mei)
    first, second = assignment.module.current.lessons.order_by("position")
    response = mei.post(reverse("training:lesson_read", args=[assignment.pk, first.pk]))
    assert response.url == reverse("training:lesson", args=[assignment.pk, second.pk])
    response = mei.post(reverse("training:lesson_read", args=[assignment.pk, second.pk]))
    assert response.url == reverse("training:quiz", args=[assignment.pk])
    mei.post(reverse("training:lesson_read", args=[assignment.pk, second.pk]))
    assert LessonRead.objects.count() == 2


def test_unanswered_question_is_named_and_what_was_chosen_stays(cast: Cast, sign_in: SignIn) -> None:
    assignment, mei = make_assignment(cast), sign_in(cast.mei)
    read_all(assignment)
    answers = right_answers(assignment)
    left_out = list(answers)[-1]
    response = hand_in(mei, assignment, {slug: given for slug, given in answers.items() if slug != left_out})
    page = response.content.decode()
    assert response.status_code == 422 and f'href="#question-{len(answers)}"' in page
    assert " checked" in page or " selected" in page
    assert not Attempt.objects.exists()


def test_order_question_is_answered_by_places(cast: Cast, sign_in: SignIn) -> None:
    assignment, mei = make_assignment(cast), sign_in(cast.mei)
    read_all(assignment)
    response = hand_in(mei, assignment, right_answers(assignment))
    attempt = Attempt.objects.get()
    assert response.url == reverse("training:attempt_result", args=[attempt.pk]) and attempt.passed


def test_failed_attempt_says_why_and_where_to_read_but_not_the_answer(cast: Cast, sign_in: SignIn) -> None:
    assignment, mei = make_assignment(cast), sign_in(cast.mei)
    read_all(assignment)
    page = mei.get(hand_in(mei, assignment, wrong_answers(assignment)).url).content.decode()
    question = draw(assignment.module.current, assignment, 1)[0].question
    lesson = reverse("training:lesson", args=[assignment.pk, question.lesson_id])
    assert question.why["zh"] in page and lesson in page
    assert reverse("training:quiz", args=[assignment.pk]) in page


def test_quiz_sent_twice_is_one_attempt(cast: Cast, sign_in: SignIn) -> None:
    assignment, mei = make_assignment(cast), sign_in(cast.mei)
    read_all(assignment)
    answers, key = right_answers(assignment), uuid.uuid4()
    first, second = (hand_in(mei, assignment, answers, client_id=key) for _ in range(2))
    assert first.url == second.url and Attempt.objects.count() == 1


def test_quiz_of_a_version_that_was_replaced_meanwhile_is_told(cast: Cast, sign_in: SignIn) -> None:
    assignment, mei = make_assignment(cast), sign_in(cast.mei)
    read_all(assignment)
    old = assignment.module.current_id
    make_module(minutes=12)
    assignment.refresh_from_db()
    assignment.module.refresh_from_db()
    read_all(assignment)
    response = hand_in(mei, assignment, right_answers(assignment), version=old)
    assert response.status_code == 409 and "新版本" in response.content.decode()
    assert not Attempt.objects.exists()


def test_quiz_stays_shut_until_the_lessons_are_read(cast: Cast, sign_in: SignIn) -> None:
    assignment = make_assignment(cast)
    response = sign_in(cast.mei).get(reverse("training:quiz", args=[assignment.pk]))
    assert response.status_code == 422 and "课文" in response.content.decode()


@pytest.mark.parametrize("name", ["assignment_work", "quiz"])
def test_assignment_of_another_site_does_not_exist_for_chen(cast: Cast, sign_in: SignIn, name: str) -> None:
    assignment = make_assignment(cast)
    assert sign_in(cast.chen).get(reverse(f"training:{name}", args=[assignment.pk])).status_code == 404


def test_lead_sees_an_assignment_of_the_team_and_takes_no_quiz_for_it(cast: Cast, sign_in: SignIn) -> None:
    assignment, wang = make_assignment(cast), sign_in(cast.wang)
    assert "陈梅" in page_of(wang, "assignment_work", assignment.pk)
    assert wang.get(reverse("training:quiz", args=[assignment.pk])).status_code == 403


def test_auditor_reads_who_stands_where_and_assigns_nothing(cast: Cast, sign_in: SignIn) -> None:
    assignment, zhao = make_assignment(cast), sign_in(cast.zhao)
    take(assignment)
    page = page_of(zhao, "module_people", assignment.module_id)
    assert "陈梅" in page and reverse("training:module_assign", args=[assignment.module_id]) not in page
    assert zhao.post(reverse("training:module_assign", args=[assignment.module_id])).status_code == 403


def test_lead_assigns_by_number_or_name(cast: Cast, sign_in: SignIn) -> None:
    module, wang = make_module().module, sign_in(cast.wang)
    url = reverse("training:module_assign", args=[module.pk])
    sent = {"client_id": uuid.uuid4(), "site": cast.site.pk, "employee": "1001", "reason": "复训"}
    for _ in range(2):  # a double tap
        assert wang.post(url, sent).status_code == 302
    assert Assignment.objects.get(employee=cast.mei).reason == "复训"
    wang.post(url, {**sent, "client_id": uuid.uuid4(), "employee": "王建国"})
    assert Assignment.objects.filter(employee=cast.wang).count() == 1


@pytest.mark.parametrize(("typed", "said"), [("9999", "没有"), ("陈", "陈梅 1001、陈小 1009")])
def test_name_that_fits_nobody_or_several_is_told(cast: Cast, sign_in: SignIn, typed: str, said: str) -> None:
    namesake = Employee.objects.create(number="1009", name="陈小")
    Membership.objects.create(employee=namesake, role=Role.EMPLOYEE, site=cast.site, team=cast.team, starts_on=SINCE)
    url = reverse("training:module_assign", args=[make_module().module_id])
    sent = {"client_id": uuid.uuid4(), "site": cast.site.pk, "employee": typed}
    response = sign_in(cast.wang).post(url, sent)
    assert response.status_code == 422 and said in response.content.decode()


def test_person_of_another_site_cannot_be_assigned(cast: Cast, sign_in: SignIn) -> None:
    url = reverse("training:module_assign", args=[make_module().module_id])
    sent = {"client_id": uuid.uuid4(), "site": cast.site.pk, "employee": "2001"}
    assert sign_in(cast.li).post(url, sent).status_code == 422
    assert not Assignment.objects.exists()


def test_numbers_of_a_module_open_just_their_people(cast: Cast, sign_in: SignIn) -> None:
    version = make_module()
    take(make_assignment(cast, cast.mei, version))
    owing = make_member(cast, 1)
    make_assignment(cast, owing, version)
    again = make_member(cast, 2)  # qualified, and has to learn it once more
    take(make_assignment(cast, again, version))
    make_assignment(cast, again, version)
    client = sign_in(cast.li)
    detail = client.get(reverse("training:module_detail", args=[version.module_id]))
    assert [(str(s), n) for s, n in detail.context["counts"]] == [("owing", 2), ("qualified", 1)]
    assert "陈梅" not in detail.content.decode()
    url = reverse("training:module_people", args=[version.module_id])
    for standing, n in detail.context["counts"]:
        assert client.get(url, {"state": standing}).context["page"].paginator.count == n
    assert client.get(url, {"q": cast.mei.number, "state": "x"}).context["page"].paginator.count == 1
    module = client.get(reverse("training:module_list")).context["modules"][0]
    assert (module.owing, module.qualified) == (2, 1)


def test_module_says_which_checks_it_qualifies_for(cast: Cast, sign_in: SignIn) -> None:
    version = make_module()
    page = page_of(sign_in(cast.li), "module_detail", version.module_id)
    assert "没有检查要求它" in page
    made = publish_checklist(
        slug="evening", content=make_content(modules=[version.module.slug]), actor=Actor.system("command")
    )
    page = page_of(sign_in(cast.li), "module_detail", version.module_id)
    assert reverse("checklists:checklist_detail", args=[made.checklist_id]) in page


@pytest.mark.parametrize("name", ["my_training", "module_list", "module_detail", "module_people"])
def test_pages_take_as_many_statements_for_thirty_rows_as_for_three(
    cast: Cast, sign_in: SignIn, statements_of: Callable[..., int], name: str
) -> None:
    version = make_module()

    def add_row(n: int) -> None:
        person = make_member(cast, n)
        take(make_assignment(cast, person, version))
        make_assignment(
            cast, cast.wang, publish_module(slug=f"more-{n}", content=module_content(), actor=Actor.system("command"))
        )

    url = reverse(
        f"training:{name}", args=[version.module_id] if name.startswith("module_d") or name == "module_people" else []
    )
    assert statements_of(sign_in(cast.wang), url, add_row) <= 14
