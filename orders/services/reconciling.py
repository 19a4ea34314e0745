"""Reconciliation: the verdicts of the matcher kept as findings, batch by batch."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from kernel import clock
from kernel.pacing import Pace, paced
from kernel.plain_rows import update_rows
from orders.couriers import couriers
from orders.matching.shapes import Shapes
from orders.matching.sides import OwnShapes, coverage_of, load_world
from orders.matching.verdicts import Matcher, Trouble, Verdict
from orders.models import Coverage, Finding, Import, Order
from orders.ruling import rules_of
from orders.unchecked import has_gap
from people.models import Shop
from people.selectors import shop_zones
from records.canonical import sha256
from records.models import Fact

BATCH = 100  # orders of one transaction at most: people's writes wait for it
RECHECKED = 5000  # orders of one call
CLEARED_BY_DATA = "data"  # the reason that a finding cleared itself is told from its code and the sides


Judged = tuple[datetime | None, Verdict]  # the moment that the order was marked with when it was read


class Judge:
    """Gives verdicts on orders of a shop by what is so at the moment that it is asked, but for names of cities."""

    def __init__(self, shop_id: int) -> None:
        self.shop_id, self.zone = shop_id, shop_zones([shop_id])[shop_id]
        places = Order.objects.filter(shop=shop_id).exclude(city="").values_list("city", "province").distinct()
        self.provinces = dict(places)
        self.prefixes = {code: courier.prefix for code, courier in couriers().items()}
        self.own_shapes = OwnShapes(shop_id)

    def verdicts(self, order_ids: Sequence[int], at: datetime) -> dict[int, Judged]:
        rules, coverage = rules_of(self.shop_id, clock.day_of(at, self.zone)), coverage_of(self.shop_id)
        self.own_shapes.ask_again()
        shapes = Shapes(rules["courier_patterns"], self.prefixes, self.own_shapes)
        world = load_world(self.shop_id, order_ids, coverage)
        matcher = Matcher(world, rules, at, self.provinces, shapes)
        return {order.id: (order.recheck_at, matcher.verdict(order)) for order in world.orders}


def reconcile_orders(
    *, shop_id: int, order_ids: Iterable[int] | None = None, at: datetime | None = None, gives_way: bool = False
) -> int:
    """Compares these orders (all of the shop's by default), as of now unless a moment is given, and keeps what was
    found. Returns how many findings were made, changed or cleared. Each batch is a transaction of its own; with
    `gives_way` people's writes get in between two of them."""
    finished: list[int] = []
    if order_ids is None:
        finished = list(
            Import.objects.comparing().filter(shop=shop_id, shop_names={}, state="done").values_list("id", flat=True)
        )
        order_ids = Order.objects.filter(shop=shop_id).order_by("id").values_list("id", flat=True)
    total, judge, pace = 0, Judge(shop_id), Pace(BATCH)
    for ids in pace.split(list(order_ids)):
        with paced(gives_way, pace):
            total += _compare(judge, ids, at)
    _mark_compared(finished)
    return total


@transaction.atomic
def _compare(judge: Judge, order_ids: Sequence[int], at: datetime | None) -> int:
    """The lock before the look: of two that compare one shop, or bring rows to it, the later one sees all that the
    earlier one wrote, and no verdict on what was overwrites one on what is."""
    Shop.objects.select_for_update(of=("self",), no_key=True).get(pk=judge.shop_id)
    at = at or clock.now()
    return _keep(judge.shop_id, judge.verdicts(order_ids, at), at)


def _mark_compared(import_ids: list[int]) -> None:
    """What these finished imports touched is compared: figures are as of them now."""
    Import.objects.filter(pk__in=import_ids, compared_at=None).update(compared_at=clock.now())


def _keep(shop_id: int, verdicts: dict[int, Judged], at: datetime) -> int:
    known: dict[int, dict[tuple[str, str], Finding]] = defaultdict(dict)
    rows = Finding.objects.select_for_update(of=("self",)).filter(order__in=verdicts).exclude(state="cleared")
    for one in rows:
        known[one.order_id][one.code, one.waybill] = one
    made, changed = list[Finding](), list[Finding]()
    for order_id, (_seen, verdict) in verdicts.items():
        found = {(t.code, t.waybill): t for t in verdict.troubles}
        for key, trouble in found.items():
            digest = _digest(trouble)
            row = known[order_id].get(key)
            if row is None:
                made.append(_finding(shop_id, order_id, trouble, digest, at))
            elif row.evidence_digest != digest:
                row.evidence, row.evidence_digest, row.last_seen_at = trouble.evidence, digest, at
                row.due_at, row.loss_cents = trouble.due_at, trouble.loss_cents
                if row.state == Finding.State.DISMISSED:
                    row.state, row.settled_at, row.settled_by, row.reason = Finding.State.OPEN, None, None, ""
                changed.append(row)
        for key, row in known[order_id].items():
            if key not in found and row.state != Finding.State.DISMISSED:
                row.state, row.settled_at, row.reason = Finding.State.CLEARED, at, CLEARED_BY_DATA
                changed.append(row)
    Finding.objects.bulk_create(made)
    Finding.objects.bulk_update(
        changed,
        [
            "evidence",
            "evidence_digest",
            "last_seen_at",
            "due_at",
            "loss_cents",
            "state",
            "settled_at",
            "settled_by",
            "reason",
        ],
        batch_size=100,
    )
    _note_later(verdicts)
    return len(made) + len(changed)


def _note_later(verdicts: dict[int, Judged]) -> None:
    """When each order is to be judged again; one that an import touched after it was read keeps its mark."""
    rows = Order.objects.select_for_update(of=("self",)).filter(pk__in=verdicts).order_by("pk")
    moved = []
    for pk, *kept in rows.values_list("id", "recheck_at", "awaits_tracking", "unchecked"):
        seen, verdict = verdicts[pk]
        later = [verdict.recheck_at, verdict.awaits_tracking, verdict.unchecked]
        if kept[0] == seen and kept != later:
            moved.append((*later, pk))
    update_rows(Order, ("recheck_at", "awaits_tracking", "unchecked"), moved)


def _digest(trouble: Trouble) -> str:
    return sha256(json.dumps(trouble.evidence, sort_keys=True, ensure_ascii=False))


def _finding(shop_id: int, order_id: int, trouble: Trouble, digest: str, at: datetime) -> Finding:
    return Finding(
        shop_id=shop_id,
        order_id=order_id,
        waybill=trouble.waybill,
        code=trouble.code,
        cause=trouble.cause,
        evidence=trouble.evidence,
        evidence_digest=digest,
        due_at=trouble.due_at,
        loss_cents=trouble.loss_cents,
        first_seen_at=at,
        last_seen_at=at,
    )


def recheck_orders(now: datetime, shop_id: int | None = None, gives_way: bool = True) -> int:
    """Judges again the orders whose verdict may have changed: time has come, or an import touched them. A step of the
    tick; takes a few thousand at a time. Returns how many were judged."""
    due: dict[int, list[int]] = defaultdict(list)
    rows = Order.objects.filter(recheck_at__lte=now, **({"shop": shop_id} if shop_id else {}))
    for pk, its_shop in rows.values_list("id", "shop_id")[:RECHECKED]:
        due[its_shop].append(pk)
    for its_shop, ids in due.items():
        at = now if now > clock.now() else None  # later than the tick began, time has gone on
        reconcile_orders(shop_id=its_shop, order_ids=ids, at=at, gives_way=gives_way)
    return sum(map(len, due.values()))


def reconcile_import(fact: Fact) -> None:
    """The reaction to a finished import: what it touched is compared anew, and what waited for tracking to speak."""
    reconcile_touched(batch=Import.objects.get(pk=fact.subject_id))


def reconcile_touched(*, batch: Import, gives_way: bool = True) -> None:
    """Compares what a finished import touched, and what waited for its side to speak. An earlier one whose comparing
    failed is made up for."""
    failed = Import.objects.comparing().filter(shop=batch.shop_id, shop_names={}, state="done", pk__lt=batch.pk)
    batches = [batch.pk, *failed.values_list("id", flat=True)]
    sides = set(Coverage.objects.filter(batch__in=batches).values_list("side", flat=True))
    waits = has_gap(kinds=sides) | (Q(awaits_tracking=True) if Coverage.Side.TRACKING in sides else Q(pk__in=[]))
    for shop_id in batch.shop_ids:
        if sides:
            waiting = Order.objects.filter(waits, shop=shop_id).order_by("id").values_list("id", flat=True)
            reconcile_orders(shop_id=shop_id, order_ids=list(waiting), gives_way=gives_way)
        while recheck_orders(clock.now(), shop_id=shop_id, gives_way=gives_way):
            pass
    _mark_compared(batches)
