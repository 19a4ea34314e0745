"""Feedback points: one's own account, the people one manages, the rules, and what is to be decided."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases import services
from cases.forms.points import AppealForm, DecisionForm, DeductionRuleForm, EvidenceForm, ReasonForm, RewardForm
from cases.models import Appeal, Deduction, PointEntry, PointRule
from cases.months import month_of
from cases.points_account import (
    accounts,
    balance_of,
    deductions_of,
    month_statement,
    seen_rules,
    to_acknowledge,
    waiting_appeals,
    waiting_deductions,
)
from cases.views.cases import found_case, show_case
from kernel import clock
from kernel.cells import csv_lines
from kernel.days import read_month
from kernel.forms import form_again, status_of, told_in
from people.models import Employee, Role
from people.requests import HttpRequest
from people.selectors import employees_found
from records.services import seal_export

PAGE = 50


def _account(request: HttpRequest, employee: Employee) -> dict[str, Any]:
    zone, now = request.scope.zone, clock.now()
    month = read_month(request.GET.get("month"), clock.day_of(now, zone)) or month_of(now, zone)
    return {
        "employee": employee,
        "balance": balance_of(employee),
        "statement": month_statement(employee, month, zone),
        "deductions": deductions_of(employee),
        "now": now,
        "may_counter": request.scope.has_role(Role.MANAGER) and employee != request.user,
    }


@require_safe
def points_mine(request: HttpRequest) -> HttpResponse:
    """One's own points, the rules to acknowledge, deductions and appeals."""
    context = {
        **_account(request, request.user),
        "is_own": True,
        "to_acknowledge": to_acknowledge(request.scope, clock.today(request.scope.zone)),
        "appeal": AppealForm(),
    }
    return render(request, "cases/points.html", context)


def _managed(request: HttpRequest, pk: int) -> Employee:
    request.scope.require_role(Role.MANAGER, reading=True)
    return get_object_or_404(Employee.objects.filter(request.scope.employees()), pk=pk)


@require_safe
def points_people(request: HttpRequest) -> HttpResponse:
    """The people one manages, by name."""
    request.scope.require_role(Role.MANAGER, reading=True)
    zone, now = request.scope.zone, clock.now()
    asked = {"q": request.GET.get("q", ""), "order": "name"}
    found = employees_found(within=request.scope.employees(), asked=asked, on=clock.today(zone))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = accounts(page.object_list, month_of(now, zone), zone)
    return render(request, "cases/points_people.html", {"page": page, "rows": rows, "asked": asked})


@require_safe
def points_person(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "cases/points.html", _account(request, _managed(request, pk)))


@require_safe
def points_export(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """A month's statement as CSV; one's own, or of somebody one manages."""
    employee = request.user if pk == request.user.pk else _managed(request, pk)
    told = _account(request, employee)["statement"]

    def lines() -> Any:
        yield [_("Time"), _("Case"), _("What for"), _("Points"), _("Note")]
        for entry in told.entries:
            at = entry.at.astimezone(entry.case.shop.site.tz).strftime("%Y-%m-%d %H:%M")
            what = entry.get_occasion_display() or entry.get_kind_display()
            yield [at, entry.case.number, what, entry.points, entry.note]
        yield [f"{told.month:%Y-%m}", "", _("Stands at"), told.after, _("Points are not money.")]

    seal_export(actor=request.user.ref, subject=employee.ref, what="points", form="csv")
    response = StreamingHttpResponse(csv_lines(lines()), content_type="text/csv; charset=utf-8")
    name = f"points-{employee.number}-{told.month:%Y%m}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# --- rules


@require_http_methods(["GET", "HEAD", "POST"])
def points_rules(request: HttpRequest) -> HttpResponse:
    """What gives and what costs points; sent by a manager, a rule is added."""
    if request.method == "POST":
        request.scope.require_role(Role.MANAGER)
    is_deduction = request.POST.get("kind") == "deduction"
    reward = RewardForm(request.POST if request.POST and not is_deduction else None, scope=request.scope)
    deduction = DeductionRuleForm(request.POST if is_deduction else None, scope=request.scope)
    form, service = (deduction, services.record_deduction_rule) if is_deduction else (reward, services.set_reward)
    if form.is_bound and form.is_valid():
        with told_in(form):
            service(actor=request.actor, **form.cleaned_data)
            messages.success(request, _("The rule is kept."))
            return redirect("cases:points_rules")
    rules = list(seen_rules(request.scope))
    context = {
        "rules": rules,
        "has_deductions": any(rule.kind == PointRule.Kind.DEDUCTION for rule in rules),
        "shipped": [(name, services.shipped()["rewards"][value]) for value, name in PointRule.Occasion.choices],
        "reward": reward,
        "deduction": deduction,
        "may_act": request.scope.has_role(Role.MANAGER),
    }
    return render(request, "cases/points_rules.html", context, status=status_of(form))


@require_POST
def points_rule_end(request: HttpRequest, pk: int) -> HttpResponse:
    request.scope.require_role(Role.MANAGER)
    rule = get_object_or_404(seen_rules(request.scope), pk=pk)
    services.end_point_rule(rule=rule, actor=request.actor)
    messages.success(request, _("The rule has ended."))
    return redirect("cases:points_rules")


@require_POST
def points_rule_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(seen_rules(request.scope).filter(kind=PointRule.Kind.DEDUCTION), pk=pk)
    services.acknowledge_rule(rule=rule, actor=request.actor)
    messages.success(request, _("Acknowledged."))
    return redirect("cases:points_mine")


# --- deductions and appeals


@require_POST
def deduction_propose(request: HttpRequest, pk: int) -> HttpResponse:
    case = found_case(request, pk)
    request.scope.require(Role.LEAD, shop_id=case.shop_id)
    form = EvidenceForm(request.POST)
    if form.is_valid():
        with told_in(form, "evidence"):
            services.propose_deduction(case=case, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("Proposed. A manager decides; the person may appeal."))
            return redirect("cases:case_detail", pk)
    return show_case(request, case, evidence=form)


@require_safe
def points_decisions(request: HttpRequest) -> HttpResponse:
    """Deductions that wait for a second person, and appeals."""
    request.scope.require_role(Role.MANAGER, reading=True)
    context = {
        "deductions": waiting_deductions(request.scope),
        "appeals": waiting_appeals(request.scope),
        "may_act": request.scope.has_role(Role.MANAGER),
    }
    return render(request, "cases/points_decisions.html", context)


def _decide(
    request: HttpRequest, of: Deduction, words: tuple[str, str], done: Callable[[bool, str], Any]
) -> HttpResponse:
    form = DecisionForm(request.POST, words=words)
    if form.is_valid():
        with told_in(form, "reason"):
            done(form.is_yes, form.cleaned_data["reason"])
            messages.success(request, _("Decided."))
            return redirect("cases:points_decisions")
    return form_again(request, form, back="cases:points_decisions", text=_told(of))


def _told(deduction: Deduction) -> str:
    return f"{deduction.employee.name} · −{deduction.points} · {deduction.case.number}"


@require_POST
def deduction_decide(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Deduction.objects.filter(request.scope.at_shops("case__shop")).select_related("case", "employee")
    deduction = get_object_or_404(rows, pk=pk)
    actor = request.actor
    return _decide(
        request,
        deduction,
        (_("Approve"), _("Refuse")),
        lambda yes, why: services.decide_deduction(deduction=deduction, is_approved=yes, reason=why, actor=actor),
    )


@require_POST
def appeal_decide(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Appeal.objects.filter(request.scope.at_shops("deduction__case__shop"))
    appeal = get_object_or_404(rows.select_related("deduction__case", "deduction__employee"), pk=pk)
    actor = request.actor
    return _decide(
        request,
        appeal.deduction,
        (_("Uphold the appeal"), _("Reject it")),
        lambda yes, why: services.decide_appeal(appeal=appeal, is_upheld=yes, reason=why, actor=actor),
    )


@require_POST
def deduction_appeal(request: HttpRequest, pk: int) -> HttpResponse:
    deduction = get_object_or_404(Deduction, pk=pk, employee=request.user)
    form = AppealForm(request.POST)
    if form.is_valid():
        with told_in(form):
            services.appeal_deduction(deduction=deduction, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("Your appeal is kept. Somebody who had no part in it decides."))
            return redirect("cases:points_mine")
    return form_again(request, form, back="cases:points_mine", text=_told(deduction))


@require_POST
def points_counter(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an entry back by one against it."""
    request.scope.require_role(Role.MANAGER)
    seen = Q(request.scope.at_shops("shop", Role.MANAGER))
    entry = get_object_or_404(PointEntry.objects.filter(seen).select_related("case", "employee"), pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        with told_in(form):
            services.counter_points(entry=entry, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("Taken back by an entry against it."))
            return redirect("cases:points_person", entry.employee_id)
    back = reverse("cases:points_person", args=[entry.employee_id])
    return form_again(request, form, back=back, text=f"{entry.employee.name} · {entry.case.number}")
