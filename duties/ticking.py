"""What the clock's tick does about duties: spares the absent, marks the missed, reminds, escalates. Each idempotent."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from duties.events import changed
from duties.models import Duty, DutyEvent
from duties.telling import tell_given, titled, wanted_by
from notifications.services import NoticeDraft, send_notices
from people.models import Employee, Roster, Site
from people.selectors import (
    after_leave,
    away_on,
    day_of,
    lead_on_shift,
    leads_at,
    leads_of,
    leave_of,
    managers_of,
    off_shift,
    shift_leads,
)

BATCH = 1000
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LOOK_BACK = timedelta(days=8)  # over an outage of the clock
EARLIEST_ZONE = "Etc/GMT+12"  # where a day begins last: no site's day lies before it
FROM_OUTSIDE = (Duty.Kind.CASE, Duty.Kind.FOLLOW_UP)  # platform and courier set the deadline, leave cannot move it
NOTHING_MORE = Q()
LEAD_IN = {
    "missed_at": {"zh": "未做：", "en": "Missed: "},
    "reminded_at": {"zh": "快到时间：", "en": "Due soon: "},
    "escalated_at": {"zh": "已超时：", "en": "Overdue: "},
    "escalated_further_at": {"zh": "已超时 4 小时：", "en": "Overdue for 4 hours: "},
}
KINDS = {
    "missed_at": DutyEvent.Kind.MISSED,
    "reminded_at": DutyEvent.Kind.REMINDED,
    "escalated_at": DutyEvent.Kind.ESCALATED,
    "escalated_further_at": DutyEvent.Kind.ESCALATED_FURTHER,
}


def spare_absent(now: datetime) -> int:
    """Nothing falls due on leave: what somebody owes in person moves to their first day back, the rest goes to a lead.

    Only leave that was recorded before the deadline counts; leave told afterwards excuses nothing. Looks at what falls
    due within the hour, and back over an outage of the clock. Returns how many.
    """
    days = (day_of(now - LOOK_BACK, EARLIEST_ZONE), day_of(now + DAY, EARLIEST_ZONE) + DAY)
    leave = Roster.objects.filter(is_leave=True, day__range=days).values("employee_id")
    owed = Duty.objects.unsettled().filter(due_at__gt=now - LOOK_BACK, due_at__lte=now + HOUR, assignee__in=leave)
    leaves = leave_of(owed.order_by().values("assignee"), since=days[0])
    rows = owed.values_list("pk", "assignee_id", "due_at", "site__zone").order_by("due_at", "id")
    pks = [pk for pk, who, due_at, zone in rows if after_leave(due_at, zone, leaves.get(who, {})) != due_at]
    return sum(_spare(pks[n : n + BATCH], leaves, now) for n in range(0, len(pks), BATCH))


@transaction.atomic
def _spare(pks: list[int], leaves: dict[int, dict[date, datetime]], now: datetime) -> int:
    rows = Duty.objects.select_for_update(of=("self",)).unsettled().filter(pk__in=pks).select_related("site", "shift")
    events = []
    for duty in rows.order_by("id"):
        back_at = after_leave(duty.due_at, duty.site.zone, leaves.get(duty.assignee_id or 0, {}))
        if back_at == duty.due_at:
            continue  # somebody else has it meanwhile, or it was moved already
        if duty.kind in Duty.IN_PERSON or not (duty.shift_id or duty.kind in FROM_OUTSIDE):
            closes_at = duty.closes_at and duty.closes_at + (back_at - duty.due_at)
            put_off = DutyEvent.Kind.PUT_OFF
            events.append(changed(duty, put_off, at=now, due_at=back_at, closes_at=closes_at, reminded_at=None))
        elif stand_in := _stand_in(duty, now):
            events.append(changed(duty, DutyEvent.Kind.REASSIGNED, at=now, assignee=stand_in, claimed_at=None))
    fields = ["due_at", "closes_at", "assignee", "claimed_at", "reminded_at"]
    Duty.objects.bulk_update([event.duty for event in events], fields)
    DutyEvent.objects.bulk_create(events)
    tell_given([event.duty for event in events if event.kind == DutyEvent.Kind.REASSIGNED], by=None)
    return len(events)


def _stand_in(duty: Duty, now: datetime) -> Employee | None:
    """Who does it instead: the lead on that shift, else a lead or manager of the site who is there."""
    if duty.shift and duty.shift_date:
        lead = lead_on_shift(duty.shift, duty.shift_date)
        return lead if lead and lead.pk != duty.assignee_id else None
    away = set(away_on(now, duty.site.zone).values_list("employee_id", flat=True))
    present = [p for p in leads_at(duty.site_id, now) + managers_of(duty.site_id, now) if p.pk not in away]
    return next((p for p in present if p.pk != duty.assignee_id), None)


def close_missed_duties(now: datetime) -> int:
    """Marks what was not done by its closing moment, and tells the leads of it who were not told before. Returns how
    many."""
    total = 0
    while True:
        with transaction.atomic():
            rows = list(
                Duty.objects.select_for_update(of=("self",))
                .unsettled()
                .filter(due_at__lt=now, closes_at__lt=now)
                .select_related("assignee", "shift", "site")
                .order_by("due_at", "id")[:BATCH]
            )
            _send([d for d in rows if d.escalated_at is None], now, "missed_at")
            mark_missed(rows, now)
        total += len(rows)
        if len(rows) < BATCH:
            return total


def mark_missed(duties: list[Duty], now: datetime, *, note: str = "", is_told: bool = False) -> None:
    """Settles locked or new duties as missed, with what is to be noted; `is_told` where the leads know it by now."""
    told = {"escalated_at": now} if is_told else {}
    events = [changed(d, DutyEvent.Kind.MISSED, at=now, note=note, missed_at=now) for d in duties]
    Duty.objects.filter(pk__in=[d.pk for d in duties]).update(missed_at=now, **told)
    DutyEvent.objects.bulk_create(events, batch_size=BATCH)


def remind_duties(now: datetime) -> int:
    """Reminds the assignee once when a duty is close: a quarter of its time left, at most a day before."""
    near = _unnamed(now, "reminded_at", after=now, until=now + DAY)
    close = [
        (pk, assignee)
        for pk, assignee, opens_at, wanted_at, _closes_at in near
        if wanted_at - now <= max((wanted_at - opens_at) / 4, timedelta(minutes=15))
    ]
    resting = off_shift({assignee for _pk, assignee in close}, now)
    return _tell([pk for pk, assignee in close if assignee not in resting][:BATCH], now, "reminded_at")


def escalate_duties(now: datetime) -> int:
    """Tells the leads (of the team or the shift, else the site's managers) once when a duty is overdue: for an hour, or
    for half of the time until it counts as missed, so that something can still be done. Of a case, which has no team,
    the leads of the site are told, whether somebody has taken it or not."""
    waited = [
        pk
        for pk, _assignee, _opens_at, wanted_at, closes_at in _unnamed(
            now, "escalated_at", after=now - 7 * DAY, until=now
        )
        if now > wanted_at and now - wanted_at >= escalation_wait(wanted_at, closes_at)
    ]
    return _tell(waited[:BATCH], now, "escalated_at")


def escalation_wait(due_at: datetime, closes_at: datetime | None) -> timedelta:
    """How long an overdue duty is left to its assignee before the leads are told."""
    return HOUR if closes_at is None else min(HOUR, (closes_at - due_at) / 2)


def escalate_further(now: datetime) -> int:
    """Tells the site's managers once when a case is four hours overdue and its leads were told."""
    told = Q(kind=Duty.Kind.CASE, escalated_at__isnull=False)
    late = _unnamed(now, "escalated_further_at", told, after=now - 7 * DAY, until=now - 4 * HOUR)
    return _tell([row[0] for row in late][:BATCH], now, "escalated_further_at")


def _zones() -> list[str]:
    return sorted(set(Site.objects.values_list("zone", flat=True)))


def _unnamed(
    now: datetime, mark: str, condition: Q = NOTHING_MORE, *, after: datetime, until: datetime
) -> Iterator[tuple[int, int, datetime, datetime, datetime | None]]:
    """What is wanted between two moments and this kind of word has not named yet, soonest first: (pk, assignee, opens,
    wanted, closes). People on leave are left in peace."""
    away = Q()
    for zone in _zones():
        away |= Q(site__zone=zone, assignee__in=away_on(now, zone))
    whose = Q(assignee__is_active=True)
    if mark != "reminded_at":
        whose |= Q(assignee=None)
    rows = Duty.objects.unsettled().wanted(after=after, until=until).filter(condition, whose, opens_at__lte=now)
    rows = rows.filter(**{f"{mark}__isnull": True}).exclude(away) if away else rows.filter(**{f"{mark}__isnull": True})
    fields = ("pk", "assignee_id", "opens_at", Coalesce("extended_to", "due_at"), "closes_at")
    return rows.order_by("due_at", "id").values_list(*fields).iterator(chunk_size=2000)


@transaction.atomic
def _tell(pks: list[int], now: datetime, mark: str) -> int:
    """One notice per duty and person, set-based. A second tick at the same moment waits, then finds nothing left."""
    rows = list(
        Duty.objects.select_for_update(of=("self",))
        .unsettled()
        .filter(pk__in=pks, **{f"{mark}__isnull": True})
        .select_related("assignee", "shift", "site")
        .order_by("id")
    )
    _send(rows, now, mark)
    DutyEvent.objects.bulk_create(
        [DutyEvent(duty=d, kind=KINDS[mark], at=now, assignee_id=d.assignee_id) for d in rows], batch_size=BATCH
    )
    Duty.objects.filter(pk__in=[d.pk for d in rows]).update(**{mark: now})
    return len(rows)


def _send(duties: list[Duty], now: datetime, mark: str) -> None:
    groups: dict[tuple[Any, ...], list[Employee]] = {}
    drafts = []
    for duty in duties:
        group = (duty.site_id, duty.team_id, duty.shift_id, duty.shift_date, duty.kind == Duty.Kind.CASE)
        if mark != "reminded_at" and group not in groups:
            groups[group] = _above(duty, mark, now)
        recipients = [duty.assignee] if mark == "reminded_at" else groups[group]
        drafts += [_draft(duty, person, mark) for person in recipients if person]
    send_notices(drafts)


def _above(duty: Duty, mark: str, now: datetime) -> list[Employee]:
    """Who is told that something is overdue or missed. The lead who owes the shift's work hears it with its manager."""
    managers = managers_of(duty.site_id, now)
    if mark == "escalated_further_at":
        return managers
    if duty.kind == Duty.Kind.CASE:
        return leads_at(duty.site_id, now) or managers
    if duty.shift and duty.shift_date:
        return list(dict.fromkeys([*shift_leads(duty.shift, duty.shift_date), *managers]))
    return leads_of(duty.team_id, now) or managers


def _draft(duty: Duty, person: Employee, mark: str) -> NoticeDraft:
    title = titled(LEAD_IN[mark], duty)
    if mark != "reminded_at" and duty.assignee:
        title = {lang: f"{text} · {duty.assignee.name}" for lang, text in title.items()}
    key = f"duty:{duty.pk}:{KINDS[mark]}:{duty.wanted_at:%Y%m%d%H%M}:{person.pk}"
    return NoticeDraft(key=key, recipient=person, title=title, body=wanted_by(duty), path=f"/duties/{duty.pk}/")
