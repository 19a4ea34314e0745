"""Reads of the duties room: Today, one's own past, the page that opens a duty's work."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from duties.gates import refusals
from duties.lateness import state_of
from duties.models import Duty, DutyEvent
from kernel.errors import NotAllowed
from kernel.templatetags.shipshape import moment
from kernel.text import Bilingual
from people.models import Employee, Role
from people.scope import Scope
from people.selectors import ShiftNow

MOST_ROWS = 300  # more than a person can owe; the rest shows when these are done
LATER_SHOWN = 20
REASONS: dict[str, str | Promise] = {
    Duty.Kind.MODULE: _("Assigned to you to learn"),
    Duty.Kind.RUN: _("Your check"),
    Duty.Kind.REVIEW: _("Waits for your review"),
    Duty.Kind.HANDOVER: _("Needs your signature"),
    Duty.Kind.ACKNOWLEDGEMENT: _("Read and confirm"),
    Duty.Kind.DRILL: _("You take part in the drill"),
    Duty.Kind.CASE: pgettext_lazy("duty", "Yours"),
    Duty.Kind.FOLLOW_UP: _("You follow up"),
    Duty.Kind.CORRECTION: _("You put it right"),
}
COLUMNS = (
    "pk", "kind", "subject_id", "title", "due_at", "assignee_id", "is_claimable",
    "shift_id", "shift__name", "shop__name", "extended_to", "closes_at", "site__zone",
)  # fmt: skip
FOR_LEADS = (Duty.Kind.HANDOVER, Duty.Kind.REVIEW)  # of what anyone may take


@dataclass(frozen=True, slots=True)
class TodayRow:
    """A line of Today; `due_at` is by when it is wanted now."""

    pk: int
    kind: str
    title: Bilingual
    due_at: datetime
    why: str
    url: str
    is_mine: bool
    is_overdue: bool
    zone: str  # of its site
    refusal: NotAllowed | None = None  # why the viewer may not take what anyone may


@dataclass(frozen=True)
class Today:
    """What one person owes now: the soonest on its own, then three groups."""

    first: TodayRow | None
    overdue: list[TodayRow]
    shift: list[TodayRow]
    later: list[TodayRow]
    later_hidden: int

    @property
    def is_empty(self) -> bool:
        return self.first is None


@dataclass(frozen=True)
class Decision:
    """What waits for somebody to decide, without being one person's duty: in a sentence, and the page that lists it."""

    text: str
    url: str


@cache
def _decisions() -> tuple[tuple[Role, Callable[[Scope], Decision | None]], ...]:
    return import_string(settings.DECISIONS)


def decisions(scope: Scope) -> list[Decision]:
    """What waits for the viewer's decision; one statement for each kind that their role decides."""
    return [found for role, ask in _decisions() if scope.has_role(role) and (found := ask(scope))]


@cache
def _pages() -> dict[str, str]:
    return import_string(settings.DUTY_PAGES)


def work_url(kind: str, subject_id: int) -> str | None:
    """The page that opens a duty's work; None for a kind that no room answers to."""
    name = _pages().get(kind)
    if name is None:
        return None
    try:
        return reverse(name, args=[subject_id])
    except NoReverseMatch:
        return None


def today(*, viewer: Employee, scope: Scope, shift: ShiftNow, at: datetime, show_all: bool = False) -> Today:
    """Today in one query: what is mine, and what I may take of my sites'; of that the gates are asked, once a kind. On
    leave nothing more falls due; what was overdue before stays so."""
    owed = Q(assignee=scope.employee_id)
    if sites := scope.site_ids(reading=False):
        others = Q(is_claimable=True, site__in=sorted(sites))
        leads = scope.site_ids(Role.LEAD, reading=False)
        owed |= others & (~Q(kind__in=FOR_LEADS) | Q(site__in=sorted(leads)))
    rows_owed = Duty.objects.unsettled().opened(at).filter(owed).exclude(closes_at__lt=at)
    listed = rows_owed.order_by("due_at", "id").values_list(*COLUMNS)[:MOST_ROWS]
    found = [row for row in listed if _concerns(row, scope, shift)]
    refused = refusals([row[:2] for row in found if row[5] != viewer.pk], [viewer])
    rows = [_row(row, viewer.pk, at, shift, refused.get((row[0], viewer.pk))) for row in found]
    ends = shift.ends_at or _end_of_day(at)
    overdue = [r for r in rows if r.is_overdue]
    now = [r for r in rows if not r.is_overdue and r.due_at <= ends and not shift.is_leave]
    later = [r for r in rows if not r.is_overdue and (r.due_at > ends or shift.is_leave)]
    first = _soonest(now, overdue, later)
    groups = [[r for r in group if r is not first] for group in (overdue, now, later)]
    hidden = 0 if show_all else max(len(groups[2]) - LATER_SHOWN, 0)
    return Today(first, groups[0], groups[1], groups[2][: len(groups[2]) - hidden], hidden)


def _concerns(values: tuple[Any, ...], scope: Scope, shift: ShiftNow) -> bool:
    """What anyone may take is for those of its shift, as far as it is known who works which."""
    assignee_id, shift_id = values[5], values[7]
    if assignee_id == scope.employee_id:
        return True
    return not shift.is_leave and (shift_id is None or shift.shift is None or shift_id == shift.shift.pk)


def _soonest(now: list[TodayRow], overdue: list[TodayRow], later: list[TodayRow]) -> TodayRow | None:
    """What to go on with: one's own soonest of this shift; then what is overdue; then what anyone may take."""
    groups = (now, overdue, later)
    mine = next((found for group in groups if (found := [r for r in group if r.is_mine])), [])
    able = next((found for group in groups if (found := [r for r in group if not r.refusal])), [])
    return next(iter(mine or able or now or overdue or later), None)


def _row(values: tuple[Any, ...], viewer: int, at: datetime, shift: ShiftNow, refusal: NotAllowed | None) -> TodayRow:
    pk, kind, subject_id, title, due_at, assignee_id, is_claimable, _shift_id, shift_name, shop_name = values[:10]
    extended_to, closes_at, zone = values[10:]
    wanted_at = extended_to or due_at
    is_mine = assignee_id == viewer
    if refusal:
        reason = ""
    elif not is_mine:
        reason = gettext("Anyone of the shift may take it")
    else:
        reason = gettext("Yours until somebody takes it") if is_claimable else str(REASONS.get(kind, ""))
    is_late = state_of(due_at=due_at, closes_at=closes_at, at=at) == "overdue"
    if extended_to:
        reason = gettext("Sent back, to be done again")
        if is_late:
            reason = gettext("Sent back, to be done again; late already, it was due %(at)s") % {
                "at": moment(due_at, zone)
            }
    why = " · ".join(part for part in (reason, shift_name, shop_name) if part)
    url = work_url(kind, subject_id) or reverse("duties:duty_open", args=[pk])
    is_overdue = is_late and wanted_at < at
    return TodayRow(pk, kind, title, wanted_at, why, url, is_mine, is_overdue, zone, refusal)


def _end_of_day(at: datetime) -> datetime:
    local = timezone.localtime(at)
    return datetime.combine(local.date() + timedelta(days=1), time(0), local.tzinfo)


def led(scope: Scope) -> Q:
    """Duties that a viewer answers for or audits: those of the sites and shops that they lead, manage or audit."""
    return scope.at_sites("site", Role.LEAD) | scope.at_shops("shop", Role.LEAD)


def visible(scope: Scope) -> Q:
    """Duties that a viewer may open: own ones, what they may take, and all that any list of theirs counts."""
    return (
        Q(assignee=scope.employee_id)
        | Q(completed_by=scope.employee_id)
        | Q(is_claimable=True) & scope.at_sites()
        | led(scope)
    )


def past_of(employee: Employee) -> QuerySet[Duty]:
    """What a person held or did and what became of it, the latest first."""
    settled = Q(completed_at__isnull=False) | Q(missed_at__isnull=False) | Q(waived_at__isnull=False)
    theirs = Q(assignee=employee) | Q(completed_by=employee)
    rows = Duty.objects.filter(settled, theirs).select_related("site", "shop", "assignee", "completed_by")
    return rows.order_by("-due_at", "-id")


def open_of(employee: Employee) -> QuerySet[Duty]:
    rows = Duty.objects.unsettled().filter(assignee=employee)
    return rows.select_related("site", "shop").order_by("due_at", "id")


def moved_by_leave(duties: Iterable[Duty]) -> dict[int, datetime]:
    """Of those whose deadline leave has moved, by their id, the deadline first told; in one query."""
    events = DutyEvent.objects.filter(duty__in=[duty.pk for duty in duties], kind=DutyEvent.Kind.PUT_OFF)
    return {
        event.duty_id: datetime.fromisoformat(event.changes["due_at"][0])
        for event in events.order_by("-id")  # the first one stays
        if "due_at" in event.changes
    }


@dataclass(frozen=True)
class PastRow:
    duty: Duty
    status: str
    url: str


def with_status(duties: Iterable[Duty], at: datetime) -> list[PastRow]:
    """Each duty with its state in the one rule of lateness, and the page of its work."""
    return [
        PastRow(d, d.status(at), work_url(d.kind, d.subject_id) or reverse("duties:duty_open", args=[d.pk]))
        for d in duties
    ]
