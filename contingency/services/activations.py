"""Activating a plan, ticking its steps, closing it with a review."""

import uuid
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contingency.models import Activation, Drill, Plan, PlanStep, StepTick
from contingency.selectors import latest_ticks, wardens_of
from contingency.services.publishing import check_usable
from duties.services import complete_duty
from kernel import clock
from kernel.errors import Conflict, Refused
from kernel.presence import present
from notifications.services import send_notice
from people.actor import Actor
from people.models import Role, Site
from people.selectors import at_work
from records.canonical import sha256
from records.services import append_entry, chain_name, record_fact


class AlreadyRunning(Conflict):
    sentence = _("This plan is running here already. Open it and tick its steps there.")


class ActivationClosed(Refused):
    status = 409
    sentence = _("This activation is closed; nothing is changed any more.")


class StepsLeft(Refused):
    sentence = _("Say for each step that was not done why it was left out.")


@transaction.atomic
def activate_plan(
    *,
    plan: Plan,
    site: Site,
    actor: Actor,
    client_id: uuid.UUID,
    reason: str = "",
    is_drill: bool = False,
) -> Activation:
    """Starts a plan's current version at a site, tells its leads and managers; a real one needs a reason.

    Once per client_id; AlreadyRunning while another activation of the plan is open there.
    """
    actor.require(Role.LEAD, site_id=site.pk)
    plan = Plan.objects.select_for_update(of=("self",)).select_related("current", "shop").get(pk=plan.pk)
    known = Activation.objects.filter(client_id=client_id).first()
    if known:
        if (known.plan_id, known.site_id, known.is_drill) != (plan.pk, site.pk, is_drill):
            raise Conflict
        return known
    check_usable(plan, site)
    if not (reason.strip() or is_drill):
        raise Refused(_("Say in a few words what has happened."), field="reason")
    if Activation.objects.filter(plan=plan, site=site, is_drill=is_drill, closed_at=None).exists():
        raise AlreadyRunning
    activation = Activation.objects.create(
        plan=plan,
        version=present(plan.current),
        site=site,
        is_drill=is_drill,
        reason=reason.strip(),
        started_at=clock.now(),
        started_by=actor.person,
        client_id=client_id,
    )
    if is_drill:
        _take_planned_drill(activation)
    _tell_people(activation)
    record_fact(
        kind="plan.activated",
        key=f"plan.activated:{activation.pk}",
        subject=f"activation:{activation.pk}",
        site_id=site.pk,
        payload={"plan": plan.pk, "is_drill": is_drill},
    )
    _seal(activation, "plan.activated", actor)
    return activation


def _take_planned_drill(activation: Activation) -> None:
    """The soonest drill planned for this plan and site is the one being held."""
    waiting = Drill.objects.select_for_update(of=("self",)).filter(
        plan=activation.plan_id, site=activation.site_id, activation=None
    )
    drill = waiting.order_by("due_at").first()
    if drill:
        drill.activation = activation
        drill.save(update_fields=["activation"])


def _tell_people(activation: Activation) -> None:
    """Who answers for the site, and who works there now."""
    concerned = wardens_of(activation.site_id, activation.started_at)
    concerned += at_work(activation.site_id, activation.started_at)
    title = activation.version.title
    zh, en = ("演练开始：", "Drill started: ") if activation.is_drill else ("应急预案已启动：", "Plan activated: ")
    send_notice(
        key=f"activation:{activation.pk}",
        recipients=concerned,
        title={"zh": zh + title.get("zh", ""), "en": en + (title.get("en") or title.get("zh", ""))},
        body={"zh": activation.reason, "en": activation.reason} if activation.reason else None,
        path=f"/plans/activations/{activation.pk}/",
    )


# --- steps


@transaction.atomic
def tick_step(
    *, activation: Activation, step: PlanStep, actor: Actor, client_id: uuid.UUID, note: str = ""
) -> StepTick:
    """Marks a step as done; one that somebody ticked meanwhile stays theirs."""
    tick = _append_tick(activation, step, StepTick.Kind.DONE, actor, client_id, note)
    assert tick is not None  # only taking back a tick that nobody set gives nothing
    return tick


@transaction.atomic
def untick_step(*, activation: Activation, step: PlanStep, actor: Actor, client_id: uuid.UUID) -> StepTick | None:
    """Takes a tick back while the activation runs; nothing is erased."""
    return _append_tick(activation, step, StepTick.Kind.UNDONE, actor, client_id, "")


def _append_tick(
    activation: Activation, step: PlanStep, kind: str, actor: Actor, client_id: uuid.UUID, note: str
) -> StepTick | None:
    row = _lock(activation, actor, Role.EMPLOYEE)
    known = StepTick.objects.filter(client_id=client_id).first()
    if known:
        if (known.activation_id, known.step_id, known.kind) != (row.pk, step.pk, kind):
            raise Conflict
        return known
    if row.closed_at:
        raise ActivationClosed
    if step.version_id != row.version_id:
        raise Refused(_("This step belongs to another version of the plan."))
    latest = latest_ticks(row).get(step.pk)
    if (latest.kind if latest else StepTick.Kind.UNDONE) == kind:
        return latest
    append_entry(
        chain=chain_name(site_id=row.site_id),
        kind="plan.step_done" if kind == StepTick.Kind.DONE else "plan.step_undone",
        actor=actor.ref,
        subject=f"activation:{row.pk}",
        payload=step_payload(step, note),
    )
    return StepTick.objects.create(
        activation=row, step=step, kind=kind, at=clock.now(), by=actor.person, note=note, client_id=client_id
    )


def step_payload(step: PlanStep, note: str) -> dict[str, Any]:
    return {"step": step.pk, "note": sha256(note) if note else ""}


# --- the end


@transaction.atomic
def close_activation(
    *, activation: Activation, actor: Actor, review: str, reasons: dict[int, str] | None = None
) -> Activation:
    """Ends an activation with a review; `reasons` says for each step not done (by its id) why it was left out.

    Repeating it with the same review changes nothing. A planned drill is done with it.
    """
    row = _lock(activation, actor, Role.LEAD)
    if row.closed_at:
        if row.review == review:
            return row
        raise ActivationClosed
    if not review.strip():
        raise Refused(_("Write a word of review: what went well, what to change."), field="review")
    now, done = clock.now(), latest_ticks(row)
    left = [s for s in row.version.steps.all() if s.pk not in done or done[s.pk].kind != StepTick.Kind.DONE]
    words = {pk: word.strip() for pk, word in (reasons or {}).items()}
    if any(not words.get(step.pk) for step in left):
        raise StepsLeft
    StepTick.objects.bulk_create(
        [
            StepTick(activation=row, step=s, kind=StepTick.Kind.LEFT_OUT, at=now, by=actor.person, note=words[s.pk])
            for s in left
        ]
    )
    row.closed_at, row.closed_by, row.review = now, actor.person, review
    row.save(update_fields=["closed_at", "closed_by", "review"])
    drill = Drill.objects.select_related("duty").filter(activation=row).first()
    if drill:
        complete_duty(duty=present(drill.duty), actor=actor, at=now)
    _seal(row, "plan.closed", actor, left_out=len(left))
    return row


def _lock(activation: Activation, actor: Actor, at_least: Role) -> Activation:
    actor.require(at_least, site_id=activation.site_id)
    rows = Activation.objects.select_for_update(of=("self",)).select_related("version")
    return rows.get(pk=activation.pk)


def _seal(activation: Activation, kind: str, actor: Actor, **more: int) -> None:
    append_entry(
        chain=chain_name(site_id=activation.site_id),
        kind=kind,
        actor=actor.ref,
        subject=f"activation:{activation.pk}",
        payload={
            "plan": activation.plan_id,
            "version": activation.version_id,
            "is_drill": activation.is_drill,
            **more,
        },
    )
