"""The roster of a team, week by week, and “I am here”."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from kernel import clock
from kernel.days import read_day
from kernel.errors import NotAllowed
from kernel.forms import form_again, told_in
from kernel.ids import read_id
from people import services
from people.forms import RosterDayForm
from people.models import Role, Shift, Team
from people.requests import HttpRequest
from people.scope import Scope
from people.selectors import roster_week
from people.services.rosters import may_roster
from people.views.account import safe_next


def monday_of(text: str | None, zone: str) -> date:
    """The Monday of the week of a day written 2026-11-23; of this week when it cannot be read."""
    today = clock.today(zone)
    day = read_day(text, today) or today
    return day - timedelta(days=day.weekday())


def _teams(scope: Scope):
    return Team.objects.filter(scope.at_sites(), is_active=True).select_related("site").order_by("site__name", "name")


@require_http_methods(["GET", "HEAD"])
def roster_home(request: HttpRequest) -> HttpResponse:
    """The one team that one leads, else the teams to choose from."""
    request.scope.require_role(Role.LEAD, reading=True)
    teams = list(_teams(request.scope))
    own = [team for team in teams if team.pk in request.scope.team_ids(Role.LEAD)] or teams
    if len(own) == 1:
        return redirect("people:roster_week", own[0].pk)
    return render(request, "people/roster_home.html", {"teams": own})


@require_http_methods(["GET", "HEAD"])
def team_roster(request: HttpRequest, pk: int) -> HttpResponse:
    team = get_object_or_404(_teams(request.scope), pk=pk)
    if not (may_roster(request.scope, team) or team.site_id in request.scope.site_ids(Role.LEAD)):
        raise NotAllowed
    monday = monday_of(request.GET.get("week"), team.site.zone)
    context = {
        "team": team,
        "days": [monday + timedelta(days=n) for n in range(7)],
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
        "today": clock.today(team.site.zone),
        "rows": roster_week(team=team, monday=monday),
        "shifts": Shift.objects.filter(site=team.site_id, is_active=True).order_by("starts", "id"),
        "may_write": may_roster(request.scope, team),
    }
    return render(request, "people/roster_week.html", context)


@require_POST
def roster_day(request: HttpRequest, pk: int) -> HttpResponse:
    """What one person does on one day."""
    team = get_object_or_404(_teams(request.scope), pk=pk)
    form = RosterDayForm(request.POST, team=team)
    week = reverse("people:roster_week", args=[pk])
    if form.is_valid():
        with told_in(form, "choice"):
            services.set_roster_day(team=team, actor=request.actor, **form.said)
            return redirect(f"{week}?week={form.said['day'].isoformat()}")
    return form_again(request, form, back=week)


@require_POST
def roster_copy(request: HttpRequest, pk: int) -> HttpResponse:
    team = get_object_or_404(_teams(request.scope), pk=pk)
    monday = monday_of(request.POST.get("week"), team.site.zone)
    count = services.copy_week(team=team, monday=monday, actor=request.actor)
    messages.success(request, ngettext("%(n)d day copied.", "%(n)d days copied.", count) % {"n": count})
    return redirect(f"{reverse('people:roster_week', args=[pk])}?week={monday.isoformat()}")


@require_POST
def check_in(request: HttpRequest) -> HttpResponse:
    shift = get_object_or_404(
        Shift.objects.filter(request.scope.at_sites(), is_active=True).select_related("site"),
        pk=read_id(request.POST.get("shift")),
    )
    services.check_in(actor=request.actor, shift=shift, at=clock.now())
    messages.success(request, _("You are here for the %(shift)s.") % {"shift": shift.name})
    return redirect(safe_next(request))
