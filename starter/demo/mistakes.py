"""Who erred, said so, learned the module again, and erred less: through the services, at the moments of the past."""

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from cases.models import Case, Retraining
from cases.services import add_retraining_rule, close_case, open_case, record_statement, resolve_case, set_responsible
from kernel import clock
from kernel.presence import present
from people.actor import Actor
from people.models import Employee, Role
from people.selectors import day_of
from records.models import Fact
from records.services import run_reactions
from starter.demo.company import Place
from starter.demo.stories import WORDS
from training.drawing import draw
from training.models import Assignment, Module
from training.services import read_lesson, submit_attempt

PEOPLE = 5  # at most


def tell_mistakes(place: Place, since: datetime, now: datetime, chance: random.Random) -> None:
    """In the first days some packers mistyped, one of them twice; each was heard and retrained, one erred once more."""
    manager = place.manager
    people = place.people_on(place.day)[: PEOPLE + 1]
    module = Module.objects.filter(slug__contains="entering").first()
    if manager is None or module is None or len(people) < 2 or since + timedelta(days=8) > now:
        return
    *packers, colleague = people
    with clock.as_of(since + timedelta(hours=2)):
        add_retraining_rule(
            shop=place.shops[0],
            cause=Case.Cause.MANUAL_ENTRY,
            role=Role.EMPLOYEE,
            module=module,
            days=7,
            starts_on=day_of(clock.now(), place.site.zone),
            actor=Actor.of(manager),
        )
    for n, packer in enumerate(packers):
        began = since + timedelta(days=1 + n, hours=chance.uniform(1, 3))
        for again in range(2 if n == 0 else 1):
            opener = packer if n % 2 else colleague
            _mistake(place, packer, opener, began + timedelta(hours=20 * again), chance)
        _learn_again(packer, began + timedelta(days=2))
    if since + timedelta(days=21) < now:
        _mistake(place, packers[0], packers[0], since + timedelta(days=19), chance)
        _learn_again(packers[0], since + timedelta(days=20))


def _mistake(place: Place, packer: Employee, opener: Employee, at: datetime, chance: random.Random) -> None:
    """Caught at the bench by somebody else or told by the packer, corrected within the hour, closed in the evening."""
    lead = next(iter(place.leads.values()))
    with clock.as_of(at):
        case = open_case(
            shop=place.shops[0],
            kind=Case.Kind.MISMATCH,
            source=Case.Source.BENCH,
            actor=Actor.of(opener),
            key=f"demo:mistake:{packer.pk}:{at:%Y%m%d%H%M}",
            cause=Case.Cause.MANUAL_ENTRY,
            note="面单号和平台填的对不上，验货台拦下。",
            owner=lead,
        )
    number = f"YT{chance.randrange(10**13):013d}"
    said: dict[str, Any] = {"case": case, "actor": Actor.of(lead)}
    with clock.as_of(at + timedelta(minutes=20)):
        words = chance.choice(WORDS)
        record_statement(employee=packer, text=words, is_own_report=opener == packer, client_id=uuid.uuid4(), **said)
    with clock.as_of(at + timedelta(minutes=35)):
        set_responsible(employee=packer, proof="打单记录和监控时间对得上", client_id=uuid.uuid4(), **said)
    with clock.as_of(at + timedelta(minutes=50)):
        resolve_case(
            resolution=Case.Resolution.PLATFORM_CORRECTED,
            cause=Case.Cause.MANUAL_ENTRY,
            waybill=number,
            note="平台单号已改成面单上的。",
            client_id=uuid.uuid4(),
            **said,
        )
    with clock.as_of(at + timedelta(hours=4)):
        close_case(client_id=uuid.uuid4(), **said)
        for fact in Fact.objects.filter(kind="case.closed", subject=f"case:{case.pk}"):
            run_reactions(fact_id=fact.pk)


def _learn_again(packer: Employee, at: datetime) -> None:
    """The lessons read, the questions answered rightly."""
    given = Retraining.objects.filter(assignment__employee=packer).values("assignment")
    for assignment in Assignment.objects.filter(pk__in=given, duty__completed_at=None).select_related(
        "module__current"
    ):
        version = present(assignment.module.current)
        with clock.as_of(at):
            for lesson in version.lessons.order_by("position"):
                read_lesson(assignment=assignment, lesson=lesson, actor=Actor.of(packer))
        with clock.as_of(at + timedelta(minutes=18)):
            answers = {drawn.question.slug: drawn.question.right for drawn in draw(version, assignment, 1)}
            submit_attempt(
                assignment=assignment, version=version, answers=answers, actor=Actor.of(packer), client_id=uuid.uuid4()
            )
