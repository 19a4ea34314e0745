"""Drawn parcels: from the house, looked at by the run itself, never taken back."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from checklists.details import Details
from checklists.errors import NotFresh, RunClosed, Unfit
from checklists.live import sample_of
from checklists.models import Item, Run, RunSample, SampleScan, Schedule
from checklists.services import Answered, draw_sample, open_due_runs, publish_checklist, submit_run, verify_sample
from kernel import clock
from orders.models import Order, TrackingEvent, Verification
from orders.selectors import numbers_in_house
from orders.services import Scan, verify_parcel
from people.actor import Actor
from people.models import Employee
from tests.cast import Cast
from tests.checklists.conftest import make_content, two
from tests.orders.factories import make_finding, make_label, make_order

Give = Callable[..., Answered]
SignIn = Callable[[Employee], Client]


def parcel(cast: Cast, n: int, **fields: Any) -> Order:
    """An order whose label was printed just now and that lies on the bench."""
    order = make_order(cast.shop, f"41400000000000{n:05}", **fields)
    make_label(order, number(n))
    return order


def number(n: int) -> str:
    return f"SF12345678900{n:02}"


@pytest.fixture
def item(schedule: Schedule) -> Item:
    """Two parcels to verify, of a checklist that is not opened yet."""
    sample = {"slug": "sample", "kind": "sample", "sample": 2, "title": two("抽 2 件", "Verify two")}
    version = publish_checklist(slug="morning", content=make_content(items=[sample]), actor=Actor.system("command"))
    return version.items.get()


def opened(cast: Cast, item: Item) -> Run:
    open_due_runs(clock.now())
    return Run.objects.loaded().get()


def look(cast: Cast, run: Run, item: Item, scanned: str, by: Employee | None = None, **options: Any) -> SampleScan:
    by = by or cast.mei
    keys = {"client_id": uuid.uuid4(), **options}
    return verify_sample(run=run, item=item, scanned=scanned, actor=Actor.of(by), **keys)


def test_parcel_that_the_bench_passed_before_passes_in_the_sample(cast: Cast, item: Item, answer: Give) -> None:
    parcel(cast, 1), parcel(cast, 2)
    scan = Scan(number(1), cast.wang, cast.site.pk, uuid.uuid4(), clock.now())
    assert verify_parcel(scan=scan, shop_ids=[cast.shop.pk], actor=Actor.system("command")).verdict == "passed"
    run = opened(cast, item)
    assert [look(cast, run, item, number(n)).verdict for n in (1, 2)] == ["passed", "passed"]
    assert answer(run, "sample", cast.mei).answer.counts


def test_parcel_scanned_twice_stays_passed_and_leaves_the_bench_alone(cast: Cast, item: Item) -> None:
    parcel(cast, 1), parcel(cast, 2)
    run = opened(cast, item)
    assert {look(cast, run, item, number(1)).verdict for _ in range(3)} == {"passed"}
    assert sample_of(run=run, item=item).done == 1
    assert not Verification.objects.exists()


def test_sample_is_judged_by_what_is_known_of_the_parcel_now(cast: Cast, item: Item) -> None:
    order = parcel(cast, 1)
    parcel(cast, 2)
    run = opened(cast, item)
    assert look(cast, run, item, number(1)).verdict == "passed"
    make_finding(order, waybill=number(1))
    assert (look(cast, run, item, number(1)).verdict, sample_of(run=run, item=item).done) == ("stopped", 0)


def test_other_parcel_than_those_drawn_is_refused(cast: Cast, item: Item) -> None:
    for n in (1, 2):
        parcel(cast, n)
    run = opened(cast, item)
    parcel(cast, 3)
    with pytest.raises(Unfit):
        look(cast, run, item, number(3))


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("refund", {"refund": "requested"}),
        ("refunded", {"refund": "refunded"}),
        ("closed", {"status": "closed"}),
        ("completed", {"status": "done"}),
    ],
)
def test_what_no_longer_goes_is_not_drawn(cast: Cast, morning: Any, what: str, fields: dict[str, Any]) -> None:
    parcel(cast, 1, **fields)
    assert numbers_in_house([cast.shop.pk], clock.now()) == []


def test_drawn_is_only_what_lies_in_the_house(cast: Cast, morning: Any) -> None:
    now = clock.now()
    for n in range(1, 6):
        parcel(cast, n)
    TrackingEvent.objects.create(shop=cast.shop, number=number(1), at=now, status="PICKED_UP")
    TrackingEvent.objects.create(shop=cast.shop, number=number(2), at=now, status="ORDERED")
    make_label(Order.objects.get(number__endswith="3"), number(33))
    cast.shop.labels.filter(number=number(4)).update(is_void=True)
    cast.shop.labels.filter(number=number(5)).update(printed_at=now - timedelta(days=3))
    make_order(cast.shop, "4140000000000000099", number(99), status="shipped", shipped_at=now)
    make_order(cast.other_shop, "4140000000000000098", number(98), status="shipped", shipped_at=now)
    assert numbers_in_house([cast.shop.pk], now) == [number(2), number(33), number(99)]


def test_more_is_drawn_and_nothing_taken_back(cast: Cast, item: Item) -> None:
    parcel(cast, 1)
    run = opened(cast, item)
    first = RunSample.objects.get()
    look(cast, run, item, number(1))
    parcel(cast, 2)
    options: dict[str, Any] = {"run": run, "item": item, "actor": Actor.of(cast.mei)}
    assert [draw_sample(**options), draw_sample(**options)] == [1, 0]
    assert set(RunSample.objects.values_list("number", flat=True)) == {number(1), number(2)}
    assert RunSample.objects.filter(pk=first.pk).exists() and SampleScan.objects.count() == 1


def test_sample_of_a_submitted_run_is_neither_drawn_nor_verified_anew(
    cast: Cast, item: Item, answer: Give, sign_in: SignIn
) -> None:
    parcel(cast, 1)
    run = opened(cast, item)
    look(cast, run, item, number(1))
    answer(run, "sample", cast.mei)
    submit_run(run=run, actor=Actor.of(cast.mei))
    parcel(cast, 2)
    with pytest.raises(RunClosed):
        draw_sample(run=run, item=item, actor=Actor.of(cast.mei))
    with pytest.raises(RunClosed):
        look(cast, run, item, number(1))
    assert sign_in(cast.mei).post(reverse("checklists:sample_draw", args=[run.pk, item.pk])).status_code == 409
    assert RunSample.objects.count() == 1


def test_number_typed_is_kept_and_told_as_typed(cast: Cast, item: Item, answer: Give, sign_in: SignIn) -> None:
    parcel(cast, 1), parcel(cast, 2)
    run, client = opened(cast, item), sign_in(cast.mei)
    verify = reverse("checklists:item_verify", args=[run.pk, item.pk])
    client.post(verify, {"client_id": uuid.uuid4(), "scanned": number(1)})
    client.post(verify, {"client_id": uuid.uuid4(), "scanned": number(2), "method": "scanned"})
    assert answer(run, "sample", cast.mei).answer.data["sample"]["typed"] == [number(1)]
    assert "手输" in client.get(reverse("checklists:run_detail", args=[run.pk])).content.decode()


def test_number_beside_the_box_cannot_be_copied_into_it(cast: Cast, item: Item, sign_in: SignIn) -> None:
    parcel(cast, 1), parcel(cast, 2)
    run = opened(cast, item)
    page = sign_in(cast.mei).get(reverse("checklists:run_work", args=[run.pk])).content.decode()
    assert number(1) not in page and f"…{number(1)[-4:]}" in page and "山野户外旗舰店" in page


def test_repeat_of_a_scan_is_the_same_scan(cast: Cast, item: Item) -> None:
    parcel(cast, 1), parcel(cast, 2)
    run, key = opened(cast, item), uuid.uuid4()
    assert look(cast, run, item, number(1), client_id=key) == look(cast, run, item, number(1), client_id=key)
    assert SampleScan.objects.count() == 1


def test_stopped_parcel_is_a_problem_and_says_what_to_do(cast: Cast, item: Item, answer: Give, sign_in: SignIn) -> None:
    order, run = parcel(cast, 1), opened(cast, item)
    Order.objects.filter(pk=order.pk).update(refund="requested")
    assert look(cast, run, item, number(1)).verdict == "stopped"
    page = sign_in(cast.mei).get(reverse("checklists:run_work", args=[run.pk])).content.decode()
    assert "买家申请退款。" in page and "拿下包裹，问客服。" in page
    assert 'value="pass"' not in page and 'value="unchecked"' not in page
    with pytest.raises(NotFresh, match="…" + number(1)[-4:]):
        answer(run, "sample", cast.mei, "unchecked", details=Details(note="找不到人问"))
    assert answer(run, "sample", cast.mei, "fail", details=Details(note="已拿下")).answer.counts
