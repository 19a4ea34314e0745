"""What holds for any order of rows, any way of bringing files, any part of them."""

import csv
import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import combinations

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.models import Finding, Order
from orders.services.reconciling import Judge, reconcile_orders, reconcile_touched
from people.models import Shop
from tests.cast import Cast
from tests.orders.factories import SAMPLED_AT, SAMPLES, SHANYE, YUNQI, imported, samples, truth, upload

Rows = list[list[str]]
Found = set[tuple[str, str, str]]
KINDS = ("orders", "labels", "tracking")
SEEDS = st.integers(0, 10_000)
few = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@cache
def part_of_a_morning() -> dict[str, Rows]:
    """Every order of the sample that is in the truth, some sound ones, and what labels and courier say of them; with
    the first and last rows of log and tracking, so that they speak for the same time."""
    files = {kind: _rows(name) for kind, name in zip(KINDS, SHANYE, strict=True)}
    head = {kind: rows[0] for kind, rows in files.items()}
    number, waybill = head["orders"].index("订单编号"), head["orders"].index("物流单号")
    named = {row["order"] for row in truth("shanye-csv")}
    orders = [
        r for i, r in enumerate(files["orders"][1:]) if len(r) > waybill and (clean(r[number]) in named or i % 60 == 0)
    ]
    numbers = {clean(row[number]) for row in orders}
    waybills = {part for row in orders for part in clean(row[waybill]).replace("No:", "").split(",")}
    at = head["labels"].index("订单编号")
    labels = [r for r in files["labels"][1:] if any(n in r[at] for n in numbers) or r[at + 1] in waybills]
    waybills |= {row[at + 1] for row in labels}
    events = [row for row in files["tracking"][1:] if waybills & set(row)]
    by_time = sorted(files["tracking"][1:], key=lambda row: next(c for c in row if c.startswith("2026-")))
    return {
        "orders": [head["orders"], *orders],
        "labels": [head["labels"], *labels, files["labels"][1], files["labels"][-1]],
        "tracking": [head["tracking"], *events, by_time[0], by_time[-1]],
    }


def _rows(name: str) -> Rows:
    raw = (SAMPLES / "shanye-csv" / name).read_bytes()
    text = raw.decode("utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "gb18030")
    return list(csv.reader(io.StringIO(text)))


def clean(cell: str) -> str:
    return cell.strip("=\"\t' ")


def written(rows: Rows) -> str:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()


@contextmanager
def a_day_of_its_own() -> Iterator[None]:
    """What is written inside is gone afterwards: Hypothesis tries again and again."""
    with time_machine.travel(SAMPLED_AT, tick=False), transaction.atomic():
        yield
        transaction.set_rollback(True)


def standing() -> Found:
    return set(Finding.objects.standing().values_list("order__number", "code", "waybill"))


def from_scratch(shop: Shop) -> Found:
    ids = Order.objects.filter(shop=shop).values_list("id", flat=True)
    numbers = dict(Order.objects.filter(shop=shop).values_list("id", "number"))
    return {
        (numbers[pk], trouble.code, trouble.waybill)
        for pk, (_seen, verdict) in Judge(shop.pk).verdicts(list(ids), SAMPLED_AT).items()
        for trouble in verdict.troubles
    }


@few
@given(seed=SEEDS)
def test_no_finding_depends_on_the_order_of_rows(cast: Cast, seed: int) -> None:
    files, chance = part_of_a_morning(), random.Random(seed)
    with a_day_of_its_own():
        imported(cast.shop, *(upload(written(rows)) for rows in files.values()))
        reconcile_orders(shop_id=cast.shop.pk)
        expected = standing()
        assert len(expected) > 80
    with a_day_of_its_own():
        shuffled = [[rows[0], *chance.sample(rows[1:], len(rows) - 1)] for rows in files.values()]
        imported(cast.shop, *(upload(written(rows)) for rows in shuffled))
        reconcile_orders(shop_id=cast.shop.pk)
        assert standing() == expected


@few
@given(seed=SEEDS)
def test_comparing_what_imports_touched_finds_what_comparing_everything_finds(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    pieces = []
    for rows in part_of_a_morning().values():
        body = chance.sample(rows[1:], len(rows) - 1)
        cut = chance.randrange(1, len(body))
        pieces += [[rows[0], *body[:cut]], [rows[0], *body[cut:]]]
    chance.shuffle(pieces)
    with a_day_of_its_own():
        for rows in pieces:
            reconcile_touched(batch=imported(cast.shop, upload(written(rows))), gives_way=False)
            assert standing() == from_scratch(cast.shop)


def test_importing_twice_equals_once(cast: Cast) -> None:
    files = [written(rows) for rows in part_of_a_morning().values()]
    with time_machine.travel(SAMPLED_AT, tick=False):
        reconcile_touched(batch=imported(cast.shop, *map(upload, files)), gives_way=False)
        before = set(Finding.objects.values_list("id", "state", "evidence_digest"))
        again = imported(cast.shop, *map(upload, files))
        reconcile_touched(batch=again, gives_way=False)
    assert {(file.new, file.changed) for file in again.files.all()} == {(0, 0)}
    assert set(Finding.objects.values_list("id", "state", "evidence_digest")) == before


@pytest.mark.parametrize(
    ("folder", "names"),
    [
        pytest.param(folder, names, id=f"{folder}-{len(names)}-{n}")
        for folder, all_names in (("shanye-csv", SHANYE), ("yunqi-xlsx", YUNQI))
        for size in range(1, len(all_names))
        for n, names in enumerate(combinations(all_names, size))
        if all_names[0] in names
    ],
)
def test_any_part_of_the_files_accuses_no_sound_order(cast: Cast, folder: str, names: tuple[str, ...]) -> None:
    with time_machine.travel(SAMPLED_AT, tick=False):
        imported(cast.shop, *samples(folder, names))
        reconcile_orders(shop_id=cast.shop.pk)
    at_fault = {row["order"] for row in truth(folder) if not row["fault"].startswith(("control", "row_error"))}
    accused = {
        finding.order.number
        for finding in Finding.objects.select_related("order")
        if finding.evidence.get("other_order") not in at_fault  # of two with one number either may be the wrong one
    }
    assert accused and accused <= at_fault
