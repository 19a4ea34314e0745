"""Six plausible weeks: what was learned, checked, found, mended and rehearsed; through the bulk services."""

import random
import uuid
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from io import BytesIO

from cases.bulk import PastCase, PastContact, record_cases
from cases.kinds import kind_of
from checklists.bulk import PastRun, record_runs
from checklists.models import ChecklistVersion, Item, Schedule
from checklists.services import add_schedule
from contingency.bulk import PastActivation, PastTick, record_activations
from contingency.models import Material, Plan, PlanVersion
from contingency.services import count_stock
from kernel import clock
from kernel.presence import present
from orders.models import Finding
from orders.services import Upload, confirm_import, create_import, dismiss_finding, run_import
from people.actor import Actor
from people.models import Employee, Shop
from people.scope import scope_of
from records.models import Fact
from records.services import run_reactions
from starter.demo.company import Company, Place
from starter.demo.parcels import EVENING, evening_files, told_parcels
from starter.demo.stories import FALSE_ALARMS, REMARKS, STORIES
from training.bulk import PastLearning, qualify_many
from training.models import ModuleVersion

SCHEDULES = {  # checklist → opens, due, closes; in the day shift of each shop
    "morning-order-check": (time(8, 15), time(9, 30), time(12)),
    "no-pickup-check": (time(16, 30), time(17, 30), time(18)),
}
LATE, MISSED = 0.07, 0.05


def add_schedules(place: Place) -> list[Schedule]:
    """Both daily checks for each shop; the handover between the shifts."""
    manager = _manager(place)
    made = []
    for version in _latest_checklists():
        slug = version.checklist.slug
        add = partial(
            add_schedule, checklist=version.checklist, site=place.site, weekdays="1234567", actor=Actor.of(manager)
        )
        if slug in SCHEDULES:
            opens, due, closes = SCHEDULES[slug]
            for shop in place.shops:
                made.append(add(shop=shop, shift=place.day, opens=opens, due=due, closes=closes))
        elif version.is_handover:
            add(shop=None, shift=place.day, opens=time(17, 15), due=time(17, 50), closes=None)
    return made


def _manager(place: Place) -> Employee:
    if place.manager is None:
        raise ValueError(f"{place.site} has no manager.")
    return place.manager


def _latest_checklists() -> list[ChecklistVersion]:
    rows = ChecklistVersion.objects.select_related("checklist").order_by("checklist_id", "number")
    return list({version.checklist_id: version for version in rows}.values())


# --- learning


def tell_learning(company: Company, since: datetime, now: datetime, chance: random.Random) -> None:
    """All had three weeks for the modules; some failed once, some were late, two still owe one, the newcomer all."""
    versions = list(ModuleVersion.objects.filter(module__current__isnull=False).select_related("module__current"))
    rows = []
    for place in company.places:
        people = place.everyone
        behind = set(chance.sample([p.pk for p in people], min(2, len(people))))
        for version in versions:
            rows += [_learned(person, version, place, since, now, chance, person.pk in behind) for person in people]
    yesterday = now - timedelta(hours=20)
    for version in versions:
        site = company.places[0].site
        rows.append(PastLearning(version=version, employee=company.newcomer, site=site, assigned_at=yesterday))
    qualify_many(rows)


def _learned(
    person: Employee,
    version: ModuleVersion,
    place: Place,
    since: datetime,
    now: datetime,
    chance: random.Random,
    is_behind: bool,
) -> PastLearning:
    days = version.due_days * (chance.uniform(1.05, 1.6) if chance.random() < 0.08 else chance.uniform(0.2, 0.95))
    passed = (since + timedelta(days=days)).astimezone(place.site.tz)
    passed = passed.replace(hour=chance.randint(9, 17), minute=chance.randint(0, 59))
    owes = (is_behind and version.order == 3) or passed > now
    return PastLearning(
        version=version,
        employee=person,
        site=place.site,
        assigned_at=since,
        passed_at=None if owes else passed,
        failed=int(chance.random() < 0.15),
    )


# --- checks


def tell_checks(
    place: Place, schedules: list[Schedule], days: list[date], now: datetime, chance: random.Random
) -> None:
    """The runs of these days whose time is over: mostly on time, some late, some missed, some with problems."""
    versions = {version.checklist_id: version for version in _latest_checklists()}
    items = {pk: list(version.items.order_by("position")) for pk, version in versions.items()}
    people, leads = place.people_on(place.day), place.leads_on(place.day)
    rows = []
    for schedule in schedules:
        version = versions[schedule.checklist_id]
        for day in days:
            opens, due, closes = schedule.moments(day)
            if closes > now or not people:
                continue
            person, dice = chance.choice(people), chance.random()
            end = (
                due + (closes - due) * chance.uniform(0.1, 0.9)
                if dice < LATE
                else due - (due - opens) * chance.random() / 2
            )
            is_missed = LATE <= dice < LATE + MISSED
            rows.append(
                PastRun(
                    version=version,
                    schedule=schedule,
                    site=place.site,
                    shop=schedule.shop,
                    shift=schedule.shift,
                    day=day,
                    assignee=person,
                    answers=[] if is_missed else [_answer(item, chance) for item in items[schedule.checklist_id]],
                    submitted_at=None if is_missed else end,
                    reviewed_by=chance.choice(leads),
                )
            )
    record_runs(rows)


def _answer(item: Item, chance: random.Random) -> tuple[Item, str, str]:
    if chance.random() < 0.06:
        return item, "fail", chance.choice(REMARKS)
    if item.kind == Item.Kind.TEXT and chance.random() < 0.4:
        return item, "na", "没有要说的"
    return item, "pass", ""


# --- parcels and what does not match


def tell_parcels(place: Place, days: list[date], now: datetime, chance: random.Random) -> None:
    """The first shop's files, brought in by its manager and compared every evening; a few alarms were false."""
    shop, manager, told = place.shops[0], _manager(place), datetime.combine(days[0], time(0), place.site.tz)
    parcels = told_parcels(days[:-1], place.site.tz, chance)
    for day in days:
        evening = min(now, datetime.combine(day, EVENING, place.site.tz))
        with clock.as_of(evening):
            files = evening_files(parcels, told, evening.astimezone(place.site.tz))
            uploads = [Upload(name, len(content), BytesIO(content)) for name, content in files]
            if not uploads:
                continue
            batch = create_import(shop=shop, uploads=uploads, actor=Actor.of(manager), client_id=uuid.uuid4())
            confirm_import(batch=batch, actor=Actor.of(manager))
            run_import(import_id=batch.pk)
            run_reactions(fact_id=Fact.objects.get(key=f"{batch.ref}:finished").pk)
        with clock.as_of(min(now, evening + timedelta(minutes=20))):
            _dismiss_one(place, evening, chance)
        told = evening


def _dismiss_one(place: Place, seen_at: datetime, chance: random.Random) -> None:
    if chance.random() < 0.15:
        lead = next(iter(place.leads.values()))
        finding = Finding.objects.filter(shop=place.shops[0], state="open", first_seen_at=seen_at).first()
        if finding:
            dismiss_finding(finding=finding, reason=chance.choice(FALSE_ALARMS), actor=Actor.of(lead))


# --- cases


def tell_cases(place: Place, days: list[date], now: datetime, chance: random.Random) -> None:
    """Four or five a week to a shop; what is older than three days is settled. Where findings of the day are known, a
    case works on one of them."""
    rows = []
    for shop in place.shops:
        found: dict[date, list[Finding]] = defaultdict(list)
        for finding in Finding.objects.filter(shop=shop, first_seen_at__lt=now).select_related("order"):
            found[finding.first_seen_at.astimezone(place.site.tz).date()].append(finding)
        for day in days:
            if chance.random() < 0.65:
                seen = chance.choice(found[day]) if found[day] else None
                rows.append(_case(place, shop, day, seen, now, chance))
    record_cases([row for row in rows if row.opened_at < now])


def _case(
    place: Place, shop: Shop, day: date, finding: Finding | None, now: datetime, chance: random.Random
) -> PastCase:
    fitting = [s for s in STORIES if finding and (s.kind, s.cause) == (kind_of(finding), finding.cause)]
    story = chance.choice(fitting or STORIES)
    if finding and not fitting:
        finding = None
    opened = datetime.combine(day, time(chance.randint(9, 16), chance.randint(0, 59)), place.site.tz)
    if finding:
        opened = finding.first_seen_at + timedelta(minutes=chance.randint(5, 40))
    owner = chance.choice(place.people_on(place.day) or [_manager(place)])
    ended = opened + timedelta(hours=chance.uniform(2, 40))
    is_over = ended < now - timedelta(hours=6)
    asked = opened + timedelta(minutes=chance.randint(10, 50))
    again = asked + timedelta(hours=2)
    contact = PastContact(
        at=asked,
        by=owner,
        whom=story.whom,
        channel=story.channel,
        said=story.said,
        promised=story.promised,
        follow_up_at=again if is_over else None,
        done_at=min(again, ended) if is_over else None,
    )
    return PastCase(
        key=f"demo:{shop.pk}:{day:%Y%m%d}",
        shop=shop,
        kind=story.kind,
        source="finding" if finding else story.source,
        opened_by=owner,
        opened_at=opened,
        due_at=opened + timedelta(hours=24),
        cause=story.cause if is_over else "",
        status=story.waiting,
        note=story.note,
        orders=(finding.order.number,) if finding else (),
        waybills=(finding.waybill,) if finding and finding.waybill else (),
        finding_ids=(finding.pk,) if finding else (),
        owner=owner,
        contacts=(contact,) if asked < now else (),
        resolution=story.resolution if is_over else "",
        resolution_note=story.ending if is_over else "",
        resolved_at=ended if is_over else None,
        closed_at=ended + timedelta(hours=3) if is_over and ended + timedelta(hours=3) < now else None,
        closed_by=_manager(place),
    )


# --- plans


def tell_plans(place: Place, since: datetime, now: datetime, chance: random.Random) -> None:
    """A drill of one plan, then the printer really broke down; the spares are counted."""
    leads = place.leads_on(place.day) or [_manager(place)]
    plans = {plan.slug: plan for plan in Plan.objects.usable().select_related("current")}
    rows = [
        _activation(
            place, plans["platform-outage"], leads[0], since + timedelta(days=9, hours=2), chance, is_drill=True
        ),
        _activation(place, plans["printer-down"], leads[0], since + timedelta(days=23, hours=3), chance),
    ]
    record_activations([row for row in rows if row.started_at < now - timedelta(hours=2)])
    counted = now - timedelta(days=4)
    manager = _manager(place)
    scope = scope_of(manager)
    with clock.as_of(counted):
        for n, material in enumerate(Material.objects.filter(site=place.site).order_by("id")):
            short = n == 1
            count_stock(
                material=material,
                quantity=max(0, material.least - 1) if short else material.least + chance.randint(0, 3),
                actor=Actor(manager, scope),
                client_id=uuid.uuid4(),
            )


def _activation(
    place: Place, plan: Plan, lead: Employee, started: datetime, chance: random.Random, *, is_drill: bool = False
) -> PastActivation:
    version = _loaded(plan)
    steps = list(version.steps.order_by("position"))
    ticks = [
        PastTick(
            position=s.position, by=lead, at=started + timedelta(minutes=s.target_minutes * chance.uniform(0.5, 1.2))
        )
        for s in steps[:-1]
    ]
    ticks.append(PastTick(position=steps[-1].position, by=lead, at=None, note="当时没有需要"))
    return PastActivation(
        key=uuid.uuid5(uuid.NAMESPACE_URL, f"demo:{place.site.pk}:{plan.slug}:{is_drill}"),
        version=version,
        site=place.site,
        started_by=lead,
        started_at=started,
        closed_by=lead,
        closed_at=started + timedelta(minutes=55),
        is_drill=is_drill,
        reason="" if is_drill else "2 号打印机卡纸，重启无效",
        review="流程顺，联系方式要贴到墙上。"
        if is_drill
        else "备用机 8 分钟接上，误时 20 单，全部当天发出。备用机驱动要提前装好。",
        ticks=tuple(ticks),
        drill_due_at=started + timedelta(hours=6) if is_drill else None,
    )


def _loaded(plan: Plan) -> PlanVersion:
    return PlanVersion.objects.select_related("plan").get(pk=present(plan.current_id))


def days_between(since: date, until: date) -> Iterator[date]:
    """From the first to the last, both included."""
    for n in range((until - since).days + 1):
        yield since + timedelta(days=n)
