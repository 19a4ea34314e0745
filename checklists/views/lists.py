"""Checklists as they are published, and their schedules."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from checklists import services
from checklists.forms import ScheduleForm
from checklists.gate import required_modules
from checklists.models import Checklist, Schedule
from checklists.selectors import published_version
from checklists.views.common import reached
from kernel import clock
from kernel.forms import status_of, told_in
from kernel.ids import read_id
from kernel.templatetags.shipshape import moment
from people.models import Role, Site
from people.requests import HttpRequest


@require_http_methods(["GET", "HEAD"])
def checklist_list(request: HttpRequest) -> HttpResponse:
    running = Count(
        "schedules", filter=Q(schedules__is_active=True) & reached(request.scope, "schedules__"), distinct=True
    )
    rows = Checklist.objects.filter(request.scope.owned()).select_related("site", "shop").order_by("slug")
    stuck = Count(
        "schedules",
        filter=Q(schedules__is_active=True) & ~Q(schedules__fault="") & reached(request.scope, "schedules__"),
        distinct=True,
    )
    rows = rows.annotate(number=Max("versions__number"), running=running, stuck=stuck)
    return render(request, "checklists/checklist_list.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def checklist_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A checklist with the items of a version (?version=…, else the latest) and its schedules; a manager adds one."""
    checklist = get_object_or_404(Checklist.objects.filter(request.scope.owned()), pk=pk)
    sites = Site.objects.filter(request.scope.at_sites("pk", Role.MANAGER, reading=False), is_active=True)
    version = published_version(checklist, read_id(request.GET.get("version")))
    form, status = _read_schedule(request, checklist, sites, version.suggested if version else {})
    if status == 302:
        return redirect("checklists:checklist_detail", pk)
    rows = checklist.schedules.filter(reached(request.scope)).select_related("site", "shop", "shift__site")
    context = {
        "checklist": checklist,
        "version": version,
        "versions": checklist.versions.order_by("-number"),
        "schedules": [(row, row.next_opening(clock.now())) for row in rows.order_by("site", "opens", "id")],
        "modules": list(required_modules(version)) if version else [],
        "form": form,
        "manages": request.scope.has_role(Role.MANAGER),
    }
    return render(request, "checklists/checklist_detail.html", context, status=status)


def _read_schedule(request: HttpRequest, checklist: Checklist, sites: Any, initial: dict) -> tuple[ScheduleForm, int]:
    """The form for a new schedule, and the status that the page answers with: 302 once it is added."""
    if request.method != "POST":
        return ScheduleForm(sites=sites, initial={k: v for k, v in initial.items() if k != "weekdays"}), 200
    request.scope.require_role(Role.MANAGER)
    form = ScheduleForm(request.POST, sites=sites)
    if form.is_valid():
        with told_in(form):
            made = services.add_schedule(checklist=checklist, actor=request.actor, **form.options())
            messages.success(request, _("It opens by itself, the first time %(when)s.") % {"when": _first(made)})
            return form, 302
    return form, status_of(form)


def _first(schedule: Schedule) -> str:
    return moment(schedule.next_opening(clock.now()), schedule.site.zone)


@require_POST
def schedule_pause(request: HttpRequest, pk: int) -> HttpResponse:
    schedule = get_object_or_404(Schedule.objects.filter(reached(request.scope)), pk=pk)
    is_active = request.POST.get("active") == "1"
    row = services.pause_schedule(schedule=schedule, is_active=is_active, actor=request.actor)
    goes_on = _("The schedule goes on, the first time %(when)s.")
    messages.success(request, goes_on % {"when": _first(row)} if is_active else _("The schedule is paused."))
    return redirect("checklists:checklist_detail", schedule.checklist_id)
