"""Plans, activations, drills, materials: what they refuse, what a repeat does, and two at once."""

import uuid
from datetime import timedelta

import pytest

from contingency import services
from contingency.models import Activation, Drill, Material, Plan, PlanVersion, StepTick, StockMovement
from contingency.selectors import step_rows
from duties.models import Duty
from kernel import clock
from kernel.errors import Conflict, NotAllowed, Refused
from notifications.models import Notice
from people.actor import Actor
from records.models import Fact, LedgerEntry
from records.selectors import verify_chain
from tests.cast import Cast, make_cast
from tests.threads import at_once

from .factories import content, make_activation, make_plan, the_printer

# --- publishing


def test_same_content_publishes_no_new_version(cast: Cast) -> None:
    first = services.publish_plan(slug="p", content=content(), actor=Actor.system("command"))
    assert services.publish_plan(slug="p", content=content(), actor=Actor.system("command")) == first
    assert PlanVersion.objects.count() == 1 and LedgerEntry.objects.filter(kind="plan.published").count() == 1


def test_other_content_publishes_a_version_and_leaves_the_first_alone(cast: Cast) -> None:
    first = services.publish_plan(slug="p", content=content(), actor=Actor.system("command"))
    second = services.publish_plan(slug="p", content=content(title={"zh": "打印机坏了"}), actor=Actor.system("command"))
    assert (second.number, second.plan.current) == (2, second)
    assert PlanVersion.objects.get(pk=first.pk).title["zh"] == "打印机故障"
    assert first.steps.count() == 2


def test_plan_without_steps_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused):
        services.publish_plan(slug="p", content=content(steps=[]), actor=Actor.system("command"))
    assert not Plan.objects.exists()


def test_materials_are_listed_once_per_site_and_keep_their_stock(cast: Cast) -> None:
    version = services.publish_plan(slug="p", content=content(), actor=Actor.system("command"))
    assert (
        services.add_materials(version=version, sites=[cast.site, cast.other_site], actor=Actor.system("command")) == 2
    )
    Material.objects.filter(site=cast.site).update(least=5)
    assert (
        services.add_materials(version=version, sites=[cast.site, cast.other_site], actor=Actor.system("command")) == 0
    )
    assert Material.objects.get(site=cast.site).least == 5


# --- activating


def test_activation_tells_leads_and_managers_seals_and_records_a_fact(cast: Cast) -> None:
    activation = make_activation(cast)
    assert set(Notice.objects.values_list("recipient", flat=True)) == {cast.wang.pk, cast.li.pk}
    assert Fact.objects.get().kind == "plan.activated"
    assert LedgerEntry.objects.get(kind="plan.activated").chain_id == f"site:{cast.site.pk}"
    assert activation.version == activation.plan.current


@pytest.mark.parametrize("who", ["mei", "zhao", "chen"])
def test_only_a_lead_of_the_site_activates(cast: Cast, who: str) -> None:
    person = getattr(cast, who)
    with pytest.raises(NotAllowed):
        make_activation(cast, actor=Actor.of(person))
    assert not Activation.objects.exists()


def test_real_activation_needs_a_reason(cast: Cast) -> None:
    with pytest.raises(Refused):
        make_activation(cast, reason="  ")


def test_same_tap_twice_is_one_activation(cast: Cast) -> None:
    plan, key = make_plan([cast.site]), uuid.uuid4()
    assert make_activation(cast, plan, client_id=key) == make_activation(cast, plan, client_id=key)
    with pytest.raises(Conflict):
        make_activation(cast, plan, client_id=key, is_drill=True)


def test_running_plan_is_not_started_again_but_a_drill_does_not_block_it(cast: Cast) -> None:
    plan = make_plan([cast.site])
    make_activation(cast, plan, is_drill=True)
    make_activation(cast, plan)
    with pytest.raises(Conflict):
        make_activation(cast, plan)


def test_plan_of_another_site_is_not_started_here(cast: Cast) -> None:
    services.publish_plan(slug="theirs", content=content(), owner_site=cast.other_site, actor=Actor.system("command"))
    with pytest.raises(Refused):
        make_activation(cast, Plan.objects.get(slug="theirs"))


# --- steps


def tick(cast: Cast, activation: Activation, position: int, key: uuid.UUID | None = None) -> StepTick:
    step = activation.version.steps.get(position=position)
    return services.tick_step(activation=activation, step=step, actor=Actor.of(cast.mei), client_id=key or uuid.uuid4())


def test_double_tap_ticks_once(cast: Cast) -> None:
    activation, key = make_activation(cast), uuid.uuid4()
    assert tick(cast, activation, 1, key) == tick(cast, activation, 1, key) == tick(cast, activation, 1)
    with pytest.raises(Conflict):
        tick(cast, activation, 2, key)
    assert StepTick.objects.count() == 1


def test_taken_back_tick_stays_readable(cast: Cast) -> None:
    activation = make_activation(cast)
    step = tick(cast, activation, 1).step
    services.untick_step(activation=activation, step=step, actor=Actor.of(cast.mei), client_id=uuid.uuid4())
    assert [t.kind for t in StepTick.objects.order_by("id")] == ["done", "undone"]
    assert [r.state for r in step_rows(activation)] == ["next", "later"]


def test_step_past_its_minutes_is_overdue(cast: Cast) -> None:
    activation = make_activation(cast)
    rows = step_rows(activation, activation.started_at + timedelta(minutes=5))
    assert [r.state for r in rows] == ["overdue", "next"]


def test_auditor_ticks_nothing(cast: Cast) -> None:
    activation = make_activation(cast)
    with pytest.raises(NotAllowed):
        services.tick_step(
            activation=activation,
            step=activation.version.steps.first(),
            actor=Actor.of(cast.zhao),
            client_id=uuid.uuid4(),
        )


# --- closing


def close(cast: Cast, activation: Activation, **fields: object) -> Activation:
    words = {"actor": Actor.of(cast.wang), "review": "备用机放太远"}
    return services.close_activation(activation=activation, **{**words, **fields})


def test_step_left_out_needs_a_word(cast: Cast) -> None:
    activation = make_activation(cast)
    tick(cast, activation, 1)
    left = activation.version.steps.get(position=2)
    with pytest.raises(services.activations.StepsLeft):
        close(cast, activation)
    closed = close(cast, activation, reasons={left.pk: "not needed, it works again"})
    assert closed.closed_by == cast.wang
    assert StepTick.objects.get(kind="left_out").note == "not needed, it works again"
    assert verify_chain(f"site:{cast.site.pk}").is_sound


def test_closing_needs_a_review_and_a_lead(cast: Cast) -> None:
    activation = make_activation(cast)
    with pytest.raises(Refused):
        close(cast, activation, review=" ")
    with pytest.raises(NotAllowed):
        close(cast, activation, actor=Actor.of(cast.mei))


def test_closed_activation_rejects_ticks_and_repeats_quietly(cast: Cast) -> None:
    activation = make_activation(cast)
    tick(cast, activation, 1), tick(cast, activation, 2)
    close(cast, activation), close(cast, activation)
    assert LedgerEntry.objects.filter(kind="plan.closed").count() == 1
    with pytest.raises(Refused):
        tick(cast, activation, 1)


# --- drills


def plan_drill(cast: Cast, plan: Plan, **fields: object) -> Drill:
    words = {
        "site": cast.site,
        "lead": cast.wang,
        "due_at": clock.now() + timedelta(days=7),
        "actor": Actor.of(cast.li),
    }
    return services.schedule_drill(plan=plan, **{**words, "client_id": uuid.uuid4(), **fields})


def test_planned_drill_is_owed_until_its_activation_is_closed(cast: Cast) -> None:
    plan = make_plan([cast.site])
    drill = plan_drill(cast, plan)
    activation = make_activation(cast, plan, is_drill=True, reason="")
    assert Duty.objects.get().assignee == cast.wang and not Duty.objects.get().is_settled
    tick(cast, activation, 1), tick(cast, activation, 2)
    close(cast, activation)
    drill.refresh_from_db()
    assert drill.activation == activation and drill.duty.completed_at


def test_drill_is_planned_once_per_key(cast: Cast) -> None:
    plan, key, at = make_plan([cast.site]), uuid.uuid4(), clock.now() + timedelta(days=3)
    assert plan_drill(cast, plan, client_id=key, due_at=at) == plan_drill(cast, plan, client_id=key, due_at=at)
    with pytest.raises(Conflict):
        plan_drill(cast, plan, client_id=key, due_at=at + timedelta(days=1))


def test_employee_neither_plans_nor_leads_a_drill(cast: Cast) -> None:
    plan = make_plan([cast.site])
    with pytest.raises(NotAllowed):
        plan_drill(cast, plan, actor=Actor.of(cast.mei))
    with pytest.raises(Refused):
        plan_drill(cast, plan, lead=cast.mei)


# --- materials


def move(cast: Cast, kind: str, quantity: int, key: uuid.UUID | None = None) -> StockMovement:
    return services.move_stock(
        material=the_printer(cast),
        kind=kind,
        quantity=quantity,
        actor=Actor.of(cast.mei),
        client_id=key or uuid.uuid4(),
    )


def test_balance_follows_the_movements(cast: Cast) -> None:
    make_plan([cast.site])
    for kind, quantity, balance in [("counted", 2, 2), ("taken", 1, 1), ("received", 3, 4), ("returned", 1, 5)]:
        assert move(cast, kind, quantity).balance == balance
    assert the_printer(cast).balance == 5
    assert move(cast, "counted", 0).balance == 0


def test_taking_more_than_lies_there_is_refused(cast: Cast) -> None:
    make_plan([cast.site])
    with pytest.raises(services.stock.NotCounted):
        move(cast, "taken", 1)
    move(cast, "counted", 1)
    with pytest.raises(services.stock.NotEnough, match="1"):
        move(cast, "taken", 2)
    assert the_printer(cast).balance == 1


def test_same_movement_twice_moves_once(cast: Cast) -> None:
    make_plan([cast.site])
    move(cast, "counted", 3)
    key = uuid.uuid4()
    assert move(cast, "taken", 1, key) == move(cast, "taken", 1, key)
    with pytest.raises(Conflict):
        move(cast, "taken", 2, key)
    assert the_printer(cast).balance == 2


def test_stranger_moves_nothing(cast: Cast) -> None:
    make_plan([cast.site])
    with pytest.raises(NotAllowed):
        services.take_material(
            material=the_printer(cast), quantity=1, actor=Actor.of(cast.chen), client_id=uuid.uuid4()
        )


# --- two at once


@pytest.mark.django_db(transaction=True)
def test_two_who_take_the_last_spare_at_once_get_one() -> None:
    cast = make_cast()
    make_plan([cast.site])
    move(cast, "counted", 1)
    results = at_once(*[lambda: move(cast, "taken", 1)] * 2)
    assert sum(isinstance(r, StockMovement) for r in results) == 1
    assert sum(isinstance(r, services.stock.NotEnough) for r in results) == 1
    assert the_printer(cast).balance == 0


@pytest.mark.django_db(transaction=True)
def test_two_who_tick_at_once_tick_once() -> None:
    cast = make_cast()
    activation = make_activation(cast)
    at_once(*[lambda: tick(cast, activation, 1)] * 3, lambda: tick(cast, activation, 2))
    assert StepTick.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_activate_at_once_start_one() -> None:
    cast = make_cast()
    plan = make_plan([cast.site])
    results = at_once(*[lambda: make_activation(cast, plan)] * 2)
    assert sum(isinstance(r, Activation) for r in results) == 1
    assert sum(isinstance(r, Conflict) for r in results) == 1
