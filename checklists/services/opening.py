"""Opening runs: by the clock from schedules, by hand by a lead."""

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from checklists.errors import Unfit
from checklists.models import Checklist, ChecklistVersion, HandoverSignature, Item, Run, Schedule
from checklists.services.sampling import draw_first
from checklists.services.schedules import check_place, fault_of, is_mended, note_fault, tell_fault
from duties.models import Beat, Duty
from duties.services import DutyDraft, beat, open_duties
from duties.ticking import mark_missed
from kernel import clock
from kernel.batches import batched
from kernel.errors import Conflict
from kernel.text import Bilingual
from notifications.services import send_notice
from people.actor import Actor
from people.models import Employee, Role, Roster, Shift, Shop, Site
from people.selectors import lead_on_shift, managers_of

logger = logging.getLogger(__name__)
BEAT = "schedules"  # when runs were last opened
AT_ONCE = 100  # runs made in one transaction: people's answers wait for no more
SLOT = ("schedule_id", "day")
LOOKED_BACK = timedelta(days=35)  # what an outage of the clock swallowed is made up for so far back
SILENT = (Schedule.Fault.NONE, Schedule.Fault.OFF)  # what was switched off on purpose nobody needs to be told
Moments = tuple[datetime, datetime, datetime]  # opens, due, closes
LeadOf = Callable[[Shift, date], Employee | None]


@dataclass(frozen=True)
class Slot:
    """A day of a schedule whose run is to be made; it was not looked at since `stopped`."""

    schedule: Schedule
    version: ChecklistVersion
    day: date
    moments: Moments
    stopped: datetime


@dataclass(frozen=True, kw_only=True)
class Start:
    """A run about to be made, under the key of its duty."""

    key: str
    run: Run
    assignee: Employee | None
    moments: Moments


@dataclass(frozen=True)
class Opened:
    """What one look at the schedules did."""

    opened: int
    missed: int
    faulty: list[Schedule]


def open_due_runs(now: datetime) -> int:
    """A step of the tick: `open_runs`, remembering when. Returns how many runs were made."""
    done = open_runs(now)
    beat(BEAT)
    return done.opened + done.missed


def open_runs(now: datetime) -> Opened:
    """Opens the run of every schedule whose time has come, once per schedule and day. One whose whole time went by
    since the last look, because the clock stood still, is opened as missed, with the reason.

    Many at once; what keeps one schedule from being opened is logged and told, and stops no other.
    """
    last = _last_look()
    schedules = list(
        Schedule.objects.filter(is_active=True)
        .select_related("checklist", "site", "shop", "shift__site")
        .order_by("id")
    )
    versions = _latest_versions({schedule.checklist_id for schedule in schedules})
    filled = set(Item.objects.filter(version__in=versions.values()).values_list("version_id", flat=True).distinct())
    wanted: dict[Schedule, dict[date, Moments]] = {}
    faults: dict[Schedule, str] = {}
    for schedule in schedules:
        try:
            version = versions.get(schedule.checklist_id)
            faults[schedule] = fault_of(schedule, version, version is not None and version.pk in filled)
            if is_mended(schedule, faults[schedule]):
                schedule.begins_at = now
            wanted[schedule] = {} if faults[schedule] else schedule.slots(since=_since(schedule, last, now), now=now)
        except Exception:
            logger.exception("schedule %s cannot be read", schedule.pk)
            faults[schedule] = Schedule.Fault.ERROR
    made = _made(wanted)
    slots = [
        Slot(schedule, versions[schedule.checklist_id], day, moments, _since(schedule, last, now))
        for schedule, days in wanted.items()
        for day, moments in days.items()
        if (schedule.pk, day) not in made
    ]
    runs: list[Run] = []
    lead_of = cache(lead_on_shift)
    for some in batched(slots, AT_ONCE):
        runs += _open_each(list(some), now, lead_of, faults)
    for schedule, fault in faults.items():
        if fault != schedule.fault and note_fault(schedule=schedule, fault=fault, at=now) and fault not in SILENT:
            try:
                tell_fault(schedule=schedule, fault=fault, at=now)
            except Exception:
                logger.exception("nobody can be told of schedule %s", schedule.pk)
        schedule.fault = fault
    missed = [run for run in runs if run.missed_because]
    _tell_missed(missed, now)
    faulty = [schedule for schedule in schedules if schedule.fault not in SILENT]
    return Opened(len(runs) - len(missed), len(missed), faulty)


def _last_look() -> datetime | None:
    """When the clock last opened runs; before it was remembered, its last beat."""
    beats = dict(Beat.objects.filter(name__in=(BEAT, "tick")).values_list("name", "at"))
    return beats.get(BEAT) or beats.get("tick")


def _since(schedule: Schedule, last: datetime | None, now: datetime) -> datetime:
    """Since when a schedule was not looked at: the last look, its own beginning, or the failure that stands."""
    since = last or schedule.begins_at or now
    if schedule.fault == Schedule.Fault.ERROR and schedule.fault_at:
        since = min(since, schedule.fault_at)
    return min(max(since, now - LOOKED_BACK), now)


def _made(wanted: dict[Schedule, dict[date, Moments]]) -> set[tuple[int, date]]:
    days = {day for slots in wanted.values() for day in slots}
    schedules = [schedule.pk for schedule, slots in wanted.items() if slots]
    return set(Run.objects.filter(schedule__in=schedules, day__in=days).values_list(*SLOT))


def _latest_versions(checklist_ids: Iterable[int]) -> dict[int, ChecklistVersion]:
    rows = ChecklistVersion.objects.filter(checklist__in=checklist_ids).select_related("checklist").order_by("number")
    return {version.checklist_id: version for version in rows}


def _open_each(slots: list[Slot], now: datetime, lead_of: LeadOf, faults: dict[Schedule, str]) -> list[Run]:
    """The runs of some slots together; where that fails, of each half by itself, down to the one that fails."""
    try:
        return _open_slots(slots, now, lead_of)
    except Exception:
        if len(slots) == 1:
            logger.exception("schedule %s cannot be opened", slots[0].schedule.pk)
            faults[slots[0].schedule] = Schedule.Fault.ERROR
            return []
    half = len(slots) // 2
    return [run for part in (slots[:half], slots[half:]) for run in _open_each(part, now, lead_of, faults)]


@transaction.atomic
def _open_slots(slots: list[Slot], now: datetime, lead_of: LeadOf) -> list[Run]:
    """The runs of some slots, set-based; those whose time is over are missed."""
    rows = Schedule.objects.select_for_update(of=("self",)).filter(pk__in={slot.schedule.pk for slot in slots})
    active = {row.pk for row in rows.filter(is_active=True).order_by("id")}  # others were paused meanwhile
    made = set(Run.objects.filter(schedule__in=active).filter(day__in={s.day for s in slots}).values_list(*SLOT))
    starts: dict[ChecklistVersion, list[Start]] = defaultdict(list)
    for slot in slots:
        if slot.schedule.pk in active and (slot.schedule.pk, slot.day) not in made:
            starts[slot.version].append(_start_of(slot, now, lead_of))
    actor = Actor.system("clock")
    runs = [run for version, theirs in starts.items() for run in _start(version, theirs, actor, lead_of)]
    _miss([run for run in runs if run.missed_because])
    return runs


def _start_of(slot: Slot, now: datetime, lead_of: LeadOf) -> Start:
    schedule, gone = slot.schedule, slot.moments[2] <= now
    run = Run(
        version=slot.version,
        schedule=schedule,
        site=schedule.site,
        shop=schedule.shop,
        shift=schedule.shift,
        day=slot.day,
        missed_because=_reason(schedule, slot.stopped, now) if gone else {},
    )
    key, assignee = f"run:{schedule.pk}:{slot.day:%Y%m%d}", lead_of(schedule.shift, slot.day)
    return Start(key=key, run=run, assignee=assignee, moments=_told_in_time(slot.moments, now))


def _miss(gone: list[Run]) -> None:
    """Settles the duties of runs that were never open as missed; all of one reason together."""
    by_reason: dict[str, list[Run]] = defaultdict(list)
    for run in gone:
        by_reason[f"{run.missed_because['zh']} {run.missed_because['en']}"].append(run)
    for note, runs in by_reason.items():
        owed = Duty.objects.filter(run__in=runs) | Duty.objects.filter(handover_signature__run__in=runs)
        mark_missed(list(owed.order_by("id")), clock.now(), note=note, is_told=True)


def _told_in_time(moments: Moments, now: datetime) -> Moments:
    """A deadline that had passed before anybody could know of it is given anew, as long as the run is open at all."""
    opens, due, closes = moments
    return (opens, min(now + (due - opens), closes), closes) if due < now < closes else moments


def _reason(schedule: Schedule, since: datetime, until: datetime) -> Bilingual:
    """Why a run was not opened in its time, by the clock of its site."""
    zh, en = (
        ("这条自动打开规则出错", "It could not be opened by itself")
        if schedule.fault == Schedule.Fault.ERROR
        else ("系统时钟停了", "The system's clock stood still")
    )
    since, until = since.astimezone(schedule.site.tz), until.astimezone(schedule.site.tz)
    return {
        "zh": f"{zh}：{since:%m-%d %H:%M} 至 {until:%m-%d %H:%M}，没有按时打开。",
        "en": f"{en} from {since:%m-%d %H:%M} to {until:%m-%d %H:%M}.",
    }


def _tell_missed(runs: list[Run], now: datetime) -> None:
    """One word to a site's managers and to the leads of the shifts about all that an outage swallowed there."""
    by_site: dict[Site, list[Run]] = defaultdict(list)
    for run in runs:
        by_site[run.site].append(run)
    for site, theirs in by_site.items():
        leads = [run.duty.assignee for run in theirs if run.duty.assignee and run.duty.assignee.is_active]
        send_notice(
            key=f"clock:{site.pk}:{now:%Y%m%d%H%M}",
            recipients=dict.fromkeys([*managers_of(site.pk, now), *leads]),
            title={"zh": f"{len(theirs)} 次检查没有打开，记为未做", "en": f"{len(theirs)} checks were missed unopened"},
            body=theirs[0].missed_because,
            path="/checks/?when=past&state=missed",
        )


@transaction.atomic
def start_run(
    *,
    checklist: Checklist,
    site: Site,
    shop: Shop | None,
    shift: Shift | None,
    due_at: datetime,
    actor: Actor,
    client_id: uuid.UUID,
) -> Run:
    """A run beside the schedule, started by a lead who then owes it; others may claim it. A repeat returns the first.

    Raises NotAllowed below lead, Unfit for a due moment that has passed, Conflict for another content.
    """
    actor.require(Role.LEAD, site_id=site.pk)
    known = Run.objects.filter(client_id=client_id).select_related("version").first()
    if known:
        if known.version.checklist_id != checklist.pk or known.site_id != site.pk:
            raise Conflict
        return known
    now = clock.now()
    check_place(checklist, site, shop)
    if due_at <= now:
        raise Unfit(_("The due time has passed already."), field="due_at")
    version = _latest_versions([checklist.pk]).get(checklist.pk)
    if version is None:
        raise Unfit(_("This checklist has no published version."), field="checklist")
    run = Run(
        version=version,
        site=site,
        shop=shop,
        shift=shift,
        day=clock.day_of(now, site.zone),
        started_by=actor.person,
        client_id=client_id,
    )
    moments = (now, due_at, due_at + timedelta(hours=4))
    return _start(
        version, [Start(key=f"run:by-hand:{client_id}", run=run, assignee=actor.person, moments=moments)], actor
    )[0]


def _start(version: ChecklistVersion, starts: list[Start], actor: Actor, lead_of: LeadOf = lead_on_shift) -> list[Run]:
    """Makes runs of a version with their duties, samples and signatures, set-based."""
    drafts = [
        DutyDraft(
            key=start.key,
            obligation=version.checklist.obligation,
            kind=Duty.Kind.RUN,
            subject_id=0,
            title=version.title,
            site=start.run.site,
            shop=start.run.shop,
            shift=start.run.shift,
            shift_date=start.run.day,
            assignee=start.assignee,
            opens_at=opens,
            due_at=due,
            closes_at=closes,
            is_claimable=True,
        )
        for start in starts
        for opens, due, closes in [start.moments]
    ]
    for start, duty in zip(starts, open_duties(drafts, actor=actor), strict=True):
        start.run.duty, start.run.opened_at = duty, clock.now()
    runs = Run.objects.bulk_create([start.run for start in starts])
    _name_subjects((run.duty, run.pk) for run in runs)
    items = list(Item.objects.filter(version=version))
    draw_first([run for run in runs if not run.missed_because], [i for i in items if i.kind == Item.Kind.SAMPLE])
    if version.is_handover:
        _owe_signatures(runs, [i for i in items if i.kind == Item.Kind.SIGNATURE and i.signer], actor, lead_of)
    return runs


def _name_subjects(named: Iterable[tuple[Duty, int]]) -> None:
    duties = []
    for duty, subject_id in named:
        duty.subject_id = subject_id
        duties.append(duty)
    Duty.objects.bulk_update(duties, ["subject_id"], batch_size=500)


def _owe_signatures(runs: list[Run], items: list[Item], actor: Actor, lead_of: LeadOf) -> None:
    """A duty for each of the two leads: who goes, and who comes with the next shift. Never one person for both: where
    no other lead is known, the leads of the site may claim it."""
    owed: list[tuple[Run, Item, DutyDraft]] = []
    for run in runs:
        outgoing = run.duty.assignee
        following = _following_shift(run)
        coming = lead_of(*following) if following else None
        incoming = coming if coming != outgoing else None
        for item in items:
            is_incoming = item.signer == Item.Signer.INCOMING
            shift, day = following if is_incoming and following else (run.shift, run.day)
            draft = DutyDraft(
                key=f"signature:{run.pk}:{item.pk}",
                obligation=run.version.checklist.obligation,
                kind=Duty.Kind.HANDOVER,
                subject_id=0,
                title=item.title,
                site=run.site,
                shop=run.shop,
                shift=shift,
                shift_date=day,
                assignee=incoming if is_incoming else outgoing,
                opens_at=run.duty.opens_at,
                due_at=run.duty.due_at,
                closes_at=run.duty.closes_at,
                is_claimable=True,
            )
            owed.append((run, item, draft))
    duties = open_duties([draft for _run, _item, draft in owed], actor=actor)
    made = HandoverSignature.objects.bulk_create(
        [HandoverSignature(run=run, item=item, duty=d) for (run, item, _draft), d in zip(owed, duties, strict=True)]
    )
    _name_subjects((signature.duty, signature.pk) for signature in made)


def _following_shift(run: Run) -> tuple[Shift, date] | None:
    """The shift that takes over from a run's own. Started by hand, it is that of the lead who started it; where no
    roster says which that is, what begins next at the site takes over."""
    if run.shift:
        return next_shift(run.shift, run.day)
    now = run.duty.opens_at
    days = (run.day - timedelta(days=1), run.day)
    rows = Roster.objects.filter(employee=run.duty.assignee_id, day__in=days, shift__site=run.site_id)
    worked = [(row.shift.span(row.day)[0], row) for row in rows.select_related("shift__site") if row.shift]
    begun = [row for start, row in sorted(worked, key=lambda pair: pair[0]) if start <= now]
    if begun and begun[-1].shift:
        return next_shift(begun[-1].shift, begun[-1].day)
    shifts = Shift.objects.filter(site=run.site_id, is_active=True).select_related("site")
    coming = [(s.span(d)[0], s, d) for s in shifts for d in (run.day, run.day + timedelta(days=1))]
    later = sorted((entry for entry in coming if entry[0] > now), key=lambda entry: (entry[0], entry[1].pk))
    return (later[0][1], later[0][2]) if later else None


def next_shift(shift: Shift, day: date) -> tuple[Shift, date]:
    """The shift that follows at the same site, and the day on which it begins."""
    shifts = list(Shift.objects.filter(site=shift.site_id, is_active=True).select_related("site").order_by("starts"))
    later = [s for s in shifts if s.starts > shift.starts]
    if later:
        return later[0], day
    return (shifts[0] if shifts else shift), day + timedelta(days=1)
