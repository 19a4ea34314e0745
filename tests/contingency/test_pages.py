"""The pages of plans, activations and materials: who sees and does what, statement counts."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from contingency import services
from contingency.models import Activation, Drill, StepTick, StockMovement
from duties.models import Duty
from kernel import clock
from people.actor import Actor
from people.models import Employee
from tests.cast import Cast

from .factories import make_activation, make_plan, the_printer

SignIn = Callable[[Employee], Client]


def page(name: str, *args: int) -> str:
    return reverse(f"contingency:{name}", args=args)


def start(client: Client, plan_id: int, **fields: object) -> Any:
    return client.post(page("plan_activate", plan_id), {"client_id": uuid.uuid4(), "as": "real", **fields})


def test_lead_starts_a_plan_from_the_list(cast: Cast, sign_in: SignIn) -> None:
    plan, wang = make_plan([cast.site]), sign_in(cast.wang)
    assert page("plan_activate", plan.pk) in wang.get(page("plan_list")).content.decode()
    assert wang.get(page("plan_activate", plan.pk)).status_code == 200
    response = start(wang, plan.pk, site=cast.site.pk, reason="卡纸")
    assert response.url == page("activation_detail", Activation.objects.get().pk)
    assert "卡纸" in wang.get(response.url).content.decode()


@pytest.mark.parametrize("who", ["mei", "zhao"])
def test_employee_and_auditor_read_plans_but_start_none(cast: Cast, sign_in: SignIn, who: str) -> None:
    plan, client = make_plan([cast.site]), sign_in(getattr(cast, who))
    assert client.get(page("plan_detail", plan.pk)).status_code == 200
    assert page("plan_activate", plan.pk) not in client.get(page("plan_list")).content.decode()
    assert start(client, plan.pk, site=cast.site.pk, reason="x").status_code == 403
    assert client.get(page("drill_new", plan.pk)).status_code == 403


def test_stranger_finds_neither_activation_nor_material_nor_plan_of_the_site(cast: Cast, sign_in: SignIn) -> None:
    activation, chen = make_activation(cast), sign_in(cast.chen)
    services.publish_plan(
        slug="ours",
        content={"title": {"zh": "本仓"}, "steps": [{"title": {"zh": "一"}, "minutes": 1}]},
        owner_site=cast.site,
        actor=Actor.system("command"),
    )
    ours = services.publishing.Plan.objects.get(slug="ours")
    for address in (
        page("activation_detail", activation.pk),
        page("activation_close", activation.pk),
        page("material_detail", the_printer(cast).pk),
        page("plan_detail", ours.pk),
    ):
        assert chen.get(address).status_code == 404
    assert start(chen, activation.plan_id, site=cast.site.pk, reason="x").status_code == 422


def test_anyone_of_the_site_ticks_and_a_fragment_answers_htmx(cast: Cast, sign_in: SignIn) -> None:
    activation, mei = make_activation(cast), sign_in(cast.mei)
    step = activation.version.steps.get(position=1)
    fields = {"client_id": uuid.uuid4(), "is_done": "on"}
    address = page("step_tick", activation.pk, step.pk)
    fragment = mei.post(address, fields, headers={"HX-Request": "true"})
    assert fragment.status_code == 200 and "<html" not in fragment.content.decode()
    assert mei.post(address, fields).url.endswith("#step-1")
    assert StepTick.objects.count() == 1
    mei.post(address, {"client_id": uuid.uuid4()})
    assert StepTick.objects.last().kind == "undone"


def test_auditor_ticks_takes_and_closes_nothing(cast: Cast, sign_in: SignIn) -> None:
    activation, zhao = make_activation(cast), sign_in(cast.zhao)
    step = activation.version.steps.first()
    fields = {"client_id": uuid.uuid4(), "is_done": "on", "material": the_printer(cast).pk, "quantity": 1}
    assert zhao.get(page("activation_detail", activation.pk)).status_code == 200
    assert zhao.post(page("step_tick", activation.pk, step.pk), fields).status_code == 403
    assert zhao.post(page("activation_take", activation.pk), fields).status_code == 403
    assert zhao.post(page("activation_close", activation.pk), {"review": "x"}).status_code == 403
    counted = {"client_id": uuid.uuid4(), "kind": "counted", "quantity": 3}
    assert zhao.post(page("material_detail", the_printer(cast).pk), counted).status_code == 403
    assert not StepTick.objects.exists() and not StockMovement.objects.exists()


def test_spare_is_counted_taken_and_shown(cast: Cast, sign_in: SignIn) -> None:
    activation, mei = make_activation(cast), sign_in(cast.mei)
    material = the_printer(cast)
    counted = {"client_id": uuid.uuid4(), "kind": "counted", "quantity": 1}
    assert mei.post(page("material_detail", material.pk), counted).status_code == 302
    take = {"client_id": uuid.uuid4(), "material": material.pk, "quantity": 1}
    for _ in range(2):
        assert mei.post(page("activation_take", activation.pk), take).status_code == 302
    assert the_printer(cast).balance == 0
    again = mei.post(page("activation_take", activation.pk), {**take, "client_id": uuid.uuid4()})
    assert again.status_code == 409


def test_closing_asks_for_each_step_left(cast: Cast, sign_in: SignIn) -> None:
    activation, wang = make_activation(cast), sign_in(cast.wang)
    address = page("activation_close", activation.pk)
    assert sign_in(cast.mei).get(address).status_code == 403
    assert wang.post(address, {"review": "ok"}).status_code == 422
    first = activation.version.steps.first()
    words = {"reason": "好了", f"reason_{first.pk}": "没必要"}
    assert wang.post(address, {"review": "备用机太远", **words}).status_code == 302
    assert set(StepTick.objects.values_list("note", flat=True)) == {"好了", "没必要"}
    assert "备用机太远" in wang.get(page("activation_detail", activation.pk)).content.decode()


def test_planned_drill_leads_to_its_start_then_to_its_activation(cast: Cast, sign_in: SignIn) -> None:
    plan, wang = make_plan([cast.site]), sign_in(cast.wang)
    at = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    fields = {"client_id": uuid.uuid4(), "site": cast.site.pk, "lead": cast.wang.pk, "due_at": at}
    assert wang.post(page("drill_new", plan.pk), fields).status_code == 302
    drill = Drill.objects.get()
    assert Duty.objects.get().subject_id == drill.pk
    assert wang.get(page("drill_detail", drill.pk)).url.endswith("?as=drill")
    started = start(wang, plan.pk, site=cast.site.pk, **{"as": "drill"})
    assert wang.get(page("drill_detail", drill.pk)).url == started.url


def test_pages_take_the_same_statements_for_3_and_30(
    cast: Cast, sign_in: SignIn, statements: Callable[[], Any]
) -> None:
    client, counts, made = sign_in(cast.wang), [], 0
    first = make_plan([cast.site], slug="first")
    for more in (3, 27):
        for _ in range(more):
            made += 1
            needed = {"slug": f"m{made}", "name": {"zh": "备"}, "unit": {"zh": "个"}, "least": 1}
            plan = make_plan([cast.site], slug=f"p{made}", materials=[needed])
            make_activation(cast, plan)
            activation = make_activation(cast, first, is_drill=True)
            words = {s.pk: "x" for s in activation.version.steps.all()}
            services.close_activation(activation=activation, actor=Actor.of(cast.wang), review="r", reasons=words)
        with statements() as count:
            for name in ("plan_list", "activation_list", "material_list"):
                client.get(page(name))
            client.get(page("plan_detail", first.pk))
            client.get(page("activation_detail", activation.pk))
            counts.append(count())
    assert counts[0] == counts[1]


def test_notice_of_an_activation_opens_it(cast: Cast, sign_in: SignIn) -> None:
    activation = make_activation(cast)
    path = cast.wang.notices.get().path
    assert path == page("activation_detail", activation.pk)
