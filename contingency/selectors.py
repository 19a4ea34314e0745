"""Reads of the contingency room, each in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from contingency.models import Activation, Drill, Material, Plan, PlanMaterial, PlanStep, StepTick
from kernel import clock
from kernel.presence import present
from people.models import Employee, Membership, Role, Site
from people.scope import Scope


def wardens_of(site_id: int, at: datetime) -> list[Employee]:
    """Who answers for a site in an emergency: its active leads and managers."""
    rows = Membership.objects.at(at).filter(site=site_id, role__in=(Role.LEAD, Role.MANAGER), employee__is_active=True)
    return list({m.employee_id: m.employee for m in rows.select_related("employee").order_by("id")}.values())


def latest_ticks(activation: Activation) -> dict[int, StepTick]:
    """What counts for each step: its latest tick, by the step's id."""
    rows = StepTick.objects.filter(activation=activation).select_related("by").order_by("id")
    return {tick.step_id: tick for tick in rows}


# --- plans


@dataclass(frozen=True)
class PlanCard:
    """A plan as the list shows it."""

    plan: Plan
    running: tuple[Activation, ...]
    drilled_at: datetime | None
    next_drill: Drill | None

    @property
    def runs_for_real(self) -> bool:
        return any(not activation.is_drill for activation in self.running)


def plan_cards(scope: Scope) -> list[PlanCard]:
    """The usable plans of a viewer, each with what runs and when it was last drilled at the viewer's sites."""
    plans = list(Plan.objects.usable().filter(scope.owned()).select_related("current", "site", "shop").order_by("slug"))
    here = scope.at_sites()
    running = list(running_activations(scope))
    held: dict[int, datetime] = {}
    drills = Activation.objects.filter(here, is_drill=True, closed_at__isnull=False, plan__in=plans)
    for plan_id, at in drills.order_by("closed_at").values_list("plan_id", "closed_at"):
        held[plan_id] = present(at)
    planned: dict[int, Drill] = {}
    for drill in (
        Drill.objects.filter(here, activation=None, plan__in=plans).order_by("-due_at").select_related("lead", "site")
    ):
        planned[drill.plan_id] = drill
    return [
        PlanCard(p, tuple(a for a in running if a.plan_id == p.pk), held.get(p.pk), planned.get(p.pk)) for p in plans
    ]


def running_activations(scope: Scope) -> QuerySet[Activation]:
    """What runs at the viewer's sites now, real ones first."""
    rows = Activation.objects.filter(scope.at_sites(), closed_at=None)
    return rows.select_related("version", "site", "started_by").order_by("is_drill", "started_at")


def sites_to_activate(plan: Plan, scope: Scope) -> QuerySet[Site]:
    """Sites where the viewer may start the plan."""
    sites = Site.objects.filter(scope.at_sites("pk", Role.LEAD, reading=False), is_active=True).order_by("pk")
    if plan.site_id or plan.shop_id:
        sites = sites.filter(pk=plan.site_id or present(plan.shop).site_id)
    return sites


def planned_drills(scope: Scope) -> QuerySet[Drill]:
    """Drills of the viewer's sites that nobody has held yet, soonest first."""
    rows = Drill.objects.filter(scope.at_sites(), activation=None)
    return rows.select_related("lead", "site").order_by("due_at")


# --- an activation


@dataclass(frozen=True)
class StepRow:
    """A step of a running plan: its state in words is done, left_out, overdue, next or later."""

    step: PlanStep
    tick: StepTick | None
    target_at: datetime
    state: str

    @property
    def is_done(self) -> bool:
        return self.state == "done"

    @property
    def minutes_late(self) -> int:
        """How much later than its target a done step was, in whole minutes."""
        return max(0, int((self.tick.at - self.target_at).total_seconds() // 60)) if self.tick and self.is_done else 0


def step_rows(activation: Activation, now: datetime | None = None) -> list[StepRow]:
    """The steps of an activation in order, with what counts for each; two queries."""
    at, ticks = activation.closed_at or now or clock.now(), latest_ticks(activation)
    rows, found_next = [], False
    for step in activation.version.steps.order_by("position"):
        tick, target = ticks.get(step.pk), activation.started_at + timedelta(minutes=step.target_minutes)
        if tick and tick.kind != StepTick.Kind.UNDONE:
            state = "done" if tick.kind == StepTick.Kind.DONE else "left_out"
        elif at > target:
            state = "overdue"
        else:
            state = "later" if found_next else "next"
            found_next = True
        rows.append(StepRow(step, tick, target, state))
    return rows


# --- materials


@dataclass(frozen=True)
class MaterialRow:
    """What a plan needs and what lies at the site (None: the site does not list it)."""

    needed: PlanMaterial
    stock: Material | None


def materials_at(version_id: int, site_id: int) -> list[MaterialRow]:
    needed = list(PlanMaterial.objects.filter(version=version_id).order_by("pk"))
    stock = {
        m.slug: m for m in Material.objects.filter(site=site_id, slug__in=[n.slug for n in needed], is_active=True)
    }
    return [MaterialRow(n, stock.get(n.slug)) for n in needed]


def materials_of(version_id: int, scope: Scope) -> list[MaterialRow]:
    """What a plan needs, with the stock of each of the viewer's sites (one row with None where there is none)."""
    needed = list(PlanMaterial.objects.filter(version=version_id).order_by("pk"))
    stock = Material.objects.filter(scope.at_sites(), slug__in=[n.slug for n in needed], is_active=True)
    lying: dict[str, list[Material]] = {}
    for material in stock.select_related("site").order_by("site__name"):
        lying.setdefault(material.slug, []).append(material)
    return [MaterialRow(n, material) for n in needed for material in lying.get(n.slug, [None])]


def materials(scope: Scope, *, state: str = "", site_id: int | None = None) -> QuerySet[Material]:
    """The materials of the viewer's sites; `state` low, uncounted, or empty for all."""
    rows = Material.objects.filter(scope.at_sites(), is_active=True).select_related("site")
    if site_id:
        rows = rows.filter(site=site_id)
    if state == "low":
        rows = rows.filter(counted_at__isnull=False, balance__lt=F("least"))
    elif state == "uncounted":
        rows = rows.filter(counted_at=None)
    return rows.order_by("site__name", "slug")
