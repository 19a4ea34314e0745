"""Plans to start with one tap, what runs, and the materials kept for them."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contingency import selectors, services
from contingency.forms import ActivateForm, CloseForm, DrillForm, MoveForm, TakeForm, TickForm
from contingency.models import Activation, Drill, Material, Plan
from kernel import clock
from kernel.errors import NotAllowed
from kernel.forms import form_again, status_of, told_in
from kernel.ids import read_id
from kernel.paging import LongList
from kernel.presence import present
from kernel.text import localized
from people.models import Role, Site
from people.requests import HttpRequest

PAGE = 50

# --- plans


@require_safe
def plan_list(request: HttpRequest) -> HttpResponse:
    context = {
        "cards": selectors.plan_cards(request.scope),
        "running": selectors.running_activations(request.scope),
        "may_start": request.scope.has_role(Role.LEAD),
        "now": clock.now(),
    }
    return render(request, "contingency/plan_list.html", context)


def _plan(request: HttpRequest, pk: int) -> Plan:
    rows = Plan.objects.usable().filter(request.scope.owned()).select_related("current", "site", "shop")
    return get_object_or_404(rows, pk=pk)


@require_safe
def plan_detail(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _plan(request, pk)
    version = present(plan.current)
    past = plan.activations.filter(request.scope.at_sites()).select_related("site", "started_by")
    context = {
        "plan": plan,
        "version": version,
        "steps": version.steps.order_by("position"),
        "needed": selectors.materials_of(version.pk, request.scope),
        "versions": plan.versions.select_related("published_by").order_by("-number"),
        "past": past.order_by("-started_at")[:20],
        "drills": selectors.planned_drills(request.scope).filter(plan=plan),
        "may_start": selectors.sites_to_activate(plan, request.scope).exists(),
        "now": clock.now(),
    }
    return render(request, "contingency/plan_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_activate(request: HttpRequest, pk: int) -> HttpResponse:
    """One sentence about what has happened, then it runs; the other button holds a drill."""
    plan = _plan(request, pk)
    if not selectors.sites_to_activate(plan, request.scope).exists():
        raise NotAllowed
    form = ActivateForm(request.POST or None, plan=plan, scope=request.scope)
    if form.is_bound and form.is_valid():
        is_drill = request.POST.get("as") == "drill"
        with told_in(form):
            activation = services.activate_plan(plan=plan, actor=request.actor, is_drill=is_drill, **form.cleaned_data)
            return redirect("contingency:activation_detail", activation.pk)
    context = {"plan": plan, "form": form, "as_drill": "drill" in (request.GET.get("as"), request.POST.get("as"))}
    return render(request, "contingency/plan_activate.html", context, status=status_of(form))


# --- activations


def _activation(request: HttpRequest, pk: int) -> Activation:
    rows = Activation.objects.filter(request.scope.at_sites())
    return get_object_or_404(rows.select_related("plan", "version", "site", "started_by", "closed_by"), pk=pk)


@require_safe
def activation_list(request: HttpRequest) -> HttpResponse:
    rows = Activation.objects.filter(request.scope.at_sites()).select_related("version", "site", "started_by")
    page = Paginator(rows.order_by("-started_at", "-id"), PAGE).get_page(request.GET.get("page"))
    return render(request, "contingency/activation_list.html", {"page": page})


@require_safe
def activation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "contingency/activation_detail.html", _running(request, _activation(request, pk)))


def _running(request: HttpRequest, activation: Activation) -> dict[str, Any]:
    rows = selectors.step_rows(activation)
    return {
        "activation": activation,
        "clock_zone": activation.site.zone,
        "rows": [(row, uuid.uuid4()) for row in rows],
        "done": sum(row.is_done for row in rows),
        "total": len(rows),
        "materials": [(row, uuid.uuid4()) for row in selectors.materials_at(activation.version_id, activation.site_id)],
        "movements": activation.movements.select_related("material", "by").order_by("-at"),
        "may_work": request.scope.acts(Role.EMPLOYEE, site_id=activation.site_id) and not activation.closed_at,
        "may_lead": request.scope.acts(Role.LEAD, site_id=activation.site_id) and not activation.closed_at,
        "now": clock.now(),
    }


@require_POST
def step_tick(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    """Ticks a step, or takes the tick back; a fragment of all steps for htmx, because the next one changes too."""
    activation, form = _activation(request, pk), TickForm(request.POST)
    row = get_object_or_404(activation.version.steps, pk=step)
    if not form.is_valid():
        return redirect("contingency:activation_detail", pk)
    act = services.tick_step if form.cleaned_data["is_done"] else services.untick_step
    key = form.cleaned_data["client_id"]
    act(activation=activation, step=row, actor=request.actor, client_id=key)
    if request.htmx:
        return render(request, "contingency/_steps.html", _running(request, activation))
    response = redirect("contingency:activation_detail", pk)
    response["Location"] += f"#step-{row.position}"
    return response


@require_POST
def activation_take(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a spare for what runs."""
    activation, form = _activation(request, pk), TakeForm(request.POST)
    spares = Material.objects.filter(site=activation.site)
    if form.is_valid():
        data = {**form.cleaned_data, "activation": activation}
        data["material"] = get_object_or_404(spares, pk=data["material"])
        with told_in(form, "quantity"):
            move = services.take_material(actor=request.actor, **data)
            messages.success(request, _("Taken. %(left)d left.") % {"left": move.balance})
            return redirect("contingency:activation_detail", pk)
    taken = spares.filter(pk=form.cleaned_data.get("material") or 0).first()
    back = reverse("contingency:activation_detail", args=[pk])
    return form_again(request, form, back=back, text=localized(taken.name) if taken else "")


@require_http_methods(["GET", "HEAD", "POST"])
def activation_close(request: HttpRequest, pk: int) -> HttpResponse:
    activation = _activation(request, pk)
    request.scope.require(Role.LEAD, site_id=activation.site_id)
    if activation.closed_at:
        return redirect("contingency:activation_detail", pk)
    form = CloseForm(request.POST or None, activation=activation)
    if form.is_bound and form.is_valid():
        told = {"review": form.cleaned_data["review"], "reasons": form.reasons}
        with told_in(form):
            services.close_activation(activation=activation, actor=request.actor, **told)
            messages.success(request, _("Closed, with its review."))
            return redirect("contingency:activation_detail", pk)
    context = {"activation": activation, "form": form}
    return render(request, "contingency/activation_close.html", context, status=status_of(form))


# --- drills


@require_http_methods(["GET", "HEAD", "POST"])
def drill_new(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _plan(request, pk)
    if not selectors.sites_to_activate(plan, request.scope).exists():
        raise NotAllowed
    form = DrillForm(request.POST or None, plan=plan, scope=request.scope)
    if form.is_bound and form.is_valid():
        with told_in(form):
            services.schedule_drill(plan=plan, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("The drill is planned."))
            return redirect("contingency:plan_detail", pk)
    return render(request, "contingency/drill_new.html", {"plan": plan, "form": form}, status=status_of(form))


@require_safe
def drill_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the duty of a drill leads: to its activation, or to the page that starts it."""
    drill = get_object_or_404(Drill.objects.filter(request.scope.at_sites()), pk=pk)
    if drill.activation_id:
        return redirect("contingency:activation_detail", drill.activation_id)
    if not request.scope.acts(Role.LEAD, site_id=drill.site_id):
        return redirect("contingency:plan_detail", drill.plan_id)
    response = redirect("contingency:plan_activate", drill.plan_id)
    response["Location"] += "?as=drill"
    return response


# --- materials


@require_safe
def material_list(request: HttpRequest) -> HttpResponse:
    wish, site = request.GET.get("state", ""), read_id(request.GET.get("site"))
    rows = selectors.materials(request.scope, state=wish, site_id=site)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "sites": Site.objects.filter(request.scope.at_sites("pk"), is_active=True).order_by("name"),
        "state": wish,
        "site": site,
    }
    return render(request, "contingency/material_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def material_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A material's movements; counting, taking, bringing back, receiving."""
    rows = Material.objects.filter(request.scope.at_sites()).select_related("site")
    material = get_object_or_404(rows, pk=pk)
    form = MoveForm(request.POST or None, initial={"kind": "counted", "quantity": material.balance})
    if form.is_bound and form.is_valid():
        with told_in(form, "quantity"):
            move = services.move_stock(material=material, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("Kept. %(left)d lie there now.") % {"left": move.balance})
            return redirect("contingency:material_detail", pk)
    moves = material.movements.select_related("by", "activation__version").order_by("-at", "-id")
    context = {
        "material": material,
        "clock_zone": material.site.zone,
        "form": form,
        "page": LongList(moves, PAGE).get_page(request.GET.get("page")),
        "may_move": request.scope.acts(Role.EMPLOYEE, site_id=material.site_id),
    }
    return render(request, "contingency/material_detail.html", context, status=status_of(form))
