"""Who prints labels: names of the logs, matched to employees."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.forms import form_again, told_in
from orders import services
from orders.forms.imports import OperatorForm
from orders.models import Operator
from people.models import Role
from people.requests import HttpRequest

PAGE = 50


@require_safe
def operator_list(request: HttpRequest) -> HttpResponse:
    """Those nobody matched first."""
    request.scope.require_role(Role.MANAGER, reading=True)
    rows = Operator.objects.filter(request.scope.at_shops("shop", Role.MANAGER))
    rows = rows.select_related("shop", "employee").order_by(F("employee").asc(nulls_first=True), "text", "id")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "may_act": request.scope.has_role(Role.MANAGER)}
    return render(request, "orders/operator_list.html", context)


@require_POST
def operator_match(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Operator.objects.filter(request.scope.at_shops("shop", Role.MANAGER)).select_related("shop")
    operator = get_object_or_404(rows, pk=pk)
    request.scope.require(Role.MANAGER, shop_id=operator.shop_id)
    form = OperatorForm(request.POST, site_id=operator.shop.site_id)
    if form.is_valid():
        with told_in(form, "employee"):
            employee = form.cleaned_data["employee"]
            services.match_operator(operator=operator, employee=employee, actor=request.actor)
            messages.success(request, _("Kept."))
            return redirect("orders:operator_list")
    return form_again(request, form, back="orders:operator_list", text=operator.text)
