"""Rules: what counts now, what is said of one, and deadlines that were moved."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kernel import clock
from kernel.forms import status_of, told_in
from orders import services
from orders.forms.rules import MoveForm, RuleForm
from orders.models import DeadlineMove
from orders.ruling import UNITS
from orders.selectors.rules import current_rules, history_of, visible_moves
from orders.words import RULES
from people.models import Role
from people.requests import HttpRequest


@require_http_methods(["GET", "HEAD", "POST"])
def rule_list(request: HttpRequest) -> HttpResponse:
    """Every rule as it is today; sent, it moves deadlines."""
    request.scope.require_role(Role.MANAGER, reading=request.method != "POST")
    form = MoveForm(request.POST or None, scope=request.scope)
    if form.is_bound and form.is_valid():
        with told_in(form):
            services.move_deadlines(actor=request.actor, **form.cleaned_data)
            messages.success(request, _("Kept. The orders have the new deadline within a minute."))
            return redirect("orders:rule_list")
    context = {
        "form": form,
        "rules": current_rules(request.scope, clock.today(request.scope.zone)),
        "moves": visible_moves(request.scope),
        "may_act": request.scope.has_role(Role.MANAGER),
    }
    return render(request, "orders/rule_list.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def rule_edit(request: HttpRequest, key: str) -> HttpResponse:
    """What was ever said of a rule, and a form to say it anew."""
    if key not in UNITS:
        raise Http404
    request.scope.require_role(Role.MANAGER, reading=request.method != "POST")
    history = history_of(request.scope, key)
    initial = {"starts_on": clock.today(request.scope.zone), **RuleForm.written(UNITS[key], history[0].said.value)}
    form = RuleForm(request.POST or None, key=key, scope=request.scope, initial=initial)
    if form.is_bound and form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("shop", "starts_on", "source")}
        with told_in(form):
            services.set_rule(key=key, value=form.value, actor=request.actor, **data)
            messages.success(request, _("The rule is kept."))
            return redirect("orders:rule_list")
    context = {"form": form, "name": RULES[key], "history": history, "may_act": request.scope.has_role(Role.MANAGER)}
    return render(request, "orders/rule_edit.html", context, status=status_of(form))


@require_POST
def move_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    seen = Q(request.scope.at_shops("shop", Role.MANAGER)) | Q(shop=None)
    move = get_object_or_404(DeadlineMove.objects.filter(seen), pk=pk)
    services.withdraw_move(move=move, actor=request.actor)
    messages.success(request, _("Withdrawn. The orders have their former deadline within a minute."))
    return redirect("orders:rule_list")
