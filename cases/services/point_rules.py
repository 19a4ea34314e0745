"""Rules on points: told to those they concern, acknowledged by each of them, from a day to a day."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.models import Case, PointRule, RuleAcknowledgement
from kernel import clock
from kernel.errors import Refused
from notifications.services import send_notice
from people.actor import Actor
from people.models import Employee, Role, Shop
from people.selectors import working_at, zone_for
from records.services import append_entry, chain_name

FILE = Path(__file__).parent.parent / "points.yaml"
Kind, Occasion = PointRule.Kind, PointRule.Occasion


@cache
def shipped() -> dict[str, Any]:
    """What counts until a manager says otherwise: {rewards: {occasion: points}, appeal_days, most_points}."""
    return yaml.safe_load(FILE.read_text("utf-8"))


def rules_on(day: date, shop_id: int) -> QuerySet[PointRule]:
    """In force on a day for a shop, its own before those for all, the latest first."""
    rows = PointRule.objects.filter(Q(shop=shop_id) | Q(shop=None), starts_on__lte=day)
    rows = rows.filter(Q(ends_on=None) | Q(ends_on__gt=day))
    return rows.order_by(F("shop").asc(nulls_last=True), "-starts_on", "-id")


@transaction.atomic
def set_reward(*, shop: Shop | None, occasion: str, points: int, starts_on: date, actor: Actor) -> PointRule:
    """From a day on this occasion gives so many points; 0 gives none."""
    return _add_rule(
        actor,
        kind=Kind.REWARD,
        shop=shop,
        occasion=Occasion(occasion),
        points=points,
        starts_on=starts_on,
    )


@transaction.atomic
def record_deduction_rule(
    *,
    shop: Shop | None,
    cause: str,
    points: int,
    monthly_cap: int,
    text: str,
    discussed_on: date,
    discussed_how: str,
    starts_on: date,
    actor: Actor,
) -> PointRule:
    """A deduction that was discussed with staff (Labour Contract Law, art. 4); whom it concerns is told and asked to
    acknowledge it, and it counts for nobody before."""
    if discussed_on > clock.today(zone_for(shop)):
        raise Refused(_("It was not discussed yet: the day lies ahead."), field="discussed_on")
    if points > monthly_cap:
        raise Refused(_("One deduction is more than the month allows."), field="monthly_cap")
    rule = _add_rule(
        actor,
        kind=Kind.DEDUCTION,
        shop=shop,
        cause=Case.Cause(cause),
        points=points,
        monthly_cap=monthly_cap,
        text=text.strip(),
        discussed_on=discussed_on,
        discussed_how=discussed_how.strip(),
        starts_on=starts_on,
    )
    people = working_at(shop.site_id) if shop else Employee.objects.filter(is_active=True)
    title = {"zh": "积分规则待你确认", "en": "A rule on points waits for you to acknowledge it"}
    send_notice(
        key=f"{rule.ref}:told", recipients=people, title=title, body={"zh": text, "en": text}, path="/cases/points/"
    )
    return rule


def _add_rule(actor: Actor, *, shop: Shop | None, starts_on: date, points: int, **said: Any) -> PointRule:
    actor.require(Role.MANAGER, shop_id=shop.pk if shop else None)
    if starts_on < clock.today(zone_for(shop)):
        raise Refused(
            _("A rule begins today or later: what is past was judged by the rule of its time."), field="starts_on"
        )
    if points > shipped()["most_points"]:
        raise Refused(_("A rule gives or takes at most %(n)d points.") % {"n": shipped()["most_points"]})
    rule = PointRule.objects.create(
        shop=shop, starts_on=starts_on, points=points, saved_by=actor.person, saved_at=clock.now(), **said
    )
    payload = {
        "kind": rule.kind,
        "for": rule.occasion or rule.cause,
        "points": points,
        "starts_on": starts_on.isoformat(),
    }
    seal_points(rule.shop_id, "point_rule.added", actor, rule.ref, payload)
    return rule


@transaction.atomic
def end_point_rule(*, rule: PointRule, actor: Actor) -> PointRule:
    """Counts for nothing from today on; what it gave or took stays."""
    actor.require(Role.MANAGER, shop_id=rule.shop_id)
    row = PointRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    if row.ends_on is None:
        row.ends_on = clock.today(zone_for(row.shop))
        row.save(update_fields=["ends_on"])
        seal_points(row.shop_id, "point_rule.ended", actor, row.ref, {})
    return row


@transaction.atomic
def acknowledge_rule(*, rule: PointRule, actor: Actor) -> RuleAcknowledgement:
    """Somebody says that they know a deduction's rule; from now on it counts for them. Once."""
    if rule.shop_id:
        actor.require(Role.EMPLOYEE, shop_id=rule.shop_id)
    row, made = RuleAcknowledgement.objects.get_or_create(
        rule=rule, employee=actor.person, defaults={"at": clock.now()}
    )
    if made:
        seal_points(rule.shop_id, "point_rule.acknowledged", actor, rule.ref, {})
    return row


def seal_points(shop_id: int | None, kind: str, actor: Actor, subject: str, payload: dict[str, Any]) -> None:
    append_entry(chain=chain_name(shop_id=shop_id), kind=kind, actor=actor.ref, subject=subject, payload=payload)
