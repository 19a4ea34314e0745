"""Today, one's own past, and what a lead decides about a duty."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from duties import selectors, services
from duties.forms import ReassignForm, WaiveForm
from duties.models import Duty
from kernel import clock
from kernel.forms import form_again, status_of, told_in
from kernel.paging import LongList
from people.models import Employee, Role
from people.requests import HttpRequest
from people.selectors import shift_now

PAGE = 50


@require_http_methods(["GET", "HEAD"])
def today(request: HttpRequest) -> HttpResponse:
    scope, at = request.scope, clock.now()
    shift = shift_now(employee_id=scope.employee_id, site_id=scope.shift_site_id, zone=scope.zone, at=at)
    owed = selectors.today(viewer=request.user, scope=scope, shift=shift, at=at, show_all="all" in request.GET)
    context = {"today": owed, "now": shift, "decisions": selectors.decisions(scope)}
    return render(request, "duties/today.html", context)


@require_POST
def duty_claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes what anyone of the shift may take, and goes to the work."""
    duty = get_object_or_404(Duty.objects.filter(selectors.visible(request.scope)), pk=pk)
    services.claim_duty(duty=duty, actor=request.actor)
    messages.success(request, _("It is yours now."))
    return redirect(selectors.work_url(duty.kind, duty.subject_id) or "duties:today")


@require_POST
def duty_release(request: HttpRequest, pk: int) -> HttpResponse:
    """放回去: what one took is there for anyone again."""
    duty = get_object_or_404(Duty.objects.filter(selectors.visible(request.scope)), pk=pk)
    services.release_duty(duty=duty, actor=request.actor)
    messages.success(request, _("Put back: anyone of the shift may take it again."))
    return redirect("duties:today")


@require_http_methods(["GET", "HEAD"])
def duty_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Goes to the work of a duty; its record when no page opens such work."""
    duty = get_object_or_404(Duty.objects.filter(selectors.visible(request.scope)), pk=pk)
    return redirect(selectors.work_url(duty.kind, duty.subject_id) or reverse("duties:duty_detail", args=[duty.pk]))


@require_http_methods(["GET", "HEAD"])
def duty_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What happened to a duty; a lead reassigns or waives it here."""
    return _detail(request, _duty(request, pk))


def _duty(request: HttpRequest, pk: int) -> Duty:
    rows = Duty.objects.filter(selectors.visible(request.scope))
    return get_object_or_404(rows.select_related("site", "shop", "assignee", "completed_by", "waived_by"), pk=pk)


def _detail(request: HttpRequest, duty: Duty, **forms: Any) -> HttpResponse:
    leads = request.scope.acts(Role.LEAD, site_id=duty.site_id)
    context = {
        "duty": duty,
        "moved_from": selectors.moved_by_leave([duty]).get(duty.pk),
        "status": duty.status(clock.now()),
        "url": selectors.work_url(duty.kind, duty.subject_id),
        "events": duty.events.select_related("actor", "assignee").order_by("at", "id"),
        "may_release": duty.claimed_at and duty.assignee_id == request.user.pk and not duty.is_settled,
        "may_reassign": leads and not duty.is_settled and duty.kind not in Duty.IN_PERSON,
        "may_waive": leads and not (duty.completed_at or duty.waived_at),
        "reassign": forms.get("reassign") or ReassignForm(duty=duty),
        "waive": forms.get("waive") or WaiveForm(),
    }
    offered = {"reassign": context["may_reassign"], "waive": context["may_waive"]}
    for name, form in forms.items():
        if not offered[name]:  # somebody was quicker
            return form_again(request, form, back=reverse("duties:duty_detail", args=[duty.pk]))
    return render(request, "duties/duty_detail.html", context, status=status_of(*forms.values()))


@require_POST
def duty_reassign(request: HttpRequest, pk: int) -> HttpResponse:
    duty = _duty(request, pk)
    request.scope.require(Role.LEAD, site_id=duty.site_id)
    form = ReassignForm(request.POST, duty=duty)
    if form.is_valid():
        with told_in(form):
            services.reassign_duty(duty=duty, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("%(name)s has it now.") % {"name": form.cleaned_data["to"].name})
            return redirect("duties:duty_detail", pk)
    return _detail(request, duty, reassign=form)


@require_POST
def duty_waive(request: HttpRequest, pk: int) -> HttpResponse:
    duty = _duty(request, pk)
    request.scope.require(Role.LEAD, site_id=duty.site_id)
    form = WaiveForm(request.POST)
    if form.is_valid():
        with told_in(form):
            services.waive_duty(duty=duty, actor=request.actor, reason=form.cleaned_data["reason"])
            messages.success(request, _("It is waived; the reason stays on record."))
            return redirect("duties:duty_detail", pk)
    return _detail(request, duty, waive=form)


@require_http_methods(["GET", "HEAD"])
def history(request: HttpRequest) -> HttpResponse:
    """What I owed, and what became of it."""
    page = LongList(selectors.past_of(request.user), PAGE).get_page(request.GET.get("page"))
    rows = selectors.with_status(page.object_list, clock.now())
    return render(request, "duties/history.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def employee_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody leaves: what they still owe is shown, and goes to the managers of its sites."""
    request.scope.require_administrator()
    employee = get_object_or_404(Employee.objects.filter(is_active=True), pk=pk)
    if request.method == "POST":
        count = services.let_go(employee=employee, actor=request.actor)
        told = _("Deactivated. Of %(n)d open duties the personal ones ended; the rest went on.") % {"n": count}
        messages.success(request, told if count else _("Deactivated. Nothing was open."))
        return redirect("people:employee_detail", pk)
    page = Paginator(selectors.open_of(employee), PAGE).get_page(request.GET.get("page"))
    return render(request, "duties/employee_leave.html", {"employee": employee, "page": page})
