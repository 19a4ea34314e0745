"""What the clock's tick does about duties: spares the absent, marks the missed, reminds, escalates. Each idempotent."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from duties.models import Duty, DutyEvent
from notifications.services import NoticeDraft, send_notices
from people.models import Employee, Site
from people.selectors import away_on, lead_on_shift, leads_at, leads_of, managers_of, off_shift

BATCH = 1000
DAY = timedelta(days=1)
LEAD_IN = {
    "reminded_at": {"zh": "快到时间：", "en": "Due soon: "},
    "escalated_at": {"zh": "已超时：", "en": "Overdue: "},
    "escalated_further_at": {"zh": "已超时 4 小时：", "en": "Overdue for 4 hours: "},
}
KINDS = {
    "reminded_at": DutyEvent.Kind.REMINDED,
    "escalated_at": DutyEvent.Kind.ESCALATED,
    "escalated_further_at": DutyEvent.Kind.ESCALATED_FURTHER,
}


def spare_absent(now: datetime) -> int:
    """Nothing falls due on leave: what the absent owe alone is put off by a day; their shift's goes to its lead.

    Looks at what falls due within the hour. Returns how many.
    """
    total = 0
    for zone in _zones():
        with transaction.atomic():
            rows = list(
                Duty.objects.select_for_update(of=("self",))
                .unsettled()
                .filter(due_at__gt=now - DAY, due_at__lte=now + timedelta(hours=1), site__zone=zone)
                .filter(assignee__in=away_on(now, zone))
                .select_related("shift__site")
                .order_by("id")[:BATCH]
            )
            spared = [duty for duty in rows if _spare(duty)]
            Duty.objects.bulk_update(spared, ["due_at", "closes_at", "assignee", "is_claimable", "reminded_at"])
            DutyEvent.objects.bulk_create(
                [
                    DutyEvent(
                        duty=d,
                        kind=DutyEvent.Kind.REASSIGNED if d.shift_id else DutyEvent.Kind.PUT_OFF,
                        at=now,
                        assignee_id=d.assignee_id,
                    )
                    for d in spared
                ]
            )
        total += len(spared)
    return total


def _spare(duty: Duty) -> bool:
    """Changes a duty of somebody on leave; False where nobody else can be found for it."""
    if duty.shift is None:
        duty.due_at += DAY
        duty.closes_at = duty.closes_at and duty.closes_at + DAY
        duty.reminded_at = None
        return True
    lead = lead_on_shift(duty.shift, duty.shift_date) if duty.shift_date else None
    if lead is None or lead.pk == duty.assignee_id:
        return False
    duty.assignee = lead
    return True


def close_missed_duties(now: datetime) -> int:
    """Marks what was not done by its closing moment. Returns how many."""
    total = 0
    while True:
        with transaction.atomic():
            rows = list(
                Duty.objects.select_for_update(of=("self",))
                .unsettled()
                .filter(due_at__lt=now, closes_at__lt=now)
                .order_by("id")[:BATCH]
            )
            Duty.objects.filter(pk__in=[d.pk for d in rows]).update(missed_at=now)
            DutyEvent.objects.bulk_create(
                [DutyEvent(duty=d, kind=DutyEvent.Kind.MISSED, at=now, assignee_id=d.assignee_id) for d in rows]
            )
        total += len(rows)
        if len(rows) < BATCH:
            return total


def remind_duties(now: datetime) -> int:
    """Reminds the assignee once when a duty is close: a quarter of its time left, at most a day before."""
    near = Q(due_at__gte=now, due_at__lte=now + DAY)
    close = [
        (pk, assignee)
        for pk, assignee, opens_at, due_at in _unnamed(now, "reminded_at", near)
        if due_at - now <= max((due_at - opens_at) / 4, timedelta(minutes=15))
    ]
    resting = off_shift({assignee for _pk, assignee in close}, now)
    return _tell([pk for pk, assignee in close if assignee not in resting][:BATCH], now, "reminded_at")


def escalate_duties(now: datetime) -> int:
    """Tells the leads of the team (else the site's managers) once when a duty is an hour overdue; of a case, which has
    no team, the leads of the site, whether somebody has taken it or not."""
    late = Q(due_at__lte=now - timedelta(hours=1), due_at__gte=now - 7 * DAY)
    return _tell([row[0] for row in _unnamed(now, "escalated_at", late)][:BATCH], now, "escalated_at")


def escalate_further(now: datetime) -> int:
    """Tells the site's managers once when a case is four hours overdue and its leads were told."""
    late = Q(due_at__lte=now - timedelta(hours=4), due_at__gte=now - 7 * DAY)
    late &= Q(kind=Duty.Kind.CASE, escalated_at__isnull=False)
    return _tell([row[0] for row in _unnamed(now, "escalated_further_at", late)][:BATCH], now, "escalated_further_at")


def _zones() -> list[str]:
    return sorted(set(Site.objects.values_list("zone", flat=True)))


def _unnamed(now: datetime, mark: str, condition: Q) -> Iterator[tuple[int, int, datetime, datetime]]:
    """Unsettled duties that this kind of word has not named yet, soonest first; people on leave are left in peace."""
    away = Q()
    for zone in _zones():
        away |= Q(site__zone=zone, assignee__in=away_on(now, zone))
    whose = Q(assignee__is_active=True)
    if mark != "reminded_at":
        whose |= Q(kind=Duty.Kind.CASE, assignee=None)
    rows = Duty.objects.unsettled().filter(condition, whose, opens_at__lte=now)
    rows = rows.filter(**{f"{mark}__isnull": True}).exclude(away) if away else rows.filter(**{f"{mark}__isnull": True})
    return (
        rows.order_by("due_at", "id").values_list("pk", "assignee_id", "opens_at", "due_at").iterator(chunk_size=2000)
    )


@transaction.atomic
def _tell(pks: list[int], now: datetime, mark: str) -> int:
    """One notice per duty and person, set-based. A second tick at the same moment waits, then finds nothing left."""
    rows = list(
        Duty.objects.select_for_update(of=("self",))
        .unsettled()
        .filter(pk__in=pks, **{f"{mark}__isnull": True})
        .select_related("assignee")
        .order_by("id")
    )
    groups: dict[tuple[int, int | None, bool], list[Employee]] = {}
    drafts = []
    for duty in rows:
        group = (duty.site_id, duty.team_id, duty.kind == Duty.Kind.CASE)
        if mark != "reminded_at" and group not in groups:
            groups[group] = _above(*group, mark, now)
        recipients = [duty.assignee] if mark == "reminded_at" else groups[group]
        drafts += [_draft(duty, person, mark) for person in recipients if person]
    send_notices(drafts)
    DutyEvent.objects.bulk_create(
        [DutyEvent(duty=d, kind=KINDS[mark], at=now, assignee_id=d.assignee_id) for d in rows], batch_size=BATCH
    )
    Duty.objects.filter(pk__in=[d.pk for d in rows]).update(**{mark: now})
    return len(rows)


def _above(site_id: int, team_id: int | None, is_case: bool, mark: str, now: datetime) -> list[Employee]:
    """Who is told that something is overdue."""
    leads = leads_at(site_id, now) if is_case else leads_of(team_id, now)
    managers = managers_of(site_id, now)
    return managers if mark == "escalated_further_at" else leads or managers


def _draft(duty: Duty, person: Employee, mark: str) -> NoticeDraft:
    words = LEAD_IN[mark]
    title = {lang: words[lang] + (duty.title.get(lang) or next(iter(duty.title.values()), "")) for lang in words}
    if mark != "reminded_at" and duty.assignee:
        title = {lang: f"{text} · {duty.assignee.name}" for lang, text in title.items()}
    key = f"duty:{duty.pk}:{KINDS[mark]}:{duty.due_at:%Y%m%d%H%M}:{person.pk}"
    return NoticeDraft(key=key, recipient=person, title=title, path=f"/duties/{duty.pk}/")
