"""What is brought in at once and what people did leave the same rows: the same story told both ways, row by row.

The same moments are lived. Left out (`but`) is what numbers a row, what is salted, and what nobody told a bulk.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time, timedelta
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import Q

from cases.bulk import PastCase, PastContact, record_cases
from cases.models import Case, CaseEvent, CaseFinding, CaseOrder, CaseWaybill, ContactLog
from cases.services import close_case, complete_follow_up, log_contact, open_case, resolve_case
from checklists.bulk import PastRun, record_runs
from checklists.details import Details
from checklists.models import Answer, Run, Schedule
from checklists.services import answer_item, open_due_runs, publish_checklist, review_run, submit_run
from contingency.bulk import PastActivation, PastTick, record_activations
from contingency.models import Activation, Drill, StepTick
from contingency.services import activate_plan, close_activation, schedule_drill, tick_step
from duties.models import Duty, DutyEvent
from kernel import clock
from people.actor import Actor
from people.bulk import PastHire, hire_many
from people.models import Employee, Membership, Role, Roster
from people.services import acknowledge_notice, add_membership, hire_employee
from records.models import LedgerEntry
from tests.cast import PASSWORD, Cast
from tests.checklists.conftest import MORNING, make_content
from tests.contingency.factories import make_plan
from tests.training.factories import make_module, right_answers, wrong_answers
from training.bulk import PastLearning, qualify_many
from training.models import Assignment, Attempt, LessonRead, Qualification
from training.services import assign_module, read_lesson, submit_attempt

Rows = dict[str, list[dict[str, Any]]]
ALWAYS = {"id", "client_id"}  # what numbers a row, and by what a repeat is known
REMINDED = {"Duty.reminded_at", "Duty.escalated_at"}  # nobody is reminded of what was long ago


def rows_of(of: Iterable[type[models.Model]], but: set[str]) -> Rows:
    """What each row says. A review that was owed is not brought in: a run is accepted, or stays submitted."""
    reviews = {Duty: Q(kind="review"), DutyEvent: Q(duty__kind="review")}
    found = {model: model._default_manager.exclude(reviews.get(model, Q(pk=None))) for model in of}
    return {model.__name__: sorted(map(_told(but), rows), key=str) for model, rows in found.items()}


def _told(but: set[str]) -> Callable[[models.Model], dict[str, Any]]:
    def told(row: models.Model) -> dict[str, Any]:
        if isinstance(row, LedgerEntry):
            return without(json.loads(row.canonical), but | {"prev", "seq"})
        name = type(row).__name__
        fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        return {key: value for key, value in fields.items() if key not in ALWAYS and f"{name}.{key}" not in but}

    return told


def without(entry: dict[str, Any], but: set[str]) -> dict[str, Any]:
    told = {key: value for key, value in entry.items() if key not in but}
    told["payload"] = {key: value for key, value in entry["payload"].items() if f"{entry['kind']}.{key}" not in but}
    return told


def differences(
    lived: Callable[[], object], brought: Callable[[], object], *of: type[models.Model], but: set[str]
) -> list[str]:
    """Where the story as it was lived left other rows than the story as it was brought in. Both are numbered alike, for
    the first is undone."""
    counted = [*of, LedgerEntry]
    _number_anew(counted)
    point = transaction.savepoint()
    lived()
    first = rows_of(counted, but)
    transaction.savepoint_rollback(point)
    _number_anew(counted)
    brought()
    return [told for name, rows in rows_of(counted, but).items() for told in _compared(name, first[name], rows)]


def _number_anew(of: list[type[models.Model]]) -> None:
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), of):
            cursor.execute(sql)


def _compared(name: str, lived: list[dict[str, Any]], brought: list[dict[str, Any]]) -> Iterator[str]:
    for one, other in zip_longest(lived, brought):
        if not (one and other):
            yield f"{name}: {one} ≠ {other}"
            continue
        for key in one.keys() | other.keys():
            if one.get(key) != other.get(key):
                yield f"{name}.{key}: {one.get(key)!r} ≠ {other.get(key)!r}"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai"))


SECRET = {"Employee.password", *(f"employee.hired.{name}" for name in ("number", "name", "email"))}  # salted


def test_people_hired_at_once_are_as_those_hired_one_by_one(cast: Cast) -> None:
    day = at(2, 9)

    def lived() -> None:
        with time_machine.travel(day, tick=False):
            sun = Actor.of(cast.sun)
            told = {"number": "1010", "name": "周强", "hired_on": day.date(), "password": PASSWORD}
            made, _password = hire_employee(**told, must_change_password=False, actor=sun)
            where = {"site": cast.site, "team": cast.team, "starts_on": day.date()}
            add_membership(employee=made, role=Role.LEAD, **where, actor=sun)
            acknowledge_notice(actor=Actor.of(made))

    def brought() -> None:
        told = {"number": "1010", "name": "周强", "role": Role.LEAD, "password": PASSWORD}
        hire_many([PastHire(**told, site=cast.site, team=cast.team, starts_on=day.date())])

    assert differences(lived, brought, Employee, Membership, but=SECRET | {"Employee.created_at", "actor"}) == []


def half_right(assignment: Assignment) -> dict[str, list[int]]:
    right, wrong = right_answers(assignment), wrong_answers(assignment)
    return {slug: (right if n < len(right) // 2 else wrong)[slug] for n, slug in enumerate(right)}


def test_module_learned_long_ago_is_as_one_learned_today(cast: Cast) -> None:
    with time_machine.travel(at(1, 9), tick=False):
        version = make_module()
    assigned, failed, passed = at(2, 9), at(3, 9), at(3, 10)
    key = f"path:{version.module_id}:{version.number}:{cast.mei.pk}"

    def lived() -> None:
        mei = Actor.of(cast.mei)
        with time_machine.travel(assigned, tick=False) as clockwork:
            made = assign_module(
                module=version.module, employee=cast.mei, site=cast.site, key=key, actor=Actor.system("rule")
            )
            lessons = list(version.lessons.order_by("position"))
            clockwork.move_to(failed - timedelta(minutes=5))
            for lesson in lessons:
                read_lesson(assignment=made, lesson=lesson, actor=mei)
            for moment, answers in ((failed, half_right), (passed, right_answers)):
                clockwork.move_to(moment)
                given = {"client_id": uuid.uuid4(), "answers": answers(made)}
                submit_attempt(assignment=made, version=version, actor=mei, **given)

    def brought() -> None:
        qualify_many(
            [
                PastLearning(
                    version=version, employee=cast.mei, site=cast.site, assigned_at=assigned, passed_at=passed, failed=1
                )
            ]
        )

    assert (
        differences(
            lived,
            brought,
            Assignment,
            Duty,
            DutyEvent,
            LessonRead,
            Attempt,
            Qualification,
            but=REMINDED | {"LessonRead.at"},
        )
        == []
    )


@pytest.fixture
def schedule(cast: Cast) -> Schedule:
    with time_machine.travel(at(1, 9), tick=False):
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


def test_run_of_the_past_is_as_one_of_today(cast: Cast, schedule: Schedule) -> None:
    Roster.objects.create(employee=cast.wang, day=MORNING.date(), shift=cast.day_shift)
    version = schedule.checklist.versions.select_related("checklist").get()
    items = list(version.items.order_by("position"))
    opens, submitted = at(11, 8, 30), at(11, 9, 20)
    values = [(item, "pass" if item.kind == "check" else "na", "今天没有") for item in items]

    def lived() -> None:
        wang = Actor.of(cast.wang)
        with time_machine.travel(opens, tick=False) as clockwork:
            open_due_runs(clock.now())
            run = Run.objects.loaded().get()
            for number, (item, value, note) in enumerate(values, start=1):
                clockwork.move_to(opens + (submitted - opens) / (len(values) + 1) * number)
                told = {"value": value, "details": Details(note=note), "client_id": uuid.uuid4()}
                answer_item(run=run, item=item, actor=wang, **told)
            clockwork.move_to(submitted)
            submit_run(run=run, actor=wang)
            clockwork.move_to(submitted + timedelta(hours=1))
            review_run(run=run, actor=Actor.of(cast.li), is_accepted=True)

    def brought() -> None:
        record_runs(
            [
                PastRun(
                    version=version,
                    schedule=schedule,
                    site=cast.site,
                    shop=cast.shop,
                    shift=cast.day_shift,
                    day=MORNING.date(),
                    assignee=cast.wang,
                    answers=values,
                    submitted_at=submitted,
                    reviewed_by=cast.li,
                )
            ]
        )

    assert differences(lived, brought, Run, Duty, DutyEvent, Answer, but=REMINDED | {"Run.review_duty_id"}) == []


def test_case_of_the_past_is_as_one_of_today(cast: Cast) -> None:
    opened, spoken, followed, resolved, closed = (at(11, hour) for hour in (9, 10, 13, 15, 17))
    told = {"shop": cast.shop, "kind": "no_pickup", "source": "person", "key": "past:1", "note": "两天没揽收"}
    numbers = {"orders": ("4140000000000000001",), "waybills": ("SF1234567890123",)}
    said = {"whom": "courier", "channel": "phone", "said": "漏扫", "promised": "下午", "follow_up_at": at(11, 14)}
    ended = {"cause": "courier", "resolution": "no_fault"}

    def lived() -> None:
        wang = Actor.of(cast.wang)
        with time_machine.travel(opened, tick=False) as clockwork:
            case = open_case(**told, **numbers, due_at=at(12, 9), owner=cast.wang, actor=Actor.of(cast.mei))
            clockwork.move_to(spoken)
            contact = log_contact(case=case, client_id=uuid.uuid4(), actor=wang, **said)
            clockwork.move_to(followed)
            complete_follow_up(contact=contact, client_id=uuid.uuid4(), note="", actor=wang)
            clockwork.move_to(resolved)
            resolve_case(case=case, client_id=uuid.uuid4(), actor=wang, note="扫描晚了", **ended)
            clockwork.move_to(closed)
            close_case(case=case, client_id=uuid.uuid4(), actor=Actor.of(cast.li))

    def brought() -> None:
        contact = PastContact(at=spoken, by=cast.wang, done_at=followed, **said)
        record_cases(
            [
                PastCase(
                    **told,
                    **numbers,
                    **ended,
                    resolution_note="扫描晚了",
                    opened_by=cast.mei,
                    opened_at=opened,
                    due_at=at(12, 9),
                    owner=cast.wang,
                    contacts=(contact,),
                    resolved_at=resolved,
                    closed_at=closed,
                    closed_by=cast.li,
                )
            ]
        )

    of = (Case, CaseEvent, CaseFinding, CaseOrder, CaseWaybill, ContactLog, Duty, DutyEvent)
    assert differences(lived, brought, *of, but=REMINDED) == []


def test_drill_of_the_past_is_as_one_of_today(cast: Cast) -> None:
    with time_machine.travel(at(1, 9), tick=False):
        plan = make_plan([cast.site])
    version = plan.current
    assert version
    steps, started, due = list(version.steps.order_by("position")), at(11, 9), at(12, 9)

    def lived() -> None:
        wang = Actor.of(cast.wang)
        with time_machine.travel(started - timedelta(days=7), tick=False) as clockwork:
            planned = {"plan": plan, "site": cast.site, "lead": cast.wang, "due_at": due}
            schedule_drill(**planned, client_id=uuid.uuid4(), actor=wang)
            clockwork.move_to(started)
            made = activate_plan(plan=plan, site=cast.site, is_drill=True, client_id=uuid.uuid4(), actor=wang)
            clockwork.shift(timedelta(minutes=2))
            tick_step(activation=made, step=steps[0], client_id=uuid.uuid4(), actor=Actor.of(cast.mei))
            clockwork.shift(timedelta(minutes=28))
            close_activation(activation=made, review="顺利", reasons={steps[1].pk: "没有备用机"}, actor=wang)

    def brought() -> None:
        ticks = (
            PastTick(position=steps[0].position, by=cast.mei, at=started + timedelta(minutes=2)),
            PastTick(position=steps[1].position, by=cast.wang, at=None, note="没有备用机"),
        )
        record_activations(
            [
                PastActivation(
                    key=uuid.uuid4(),
                    version=version,
                    site=cast.site,
                    started_by=cast.wang,
                    started_at=started,
                    closed_by=cast.wang,
                    closed_at=started + timedelta(minutes=30),
                    is_drill=True,
                    review="顺利",
                    ticks=ticks,
                    drill_due_at=due,
                )
            ]
        )

    assert differences(lived, brought, Activation, StepTick, Drill, Duty, DutyEvent, but=REMINDED) == []
