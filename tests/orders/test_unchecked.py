"""Not checked (未核对): absence is evidence only where a side speaks, and a figure is as of what was compared."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from kernel import clock
from orders.models import Coverage, Finding, Import, Order, TrackingEvent
from orders.selectors import Figure, figure
from orders.services import confirm_import, create_import, run_import
from orders.services.reconciling import recheck_orders, reconcile_orders, reconcile_touched
from people.actor import Actor
from people.models import Employee, Shop
from records.models import Fact
from tests.cast import Cast
from tests.orders.factories import (
    SAMPLED_AT,
    SHANYE,
    imported,
    make_import,
    make_label,
    make_order,
    order_row,
    report,
    samples,
    upload,
)

SignIn = Callable[[Employee], Client]
HOUR = timedelta(hours=1)


@pytest.fixture
def morning() -> Any:
    with time_machine.travel(SAMPLED_AT, tick=False) as traveller:
        yield traveller


def speaks(shop: Shop, side: str, couriers: list[str], hours: int = 96) -> Coverage:
    """Files that speak for so many hours until now."""
    now = clock.now()
    batch = make_import(shop, kinds=[side])
    period = {"starts_at": now - hours * HOUR, "ends_at": now, "is_active": True}
    return Coverage.objects.create(batch=batch, shop=shop, side=side, couriers=couriers, **period)


def shipped(shop: Shop, n: int, courier: str, hours: int = 30, **fields: Any) -> Order:
    """Uploaded so many hours ago; nothing is recorded of its parcel."""
    at = clock.now() - hours * HOUR
    values = {"status": "shipped", "shipped_at": at, "paid_at": at - HOUR, **fields}
    order = make_order(shop, f"41400000000000{n:05}", **values)
    order.waybills.create(number=f"{courier[:2].upper()}{n:013}", courier=courier, seen_at=at)
    return order


def no_pickup(shop: Shop) -> Figure:
    reconcile_orders(shop_id=shop.pk)
    return figure("no_pickup_24h", shop_ids=[shop.pk], at=clock.now())


# --- as of what was compared


def overdue() -> str:
    late = "2026-11-22 08:00:00"
    row = order_row("4140000000000000001", 订单付款时间="2026-11-20 08:00:00", 应发货时间=late)
    return report(row, order_row("4140000000000000002", 订单创建时间="2026-11-23 08:20:00"))


def test_figure_of_an_import_that_is_not_compared_yet_is_told_as_such_and_carries_nothing(
    cast: Cast, morning: Any
) -> None:
    batch = imported(cast.shop, upload(overdue()))
    late = figure("unshipped_overdue", shop_ids=[cast.shop.pk], at=SAMPLED_AT)
    assert (late.value, late.as_of, late.is_comparing, late.carries) == (None, None, True, False)
    reconcile_touched(batch=batch)
    late = figure("unshipped_overdue", shop_ids=[cast.shop.pk], at=SAMPLED_AT)
    assert (late.value, late.as_of is not None, late.is_comparing, late.carries) == (1, True, False, True)


@pytest.mark.parametrize("state", ["waiting", "running", "done"])
def test_figure_stays_as_of_what_was_compared_while_newer_files_are_brought(
    cast: Cast, morning: Any, state: str
) -> None:
    compared = make_import(cast.shop, kinds=["orders"], as_of=SAMPLED_AT - HOUR)
    make_import(cast.shop, state, kinds=["orders"], compared_at=None)
    late = figure("unshipped_overdue", shop_ids=[cast.shop.pk], at=SAMPLED_AT)
    assert (late.as_of, late.is_comparing, late.carries) == (compared.as_of, True, False)
    assert figure("unshipped_overdue", shop_ids=[cast.other_shop.pk], at=SAMPLED_AT).is_comparing is False


def test_preview_and_cancelled_import_hold_up_no_figure(cast: Cast, morning: Any) -> None:
    make_import(cast.shop, kinds=["orders"])
    for state in ("preview", "cancelled", "failed"):
        make_import(cast.shop, state, kinds=["orders"])
    assert figure("unshipped_overdue", shop_ids=[cast.shop.pk], at=SAMPLED_AT).carries


def test_figure_carries_nothing_while_the_clock_stands_still(cast: Cast, morning: Any) -> None:
    make_import(cast.shop, kinds=["orders"])
    make_order(cast.shop, ship_by=SAMPLED_AT + 20 * HOUR)
    reconcile_orders(shop_id=cast.shop.pk)
    assert figure("unshipped_due_12h", shop_ids=[cast.shop.pk], at=clock.now()).carries
    morning.shift(9 * HOUR)
    make_import(cast.shop, kinds=["orders"])
    stands = figure("unshipped_due_12h", shop_ids=[cast.shop.pk], at=clock.now())
    assert (stands.value, stands.is_comparing, stands.carries) == (0, True, False)
    recheck_orders(clock.now())
    assert figure("unshipped_due_12h", shop_ids=[cast.shop.pk], at=clock.now()).value == 1


def test_reaction_to_an_import_marks_it_compared_and_every_page_says_as_of_what_was_compared(
    cast: Cast, morning: Any, sign_in: SignIn
) -> None:
    batch = create_import(shop=cast.shop, uploads=[upload(overdue())], actor=Actor.of(cast.li), client_id=uuid.uuid4())
    confirm_import(batch=batch, actor=Actor.system("command"))
    run_import(import_id=batch.pk)
    batch.refresh_from_db()
    li = sign_in(cast.li)
    pages = [reverse("orders:board"), reverse("orders:figure_list"), reverse("orders:import_detail", args=[batch.pk])]
    assert "核对" in li.get(pages[0]).content.decode() and li.get(pages[0]).context["covered"].as_of is None
    assert all(f.is_comparing for f in li.get(pages[1]).context["figures"])
    assert li.get(pages[2]).context["progress"].is_compared is False
    assert li.get(reverse("orders:import_list")).context["as_of"] == []
    reconcile_touched(batch=Import.objects.get(pk=Fact.objects.get(kind="import.finished").subject_id))
    batch.refresh_from_db()
    assert batch.compared_at is not None
    assert li.get(pages[0]).context["covered"].as_of == batch.as_of
    assert li.get(pages[2]).context["progress"].is_compared is True
    assert li.get(reverse("orders:import_list")).context["as_of"] == [(cast.shop.name, cast.site.zone, batch.as_of)]


# --- coverage


def test_board_of_several_shops_is_as_old_as_the_oldest_of_their_data(cast: Cast, sign_in: SignIn) -> None:
    second = Shop.objects.create(name="新店", site=cast.site, platform=cast.shop.platform)
    old, new = clock.now() - timedelta(hours=9), clock.now()
    make_import(cast.shop, as_of=old - timedelta(days=1))
    make_import(cast.shop, as_of=old)
    make_import(second, as_of=new)
    seen = sign_in(cast.li)
    assert seen.get("/orders/board/").context["covered"].as_of == old
    assert seen.get(f"/orders/board/?shop={second.pk}").context["covered"].as_of == new


def test_share_that_is_covered_is_that_of_the_chosen_shop(cast: Cast, sign_in: SignIn) -> None:
    at = clock.now() - timedelta(hours=3)
    order = make_order(cast.shop, status="shipped", shipped_at=at, paid_at=at)
    order.waybills.create(number="YT0000000000001", courier="yto", seen_at=at)
    second = Shop.objects.create(name="新店", site=cast.site, platform=cast.shop.platform)
    seen = sign_in(cast.li)
    assert seen.get("/orders/board/").context["covered"].labels == 0
    assert seen.get(f"/orders/board/?shop={second.pk}").context["covered"].labels is None


def test_no_pickup_of_a_courier_whose_tracking_lacks_is_not_checked_and_named(cast: Cast, morning: Any) -> None:
    make_import(cast.shop, kinds=["orders"])
    speaks(cast.shop, "labels", [])
    speaks(cast.shop, "tracking", ["sf"])
    shipped(cast.shop, 1, "sf"), shipped(cast.shop, 2, "yto"), shipped(cast.shop, 3, "yto", hours=10)
    found = no_pickup(cast.shop)
    assert (found.value, found.uncovered, found.carries) == (1, 1, False)
    assert [part.side.words for part in found.missing] == ["圆通速递的物流轨迹"]
    assert "圆通" in found.coverage_note
    speaks(cast.shop, "tracking", ["yto"])
    found = no_pickup(cast.shop)
    assert (found.value, found.uncovered, found.missing) == (2, 0, ())


def test_figures_of_deadlines_rest_on_the_order_report_alone(cast: Cast, morning: Any) -> None:
    make_import(cast.shop, kinds=["orders"])
    shipped(cast.shop, 1, "yto")
    reconcile_orders(shop_id=cast.shop.pk)
    for key in ("unshipped_overdue", "unshipped_due_12h", "refund_hold"):
        assert figure(key, shop_ids=[cast.shop.pk], at=clock.now()).carries
    found = figure("findings_open", shop_ids=[cast.shop.pk], at=clock.now())
    assert (found.carries, [part.side.kind for part in found.missing]) == (False, ["labels", "tracking"])


def test_mismatch_needs_the_label_log(cast: Cast, morning: Any) -> None:
    order = shipped(cast.shop, 1, "yto", hours=5)
    reconcile_orders(shop_id=cast.shop.pk)
    order.refresh_from_db()
    assert [(gap.question, gap.side.kind) for gap in order.gaps] == [("match", "labels")]
    speaks(cast.shop, "labels", [])
    reconcile_orders(shop_id=cast.shop.pk)
    order.refresh_from_db()
    assert order.gaps == []


def test_order_with_its_label_needs_no_log_beyond_it(cast: Cast, morning: Any) -> None:
    order = shipped(cast.shop, 1, "yto", hours=5)
    make_label(order, "YT0000000000001", courier="yto", printed_at=clock.now() - 6 * HOUR)
    reconcile_orders(shop_id=cast.shop.pk)
    order.refresh_from_db()
    assert order.unchecked == ""


@pytest.mark.parametrize(("side", "question"), [("labels", "match"), ("tracking", "pickup"), ("tracking", "sync")])
def test_order_is_compared_again_once_the_side_that_lacked_speaks(
    cast: Cast, morning: Any, side: str, question: str
) -> None:
    if question == "sync":
        order = make_order(cast.shop, paid_at=clock.now() - 8 * HOUR)
        make_label(order, "YT0000000000001", courier="yto", printed_at=clock.now() - 6 * HOUR)
    else:
        order = shipped(cast.shop, 1, "yto")
    reconcile_orders(shop_id=cast.shop.pk)
    order.refresh_from_db()
    assert question in {gap.question for gap in order.gaps}
    reconcile_touched(batch=speaks(cast.shop, side, []).batch)
    order.refresh_from_db()
    assert question not in {gap.question for gap in order.gaps}


def test_import_whose_comparing_failed_is_made_up_for_by_the_next(cast: Cast, morning: Any) -> None:
    failed = make_import(cast.shop, kinds=["orders"], compared_at=None)
    reconcile_touched(batch=make_import(cast.shop, kinds=["orders"], compared_at=None))
    failed.refresh_from_db()
    assert failed.compared_at is not None


def test_stalled_parcel_is_not_checked_where_tracking_ends_too_early(cast: Cast, morning: Any) -> None:
    speaks(cast.shop, "labels", [], hours=400)
    order = shipped(cast.shop, 1, "yto", hours=120)
    at = clock.now() - 110 * HOUR
    TrackingEvent.objects.create(shop=cast.shop, number="YT0000000000001", courier="yto", at=at, status="IN_TRANSIT")
    reconcile_orders(shop_id=cast.shop.pk)
    order.refresh_from_db()
    assert [(gap.question, gap.side.courier) for gap in order.gaps] == [("moving", "yto")]


def test_parcel_that_the_courier_may_have_is_not_checked_without_that_couriers_tracking(
    cast: Cast, morning: Any
) -> None:
    order = make_order(cast.shop, paid_at=clock.now() - 8 * HOUR)
    make_label(order, "YT0000000000001", courier="yto", printed_at=clock.now() - 6 * HOUR)
    reconcile_orders(shop_id=cast.shop.pk)
    order.refresh_from_db()
    assert [(gap.question, gap.side.courier) for gap in order.gaps] == [("sync", "yto")]


@pytest.mark.parametrize("fields", [{"status": "done"}, {"status": "closed"}, {"hours": 11 * 24}])
def test_order_that_is_over_is_asked_nothing(cast: Cast, morning: Any, fields: dict[str, Any]) -> None:
    order = shipped(cast.shop, 1, "yto", **fields)
    reconcile_orders(shop_id=cast.shop.pk)
    order.refresh_from_db()
    assert order.unchecked == ""


def test_order_is_asked_no_more_once_its_time_is_over(cast: Cast, morning: Any) -> None:
    order = shipped(cast.shop, 1, "yto")
    reconcile_orders(shop_id=cast.shop.pk)
    order.refresh_from_db()
    assert order.unchecked
    for _ in range(2):
        morning.shift(timedelta(days=6))
        recheck_orders(clock.now())
    order.refresh_from_db()
    assert order.unchecked == ""


def test_figure_over_several_shops_names_the_shop_whose_order_report_lacks(cast: Cast, morning: Any) -> None:
    make_import(cast.shop, kinds=["orders"])
    found = figure("unshipped_overdue", shop_ids=[cast.shop.pk, cast.other_shop.pk], at=clock.now())
    assert (found.value, found.carries) == (0, False)
    assert [part.side.shop for part in found.missing] == [cast.other_shop.name]


def test_what_is_not_checked_stands_on_the_order_the_alert_the_board_and_the_figure(
    cast: Cast, morning: Any, sign_in: SignIn
) -> None:
    make_import(cast.shop, kinds=["orders"])
    speaks(cast.shop, "tracking", ["sf"])
    order = shipped(cast.shop, 1, "yto", refund="requested")
    reconcile_orders(shop_id=cast.shop.pk)
    mei, figures = sign_in(cast.mei), reverse("orders:figure_rows", args=["no_pickup_24h"])
    pages = [reverse("orders:order_detail", args=[order.pk]), reverse("orders:board") + "?tab=pickup", figures]
    pages += [reverse("orders:unchecked_list"), reverse("orders:figure_list")]
    for page in pages:
        assert "未核对" in mei.get(page).content.decode(), page
    for page in pages[:4]:
        assert "圆通速递的物流轨迹" in mei.get(page).content.decode(), page
    assert order.number not in sign_in(cast.chen).get(reverse("orders:unchecked_list")).content.decode()


def test_samples_speak_for_themselves(cast: Cast, morning: Any) -> None:
    """In the sample each side speaks; what it leaves open is told, and nothing of it is taken for fine."""
    batch = imported(cast.shop, *samples("shanye-csv", SHANYE))
    reconcile_touched(batch=batch)
    with_findings = set(Finding.objects.standing().filter(code="no_pickup_24h").values_list("order", flat=True))
    asked = Order.objects.filter(unchecked__contains=",pickup:")
    assert with_findings and not asked.filter(pk__in=with_findings).exists()


def test_list_of_what_is_not_checked_costs_the_same_for_3_and_30(
    cast: Cast, sign_in: SignIn, statements_of: Callable[..., int]
) -> None:
    numbers = iter(range(1000))

    def add_row(_n: int) -> None:
        shipped(cast.shop, next(numbers), "yto", unchecked=",match:labels:,pickup:tracking:yto,")

    assert statements_of(sign_in(cast.mei), reverse("orders:unchecked_list"), add_row) <= 9


def test_moments_of_files_are_kept_apart_by_shop(cast: Cast, morning: Any) -> None:
    def as_of(shop: Shop) -> datetime | None:
        return figure("unshipped_overdue", shop_ids=[shop.pk], at=clock.now()).as_of

    batch = make_import(cast.shop, kinds=["orders"], as_of=SAMPLED_AT - 2 * HOUR)
    batch.shops.add(cast.other_shop)
    make_import(cast.other_shop, kinds=["orders"], as_of=SAMPLED_AT - HOUR)
    assert (as_of(cast.shop), as_of(cast.other_shop)) == (SAMPLED_AT - 2 * HOUR, SAMPLED_AT - HOUR)
