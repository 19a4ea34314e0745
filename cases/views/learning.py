"""Who is responsible, and what is learnt from it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cases import services
from cases.charts import retraining_effect
from cases.forms.cases import ResponsibleForm, RetrainingRuleForm, StatementForm
from cases.retraining_report import repeats, retraining_rules, visible_rules
from cases.views.cases import found_case, show_case
from kernel import clock
from kernel.forms import status_of, told_in
from people.models import Role
from people.requests import HttpRequest


@require_POST
def case_statement(request: HttpRequest, pk: int) -> HttpResponse:
    case = found_case(request, pk)
    request.scope.require(Role.EMPLOYEE, shop_id=case.shop_id)
    may_lead = request.scope.acts(Role.LEAD, shop_id=case.shop_id)
    form = StatementForm(request.POST, case=case, viewer=request.user, may_lead=may_lead)
    if form.is_valid():
        with told_in(form):
            services.record_statement(case=case, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("The statement is kept."))
            return redirect("cases:case_detail", pk)
    return show_case(request, case, statement=form)


@require_POST
def case_responsible(request: HttpRequest, pk: int) -> HttpResponse:
    case = found_case(request, pk)
    request.scope.require(Role.LEAD, shop_id=case.shop_id)
    form = ResponsibleForm(request.POST, case=case)
    if form.is_valid():
        with told_in(form, "proof"):
            services.set_responsible(case=case, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("Kept."))
            return redirect("cases:case_detail", pk)
    return show_case(request, case, responsible=form)


@require_http_methods(["GET", "HEAD", "POST"])
def retraining(request: HttpRequest) -> HttpResponse:
    """Which mistake teaches which module, and whether it helped; sent, it adds a rule."""
    request.scope.require_role(
        Role.MANAGER if request.method == "POST" else Role.LEAD, reading=request.method != "POST"
    )
    form = RetrainingRuleForm(request.POST or None, scope=request.scope)
    if form.is_bound and form.is_valid():
        with told_in(form):
            services.add_retraining_rule(actor=request.actor, **form.cleaned_data)
            messages.success(request, _("The rule is kept."))
            return redirect("cases:retraining")
    found = repeats(request.scope, clock.now())
    context = {
        "form": form,
        "rules": retraining_rules(request.scope),
        "repeats": found,
        "chart": retraining_effect(found) if found else None,
        "may_act": request.scope.has_role(Role.MANAGER),
    }
    return render(request, "cases/retraining.html", context, status=status_of(form))


@require_POST
def retraining_end(request: HttpRequest, pk: int) -> HttpResponse:
    request.scope.require_role(Role.MANAGER)
    rule = get_object_or_404(visible_rules(request.scope), pk=pk)
    services.end_retraining_rule(rule=rule, actor=request.actor)
    messages.success(request, _("The rule has ended."))
    return redirect("cases:retraining")
