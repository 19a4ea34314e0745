"""The three-way match finds every planted fault of the samples, says who caused it, and raises no other."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from orders.models import Finding
from orders.selectors import FIGURES, figure, sample_numbers
from orders.services.reconciling import recheck_orders, reconcile_orders
from tests.cast import Cast
from tests.orders.factories import SAMPLED_AT, SHANYE, YUNQI, imported, make_order, samples, truth


def planted(folder: str) -> set[tuple[str, str]]:
    rows = truth(folder)
    return {(r["order"], r["fault"]) for r in rows if not r["fault"].startswith(("control", "row_error"))}


@pytest.mark.parametrize(("folder", "names"), [("shanye-csv", SHANYE), ("yunqi-xlsx", YUNQI)])
def test_found_is_what_was_planted_and_nothing_else(cast: Cast, folder: str, names: tuple[str, ...]) -> None:
    with time_machine.travel(SAMPLED_AT, tick=False):
        imported(cast.shop, *samples(folder, names))
        reconcile_orders(shop_id=cast.shop.pk)
    found = set(Finding.objects.values_list("order__number", "code"))
    assert found == planted(folder)


def test_causes_of_the_sample_are_told(cast: Cast) -> None:
    with time_machine.travel(SAMPLED_AT, tick=False):
        imported(cast.shop, *samples("shanye-csv", SHANYE))
        reconcile_orders(shop_id=cast.shop.pk)
    causes = {
        (r["order"], r["fault"]): r["cause"]
        for r in truth("shanye-csv")
        if (r["order"], r["fault"]) in planted("shanye-csv")
    }
    told = {(f.order.number, f.code): f.cause for f in Finding.objects.select_related("order")}
    assert told == causes


def test_comparing_twice_makes_no_second_finding(cast: Cast) -> None:
    with time_machine.travel(SAMPLED_AT, tick=False):
        imported(cast.shop, *samples("yunqi-xlsx", YUNQI))
        reconcile_orders(shop_id=cast.shop.pk)
        before = set(Finding.objects.values_list("id", "state"))
        reconcile_orders(shop_id=cast.shop.pk)
    assert set(Finding.objects.values_list("id", "state")) == before


def test_order_becomes_due_and_late_as_the_clock_moves(cast: Cast) -> None:
    with time_machine.travel(SAMPLED_AT, tick=False) as clock:
        order = make_order(cast.shop, ship_by=SAMPLED_AT + timedelta(hours=13))
        reconcile_orders(shop_id=cast.shop.pk)
        assert not Finding.objects.exists()
        clock.shift(timedelta(hours=2))
        recheck_orders(SAMPLED_AT + timedelta(hours=2))
        assert [f.code for f in Finding.objects.standing()] == ["due_within_12h"]
        clock.shift(timedelta(hours=12))
        recheck_orders(SAMPLED_AT + timedelta(hours=14))
        assert [f.code for f in Finding.objects.standing()] == ["late_unshipped"]
        order.status = "shipped"
        order.save()
        reconcile_orders(shop_id=cast.shop.pk)
        assert not Finding.objects.standing().exists()


def test_figures_count_what_the_board_shows_and_say_as_of_when(cast: Cast) -> None:
    with time_machine.travel(SAMPLED_AT, tick=False):
        imported(cast.shop, *samples("shanye-csv", SHANYE))
        reconcile_orders(shop_id=cast.shop.pk)
        late = figure("unshipped_overdue", shop_ids=[cast.shop.pk], at=SAMPLED_AT)
    assert late.value == sum(fault == "late_unshipped" for _order, fault in planted("shanye-csv"))
    assert late.as_of is not None and not late.is_stale


def test_figure_without_any_import_has_no_value(cast: Cast) -> None:
    assert [figure(key, shop_ids=[cast.shop.pk], at=SAMPLED_AT).value for key in FIGURES] == [None] * len(FIGURES)


def test_figure_older_than_four_hours_is_stale(cast: Cast) -> None:
    with time_machine.travel(SAMPLED_AT, tick=False):
        imported(cast.shop, *samples("yunqi-xlsx", YUNQI))
    assert figure("findings_open", shop_ids=[cast.shop.pk], at=SAMPLED_AT + timedelta(hours=5)).is_stale


def test_samples_are_the_same_for_the_same_seed(cast: Cast) -> None:
    with time_machine.travel(SAMPLED_AT, tick=False):
        imported(cast.shop, *samples("yunqi-xlsx", YUNQI))
        options: dict[str, Any] = {"at": SAMPLED_AT, "seed": "run:1", "count": 3}
        one, other = (sample_numbers(shop_ids=[cast.shop.pk], **options) for _ in range(2))
    assert one == other and len(one) == 3
    assert sample_numbers(shop_ids=[cast.other_shop.pk], **options) == []
