"""Items that are answered by live figures: what they rest on, and what their failure is about."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Case
from checklists.details import Details
from checklists.errors import NotFresh, Unfit
from checklists.models import Run, Schedule
from checklists.services import Answered, open_due_runs, publish_checklist, submit_run
from duties.models import Duty
from kernel import clock
from orders.models import Coverage, Import
from orders.services.reconciling import reconcile_orders
from people.actor import Actor
from people.models import Employee, Shop
from tests.cast import Cast
from tests.checklists.conftest import make_content, two
from tests.orders.factories import make_finding, make_import, make_order

SignIn = Callable[[Employee], Client]
Give = Callable[..., Answered]


def figure_run(figure: str, **fields: Any) -> Run:
    """A run whose only item is this figure, at most 0; its failure may open a case."""
    item = {"slug": "count", "kind": "figure", "figure": figure, "most": 0, "title": two("数字", "Figure"), **fields}
    publish_checklist(slug="morning", content=make_content(items=[item]), actor=Actor.system("command"))
    open_due_runs(clock.now())
    return Run.objects.loaded().get()


def late(shop: Shop, n: int, hours: int = 2) -> None:
    """An order of the shop whose deadline passes so many hours from now."""
    due = clock.now() + timedelta(hours=hours)
    order = make_order(shop, f"41400000000000{n:05}", ship_by=due)
    make_finding(order, code="due_within_12h", cause="due", waybill="", due_at=due, evidence={})


def failed(cast: Cast, run: Run, answer: Give) -> Case:
    details = Details(note="来不及", with_case=True)
    case = answer(run, "count", cast.mei, "fail", details=details).answer.case
    assert case is not None
    return case


def test_case_of_a_failed_figure_names_the_orders_and_findings_behind_it_and_their_deadline(
    cast: Cast, schedule: Schedule, answer: Give
) -> None:
    for n in range(3):
        late(cast.shop, n, hours=5 - n)
    late(cast.other_shop, 9, hours=1)
    case = failed(cast, figure_run("unshipped_due_12h", case="unshipped"), answer)
    assert [o.number[-1] for o in case.orders.order_by("number")] == ["0", "1", "2"]
    assert case.findings.count() == 3
    assert case.due_at == clock.now() + timedelta(hours=3)
    assert case.note == "检查不通过：“数字”。来不及"  # an item says what should be so, never that it is


def test_case_of_a_long_list_names_the_soonest_and_tells_how_many_there_were(
    cast: Cast, schedule: Schedule, answer: Give
) -> None:
    for n in range(60):
        late(cast.shop, n)
    case = failed(cast, figure_run("unshipped_due_12h", case="unshipped"), answer)
    assert (case.orders.count(), case.figure, case.figure_count) == (50, "unshipped_due_12h", 60)


def test_figure_that_fails_in_two_checks_has_one_case_that_names_both(
    cast: Cast, schedule: Schedule, answer: Give, sign_in: SignIn
) -> None:
    for n in range(3):
        late(cast.shop, n)
    first = figure_run("unshipped_due_12h", case="unshipped")
    second = copy_of(first)
    case = failed(cast, first, answer)
    late(cast.shop, 3)
    assert failed(cast, second, answer) == case
    assert (case.findings.count(), case.orders.count(), Case.objects.count()) == (4, 4, 1)
    page = sign_in(cast.mei).get(reverse("cases:case_detail", args=[case.pk])).content.decode()
    assert all(reverse("checklists:run_detail", args=[run.pk]) in page for run in (first, second))
    item = second.version.items.get()
    for name, query in (("run_work", f"?item={item.pk}"), ("run_detail", "")):
        shown = sign_in(cast.mei).get(reverse(f"checklists:{name}", args=[second.pk]) + query).content.decode()
        assert f'<a href="{reverse("cases:case_detail", args=[case.pk])}">已在异常单 {case.number} 中</a>' in shown


def copy_of(run: Run) -> Run:
    """Another run of the same checklist at the same time, say of another shift."""
    duty = Duty.objects.get(pk=run.duty_id)
    duty.pk, duty.key = None, f"{duty.key}:again"
    duty.save()
    Run.objects.create(
        **{name: getattr(run, name) for name in ("version", "site", "shop", "shift", "day", "opened_at")}, duty=duty
    )
    return Run.objects.loaded().get(duty=duty)


def without_tracking(cast: Cast) -> None:
    """Everything but the tracking of YTO is there, and a parcel of theirs should have been picked up."""
    now = clock.now()
    batch = make_import(cast.shop, kinds=["orders", "labels", "tracking"])
    for side, couriers in (("labels", []), ("tracking", ["sf"])):
        period = {"starts_at": now - timedelta(days=5), "ends_at": now, "is_active": True}
        Coverage.objects.create(batch=batch, shop=cast.shop, side=side, couriers=couriers, **period)
    at = now - timedelta(hours=30)
    order = make_order(cast.shop, status="shipped", shipped_at=at, paid_at=at)
    order.waybills.create(number="YT0000000000001", courier="yto", seen_at=at)
    reconcile_orders(shop_id=cast.shop.pk)


def test_figure_with_orders_that_could_not_be_compared_passes_nothing_and_is_answered_as_not_checked(
    cast: Cast, schedule: Schedule, answer: Give, sign_in: SignIn
) -> None:
    without_tracking(cast)
    run = figure_run("no_pickup_24h")
    with pytest.raises(NotFresh) as refusal:
        answer(run, "count", cast.mei)
    assert "圆通速递的物流轨迹" in str(refusal.value)
    page = sign_in(cast.mei).get(reverse("checklists:run_work", args=[run.pk])).content.decode()
    assert "圆通速递的物流轨迹" in page and 'value="pass"' not in page
    by_hand = answer(run, "count", cast.mei, "unchecked", details=Details(reason="缺圆通速递的物流轨迹")).answer
    assert by_hand.data["figure"]["value"] == 0
    assert by_hand.data["missing"] == [{"side": "tracking", "courier": "yto", "shop": "", "orders": 1}]
    submit_run(run=run, actor=Actor.of(cast.mei))
    record = sign_in(cast.wang).get(reverse("checklists:run_detail", args=[run.pk])).content.decode()
    assert "未核对" in record and "缺圆通速递的物流轨迹" in record


def test_figure_above_its_limit_is_a_problem_whatever_is_still_missing(
    cast: Cast, schedule: Schedule, answer: Give, sign_in: SignIn
) -> None:
    without_tracking(cast)
    make_finding(make_order(cast.shop, "4140000000000000077"), code="no_pickup_24h", cause="courier")
    run = figure_run("no_pickup_24h")
    for value in ("pass", "unchecked"):
        with pytest.raises(NotFresh):
            answer(run, "count", cast.mei, value, details=Details(reason="缺圆通速递的物流轨迹"))
    page = sign_in(cast.mei).get(reverse("checklists:run_work", args=[run.pk])).content.decode()
    assert "圆通速递的物流轨迹" in page and 'value="unchecked"' not in page and "无法核对" not in page
    made = answer(run, "count", cast.mei, "fail", details=Details(note="在找")).answer
    assert (made.data["figure"]["value"], made.missing) == (1, "圆通速递的物流轨迹")


def test_figure_above_its_limit_is_not_done_away_with_as_not_applicable(
    cast: Cast, schedule: Schedule, answer: Give, sign_in: SignIn, morning: Any
) -> None:
    run, given, no_time = figure_run("unshipped_due_12h"), clock.now(), Details(reason="没空")
    page = reverse("checklists:run_work", args=[run.pk])
    make_import(cast.shop, kinds=["orders"])
    assert 'value="na"' in sign_in(cast.mei).get(page).content.decode()
    late(cast.shop, 1)
    assert 'value="na"' not in sign_in(cast.mei).get(page).content.decode()
    with pytest.raises(NotFresh) as refusal:
        answer(run, "count", cast.mei, "na", details=no_time)
    assert str(refusal.value) == "实时数字是 1：请选“异常”并写明怎么处理。"
    morning.shift(timedelta(minutes=10))
    offline = answer(run, "count", cast.mei, "na", details=no_time, answered_at=given).answer
    assert offline.held == "figure"


def test_figure_that_is_whole_is_not_answered_as_not_checked(
    cast: Cast, schedule: Schedule, answer: Give, morning: Any
) -> None:
    make_import(cast.shop, kinds=["orders"])
    run, given = figure_run("unshipped_overdue"), clock.now()
    with pytest.raises(NotFresh):
        answer(run, "count", cast.mei, "unchecked", details=Details(note="没看"))
    morning.shift(timedelta(minutes=10))
    offline = answer(run, "count", cast.mei, "unchecked", details=Details(note="没网"), answered_at=given).answer
    assert (offline.held, offline.data["figure"]["value"]) == ("", 0)


def test_end_of_a_run_says_what_could_not_be_checked(
    cast: Cast, schedule: Schedule, answer: Give, sign_in: SignIn
) -> None:
    without_tracking(cast)
    run = figure_run("no_pickup_24h")
    answer(run, "count", cast.mei, "unchecked", details=Details(reason="缺圆通速递的物流轨迹"))
    page = sign_in(cast.mei).get(reverse("checklists:run_work", args=[run.pk]) + "?item=end").content.decode()
    assert "1 项无法核对" in page and "没有发现异常" not in page


def test_figure_passes_no_item_while_newer_files_are_being_compared(
    cast: Cast, schedule: Schedule, answer: Give
) -> None:
    make_import(cast.shop, kinds=["orders"])
    run = figure_run("unshipped_overdue")
    make_import(cast.shop, kinds=["orders"], compared_at=None)
    with pytest.raises(NotFresh):
        answer(run, "count", cast.mei)
    Import.objects.update(compared_at=clock.now())
    assert answer(run, "count", cast.mei).answer.counts


def test_item_answered_offline_is_held_where_a_side_lacks(
    cast: Cast, schedule: Schedule, answer: Give, morning: Any
) -> None:
    without_tracking(cast)
    run, given = figure_run("no_pickup_24h"), clock.now()
    morning.shift(timedelta(minutes=10))
    made = answer(run, "count", cast.mei, answered_at=given).answer
    assert (made.held, made.missing) == ("figure", "圆通速递的物流轨迹")


def test_not_applicable_needs_a_reason_even_on_a_figure(cast: Cast, schedule: Schedule, answer: Give) -> None:
    make_import(cast.shop, kinds=["orders"])
    run = figure_run("unshipped_overdue")
    with pytest.raises(Unfit):
        answer(run, "count", cast.mei, "na", details=Details())
    made = answer(run, "count", cast.mei, "na", details=Details(note="今天不发货")).answer
    assert made.data["figure"]["value"] == 0
