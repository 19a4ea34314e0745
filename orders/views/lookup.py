"""Finding an order by any of its numbers, and the order from its three sides."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from orders.selectors.board import card
from orders.selectors.sides import look_up, sides_of, visible_orders
from people.models import Role
from people.requests import HttpRequest


@require_safe
def lookup(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()[:200]
    looked = look_up(request.scope, wanted) if wanted else None
    if looked and len(looked.orders) == 1:
        return redirect("orders:order_detail", looked.orders[0].pk)
    return render(request, "orders/lookup.html", {"wanted": wanted, "looked": looked})


@require_safe
def order_detail(request: HttpRequest, pk: int) -> HttpResponse:
    order = get_object_or_404(visible_orders(request.scope), pk=pk)
    sides = sides_of(order)
    standing = [card(finding) for finding in sides.findings if finding.state in ("open", "in_case")]
    may_act = request.scope.acts(Role.EMPLOYEE, shop_id=order.shop_id)
    context = {"sides": sides, "cards": standing, "may_act": may_act, "clock_zone": order.shop.site.zone}
    return render(request, "orders/order_detail.html", context)
