"""Schedules: added, paused, resumed; and what keeps one from being opened."""

import uuid
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from checklists.errors import Unfit
from checklists.models import Checklist, ChecklistVersion, Schedule
from kernel import clock
from kernel.errors import Conflict
from notifications.services import send_notice
from people.actor import Actor
from people.models import Role, Shift, Shop, Site
from people.selectors import managers_of
from records.services import append_entry, chain_name

Fault = Schedule.Fault


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
    actor: Actor,
    client_id: uuid.UUID | None = None,
) -> Schedule:
    """Opens a checklist by the clock: the first time when its hour next comes. A manager of the site may.

    Raises Unfit where the times do not follow each other within the shift; a repeat returns the first.
    """
    actor.require(Role.MANAGER, site_id=site.pk)
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
        begins_at=clock.now(),
    )
    _check_times(schedule)
    schedule.save()
    _seal_schedule(schedule, actor, "schedule.added")
    return schedule


def check_place(checklist: Checklist, site: Site, shop: Shop | None) -> None:
    """Raises Unfit where a checklist is not for this site and shop, or the shop is not of this site."""
    if shop and shop.site_id != site.pk:
        raise Unfit(_("This shop belongs to another site."), field="shop")
    if checklist.site_id not in (None, site.pk) or checklist.shop_id not in (None, shop.pk if shop else None):
        raise Unfit(_("This checklist is for another site or shop."), field="checklist")


def _check_times(schedule: Schedule) -> None:
    check_place(schedule.checklist, schedule.site, schedule.shop)
    if not schedule.weekdays or set(schedule.weekdays) - set("1234567"):
        raise Unfit(_("Choose at least one weekday."), field="weekdays")
    if schedule.shift.site_id != schedule.site_id:
        raise Unfit(_("This shift belongs to another site."), field="shift")
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
def pause_schedule(*, schedule: Schedule, is_active: bool, actor: Actor) -> Schedule:
    """Pauses a schedule or lets it go on, from its next slot; runs that are open stay open."""
    actor.require(Role.MANAGER, site_id=schedule.site_id)
    rows = Schedule.objects.select_for_update(of=("self",)).select_related("shift__site")
    row = rows.get(pk=schedule.pk)
    if row.is_active == is_active:
        return row
    row.is_active, row.fault, row.fault_at = is_active, Fault.NONE, None
    if is_active:
        row.begins_at = clock.now()
    row.save(update_fields=["is_active", "begins_at", "fault", "fault_at"])
    _seal_schedule(row, actor, "schedule.resumed" if is_active else "schedule.paused")
    return row


def _seal_schedule(schedule: Schedule, actor: Actor, kind: str) -> None:
    payload: dict[str, Any] = {"checklist": schedule.checklist_id, "weekdays": schedule.weekdays}
    payload |= {"opens": f"{schedule.opens:%H:%M}", "due": f"{schedule.due:%H:%M}", "shift": schedule.shift_id}
    append_entry(
        chain=chain_name(site_id=schedule.site_id),
        kind=kind,
        actor=actor.ref,
        subject=f"schedule:{schedule.pk}",
        payload=payload,
    )


# --- what keeps one from being opened


def fault_of(schedule: Schedule, version: ChecklistVersion | None, has_items: bool) -> str:
    """Why a schedule opens nothing as it stands; "" where nothing is in the way."""
    if not (schedule.checklist.is_active and schedule.site.is_active):
        return Fault.OFF
    if not schedule.shift.is_active:
        return Fault.SHIFT
    if version is None:
        return Fault.UNPUBLISHED
    if not has_items:
        return Fault.EMPTY
    opens, due, _closes = schedule.moments(clock.today(schedule.site.zone))
    return Fault.NONE if opens < due else Fault.TIMES


def is_mended(schedule: Schedule, fault: str) -> bool:
    """What somebody switched off or left undone was put right: it counts from now on, as a resumed schedule does. What
    failed by no fault of people is made up for instead."""
    return not fault and schedule.fault not in (Fault.NONE, Fault.ERROR)


@transaction.atomic
def note_fault(*, schedule: Schedule, fault: str, at: datetime) -> bool:
    """Keeps what is in the way of a schedule, or that nothing is any more; says whether that is news."""
    since = schedule.fault_at or at if fault else None
    begins_at = at if is_mended(schedule, fault) else schedule.begins_at
    changed = Schedule.objects.filter(pk=schedule.pk, fault=schedule.fault, is_active=True).exclude(fault=fault)
    return bool(changed.update(fault=fault, fault_at=since, begins_at=begins_at))


def tell_fault(*, schedule: Schedule, fault: str, at: datetime) -> int:
    """Tells the site's managers that a schedule opens nothing."""
    title = schedule.checklist.title
    words = {"zh": "检查没法自动打开：", "en": "A check cannot be opened by itself: "}
    return send_notice(
        key=f"schedule:{schedule.pk}:{fault}:{at:%Y%m%d%H%M}",
        recipients=managers_of(schedule.site_id, at),
        title={lang: lead_in + (title.get(lang) or title.get("zh", "")) for lang, lead_in in words.items()},
        path=f"/checks/lists/{schedule.checklist_id}/",
    )
