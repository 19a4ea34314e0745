"""Rules and moved deadlines: said by a manager, from a day on, and then applied to what is open."""

import uuid
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import Conflict, Refused
from kernel.pacing import paced, parts
from orders.models import DeadlineMove, Order, OrderChange, Rule
from orders.ruling import Deadlines, checked_value
from people.actor import Actor
from people.models import Role, Shop
from people.selectors import zone_for
from records.services import append_entry, chain_name

BATCH = 200  # orders of one transaction


@transaction.atomic
def set_rule(*, key: str, shop: Shop | None, value: Any, starts_on: date, source: str, actor: Actor) -> Rule:
    """What counts from a day on, for a shop or, by an administrator, for all that have none of their own. A rule does
    not reach back: the past was judged by its own. Saying it again for the same day replaces what was said."""
    actor.require(Role.MANAGER, shop_id=shop.pk if shop else None)
    if starts_on < clock.today(zone_for(shop)):
        raise Refused(
            _("A rule begins today or later: what is past was judged by the rule of its time."), field="starts_on"
        )
    rule, _made = Rule.objects.update_or_create(
        key=key,
        shop=shop,
        starts_on=starts_on,
        defaults={
            "value": checked_value(key, value),
            "source": source[:200],
            "saved_by": actor.person,
            "saved_at": clock.now(),
            "applied_at": None,
        },
    )
    append_entry(
        chain=chain_name(shop_id=shop.pk if shop else None),
        kind="rule.set",
        actor=actor.ref,
        subject=f"rule:{rule.pk}",
        payload={"key": key, "value": rule.value, "starts_on": starts_on.isoformat()},
    )
    return rule


def apply_rules(now: datetime) -> int:
    """A step of the tick: what was said and has begun is applied to open orders, in short transactions that let
    people's writes in between. A new promise gives those paid since it began a new deadline; of other rules the orders
    are compared anew; a moved deadline is given, a withdrawn one taken back. Returns how many were applied."""
    said = Rule.objects.filter(applied_at=None).select_related("shop__site").order_by("id")
    begun = [rule for rule in said if rule.starts_on <= clock.day_of(now, zone_for(rule.shop))]
    for rule in begun:
        rows = Order.objects.exclude(status__in=(Order.Status.CLOSED, Order.Status.DONE))
        rows = rows.filter(shop=rule.shop_id) if rule.shop_id else rows
        if rule.key == "ship_by_hours":
            _set_deadlines(rows.filter(deadline_source=Order.Deadline.RULE), now)
        elif rule.key != "bench_asks":
            _mark(rows, now)
        Rule.objects.filter(pk=rule.pk, saved_at=rule.saved_at).update(applied_at=now)
    moves = list(DeadlineMove.objects.filter(applied_at=None).order_by("id"))
    for move in moves:
        moved = _orders_of(move)
        _set_deadlines(moved.filter(deadline_source=Order.Deadline.MOVED) if move.withdrawn_at else moved, now)
        DeadlineMove.objects.filter(pk=move.pk, withdrawn_at=move.withdrawn_at).update(applied_at=now)
    return len(begun) + len(moves)


@transaction.atomic
def move_deadlines(
    *,
    shop: Shop | None,
    paid_from: datetime,
    paid_until: datetime,
    ship_by: datetime,
    reason: str,
    actor: Actor,
    client_id: uuid.UUID,
) -> DeadlineMove:
    """Orders paid in this time have until `ship_by`; those with a later deadline keep it. What is imported from now on
    has it at once, what is known already by the next tick. Once per client_id."""
    actor.require(Role.MANAGER, shop_id=shop.pk if shop else None)
    said = {"shop": shop, "paid_from": paid_from, "paid_until": paid_until, "ship_by": ship_by, "reason": reason}
    if known := DeadlineMove.objects.select_related("shop").filter(client_id=client_id).first():
        if any(getattr(known, field) != value for field, value in said.items()):
            raise Conflict
        return known
    if paid_until < paid_from:
        raise Refused(_("The period ends before it starts."), field="paid_until")
    if ship_by <= paid_from:
        raise Refused(_("The new deadline lies before the payments."), field="ship_by")
    move = DeadlineMove.objects.create(**said, saved_by=actor.person, saved_at=clock.now(), client_id=client_id)
    _seal(move, "deadline.moved", actor)
    return move


@transaction.atomic
def withdraw_move(*, move: DeadlineMove, actor: Actor) -> DeadlineMove:
    """Takes a moved deadline back; by the next tick orders have the one that they had before it."""
    actor.require(Role.MANAGER, shop_id=move.shop_id)
    row = DeadlineMove.objects.select_for_update(of=("self",)).get(pk=move.pk)
    if row.withdrawn_at is None:
        row.withdrawn_at, row.applied_at = clock.now(), None
        row.save(update_fields=["withdrawn_at", "applied_at"])
        _seal(row, "deadline.move_withdrawn", actor)
    return row


def _seal(move: DeadlineMove, kind: str, actor: Actor) -> None:
    said = {"from": move.paid_from.isoformat(), "until": move.paid_until.isoformat(), "to": move.ship_by.isoformat()}
    chain = chain_name(shop_id=move.shop_id)
    append_entry(chain=chain, kind=kind, actor=actor.ref, subject=f"deadline_move:{move.pk}", payload=said)


def _orders_of(move: DeadlineMove) -> QuerySet[Order]:
    rows = Order.objects.filter(paid_at__gte=move.paid_from, paid_at__lte=move.paid_until)
    return rows.filter(shop=move.shop_id) if move.shop_id else rows


def _set_deadlines(rows: QuerySet[Order], now: datetime) -> None:
    """Gives orders the deadline that counts now; what changed is appended to their history."""
    by_shop: dict[int, Deadlines] = {}
    for some in parts(list(rows.values_list("id", flat=True)), BATCH):
        with paced(gives_way=True), transaction.atomic():
            moved, changes = [], []
            for order in Order.objects.select_for_update(of=("self",)).filter(pk__in=some).order_by("id"):
                deadlines = by_shop.setdefault(order.shop_id, Deadlines(order.shop_id))
                wanted, source = deadlines.of(order.platform_ship_by, order.paid_at)
                if wanted and (wanted, source) != (order.ship_by, order.deadline_source):
                    before = order.ship_by.isoformat() if order.ship_by else ""
                    told = {"field": "deadline", "before": before, "after": wanted.isoformat(), "at": now}
                    changes.append(OrderChange(order=order, **told))
                    order.ship_by, order.deadline_source, order.recheck_at = wanted, source, now
                    moved.append(order)
            Order.objects.bulk_update(moved, ["ship_by", "deadline_source", "recheck_at"], batch_size=100)
            OrderChange.objects.bulk_create(changes)


def _mark(rows: QuerySet[Order], now: datetime) -> None:
    later = rows.filter(Q(recheck_at=None) | Q(recheck_at__gt=now))
    for some in parts(list(later.values_list("id", flat=True)), BATCH):
        with paced(gives_way=True):
            Order.objects.filter(pk__in=some).update(recheck_at=now)
