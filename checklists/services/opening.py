"""Opening runs: by the clock from schedules, by hand by a lead; and the schedules themselves."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from checklists.errors import Unfit
from checklists.models import Checklist, ChecklistVersion, HandoverSignature, Item, Run, Schedule
from checklists.services.sampling import draw
from duties.models import Duty
from duties.services import DutyDraft, open_duties, open_duty
from kernel import clock
from kernel.errors import Conflict
from people.models import Employee, Role, Shift, Shop, Site
from people.scope import Scope
from people.selectors import lead_on_shift
from records.services import append_entry, chain_name


def open_due_runs(now: datetime) -> int:
    """Opens the run of every schedule whose time has come, once per schedule and day. Returns how many."""
    wanted = _wanted(now)
    versions = _latest_versions({schedule.checklist_id for schedule, _day in wanted})
    opened = 0
    for schedule, day in wanted:
        version = versions.get(schedule.checklist_id)
        if version is None:
            continue
        try:
            _open_scheduled(schedule=schedule, day=day, version=version)
        except IntegrityError:  # another machine's tick was quicker
            continue
        opened += 1
    return opened


def _wanted(now: datetime) -> list[tuple[Schedule, date]]:
    """Schedules and days whose run should be open now and does not exist."""
    found = []
    schedules = Schedule.objects.running().select_related("checklist", "site", "shop", "shift__site")
    for schedule in schedules.order_by("id"):
        today = now.astimezone(schedule.site.tz).date()
        for day in (today - timedelta(days=1), today):
            opens, _due, closes = schedule.moments(day)
            if schedule.runs_on(day) and opens <= now < closes:
                found.append((schedule, day))
    made = set(
        Run.objects.filter(schedule__in={s.pk for s, _d in found}, day__in={d for _s, d in found}).values_list(
            "schedule_id", "day"
        )
    )
    return [(schedule, day) for schedule, day in found if (schedule.pk, day) not in made]


def _latest_versions(checklist_ids: Iterable[int]) -> dict[int, ChecklistVersion]:
    rows = ChecklistVersion.objects.filter(checklist__in=checklist_ids).select_related("checklist").order_by("number")
    return {version.checklist_id: version for version in rows}


@transaction.atomic
def _open_scheduled(*, schedule: Schedule, day: date, version: ChecklistVersion) -> Run:
    opens, due, closes = schedule.moments(day)
    return _open_run(
        key=f"run:{schedule.pk}:{day:%Y%m%d}",
        version=version,
        run=Run(
            version=version, schedule=schedule, site=schedule.site, shop=schedule.shop, shift=schedule.shift, day=day
        ),
        assignee=lead_on_shift(schedule.shift, day),
        moments=(opens, due, closes),
        is_claimable=True,
    )


@transaction.atomic
def start_run(
    *,
    checklist: Checklist,
    site: Site,
    shop: Shop | None,
    shift: Shift | None,
    due_at: datetime,
    by: Employee,
    scope: Scope,
    client_id: uuid.UUID,
) -> Run:
    """A run beside the schedule, started by a lead who then owes it; others may claim it. A repeat returns the first.

    Raises NotAllowed below lead, Unfit for a due moment that has passed, Conflict for another content.
    """
    scope.require(Role.LEAD, site_id=site.pk)
    known = Run.objects.filter(client_id=client_id).select_related("version").first()
    if known:
        if known.version.checklist_id != checklist.pk or known.site_id != site.pk:
            raise Conflict
        return known
    now = clock.now()
    if due_at <= now:
        raise Unfit(_("The due time has passed already."), field="due_at")
    version = _latest_versions([checklist.pk]).get(checklist.pk)
    if version is None:
        raise Unfit(_("This checklist has no published version."), field="checklist")
    return _open_run(
        key=f"run:by-hand:{client_id}",
        version=version,
        run=Run(
            version=version,
            site=site,
            shop=shop,
            shift=shift,
            day=now.astimezone(site.tz).date(),
            started_by=by,
            client_id=client_id,
        ),
        assignee=by,
        moments=(now, due_at, due_at + timedelta(hours=4)),
        is_claimable=True,
    )


def _open_run(
    *,
    key: str,
    version: ChecklistVersion,
    run: Run,
    assignee: Employee | None,
    moments: tuple[datetime, datetime, datetime],
    is_claimable: bool,
) -> Run:
    opens, due, closes = moments
    run.opened_at = clock.now()
    run.duty = open_duty(
        DutyDraft(
            key=key,
            obligation=version.checklist.obligation,
            kind=Duty.Kind.RUN,
            subject_id=0,
            title=version.title,
            site=run.site,
            shop=run.shop,
            shift=run.shift,
            shift_date=run.day,
            assignee=assignee,
            opens_at=opens,
            due_at=due,
            closes_at=closes,
            is_claimable=is_claimable,
        )
    )
    run.save()
    Duty.objects.filter(pk=run.duty_id).update(subject_id=run.pk)
    run.duty.subject_id = run.pk
    items = list(Item.objects.filter(version=version))
    for item in items:
        if item.kind == Item.Kind.SAMPLE:
            draw(run, item)
    if version.is_handover:
        _owe_signatures(run, [i for i in items if i.kind == Item.Kind.SIGNATURE and i.signer])
    return run


def _owe_signatures(run: Run, items: list[Item]) -> None:
    """A duty for each of the two leads: who goes, and who comes with the next shift."""
    duties = []
    for item in items:
        is_outgoing = item.signer == Item.Signer.OUTGOING
        shift, day = (run.shift, run.day) if is_outgoing or run.shift is None else next_shift(run.shift, run.day)
        lead = lead_on_shift(shift, day) if shift else run.duty.assignee
        duties.append(
            DutyDraft(
                key=f"signature:{run.pk}:{item.pk}",
                obligation=run.version.checklist.obligation,
                kind=Duty.Kind.HANDOVER,
                subject_id=0,
                title=item.title,
                site=run.site,
                shop=run.shop,
                shift=shift,
                shift_date=day,
                assignee=lead,
                opens_at=run.duty.opens_at,
                due_at=run.duty.due_at,
                closes_at=run.duty.closes_at,
                is_claimable=True,
            )
        )
    for item, duty in zip(items, open_duties(duties), strict=True):
        signature = HandoverSignature.objects.create(run=run, item=item, duty=duty)
        Duty.objects.filter(pk=duty.pk).update(subject_id=signature.pk)


def next_shift(shift: Shift, day: date) -> tuple[Shift, date]:
    """The shift that follows at the same site, and the day on which it begins."""
    shifts = list(Shift.objects.filter(site=shift.site_id, is_active=True).select_related("site").order_by("starts"))
    later = [s for s in shifts if s.starts > shift.starts]
    if later:
        return later[0], day
    return (shifts[0] if shifts else shift), day + timedelta(days=1)


# --- schedules


@transaction.atomic
def add_schedule(
    *,
    checklist: Checklist,
    site: Site,
    shop: Shop | None,
    shift: Shift,
    weekdays: str,
    opens: time,
    due: time,
    closes: time | None,
    by: Employee,
    scope: Scope,
    client_id: uuid.UUID | None = None,
) -> Schedule:
    """Opens a checklist by the clock from now on; a manager of the site may.

    Raises Unfit where the times do not follow each other within the shift; a repeat returns the first.
    """
    scope.require(Role.MANAGER, site_id=site.pk)
    known = Schedule.objects.filter(client_id=client_id).first() if client_id else None
    if known:
        if (known.checklist_id, known.shift_id, known.opens) != (checklist.pk, shift.pk, opens):
            raise Conflict
        return known
    schedule = Schedule(
        checklist=checklist,
        site=site,
        shop=shop,
        shift=shift,
        weekdays="".join(sorted(set(weekdays))),
        opens=opens,
        due=due,
        closes=closes,
        client_id=client_id,
        starts_on=clock.today(site.zone),
    )
    _check_times(schedule)
    schedule.save()
    _seal_schedule(schedule, by, "schedule.added")
    return schedule


def _check_times(schedule: Schedule) -> None:
    if not schedule.weekdays or set(schedule.weekdays) - set("1234567"):
        raise Unfit(_("Choose at least one weekday."), field="weekdays")
    if schedule.shift.site_id != schedule.site_id:
        raise Unfit(_("This shift belongs to another site."), field="shift")
    if schedule.shop and schedule.shop.site_id != schedule.site_id:
        raise Unfit(_("This shop belongs to another site."), field="shop")
    day = clock.today(schedule.site.zone)
    start, end = schedule.shift.span(day)
    opens = schedule.shift.moment(day, schedule.opens)
    due = schedule.shift.moment(day, schedule.due)
    closes = schedule.shift.moment(day, schedule.closes) if schedule.closes else end
    if not start <= opens < due <= end:
        raise Unfit(_("Opening and due time lie within the shift, one after the other."), field="due")
    if not due <= closes <= end:
        raise Unfit(_("The closing time lies between the due time and the end of the shift."), field="closes")


@transaction.atomic
def pause_schedule(*, schedule: Schedule, is_active: bool, by: Employee, scope: Scope) -> Schedule:
    """Pauses a schedule or lets it go on; runs that are open stay open."""
    scope.require(Role.MANAGER, site_id=schedule.site_id)
    row = Schedule.objects.select_for_update(of=("self",)).get(pk=schedule.pk)
    if row.is_active == is_active:
        return row
    row.is_active = is_active
    row.save(update_fields=["is_active"])
    _seal_schedule(row, by, "schedule.resumed" if is_active else "schedule.paused")
    return row


def _seal_schedule(schedule: Schedule, by: Employee, kind: str) -> None:
    payload: dict[str, Any] = {"checklist": schedule.checklist_id, "weekdays": schedule.weekdays}
    payload |= {"opens": f"{schedule.opens:%H:%M}", "due": f"{schedule.due:%H:%M}", "shift": schedule.shift_id}
    append_entry(
        chain=chain_name(site_id=schedule.site_id),
        kind=kind,
        actor=by.ref,
        subject=f"schedule:{schedule.pk}",
        payload=payload,
    )
