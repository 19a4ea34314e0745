"""What a mistake teaches: a closed case assigns its responsible person the modules that the rules name."""

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Retraining, RetrainingRule
from kernel import clock
from kernel.errors import Refused
from people.actor import Actor
from people.models import Membership, Role, Shop
from people.selectors import zone_for
from records.models import Fact
from records.services import append_entry, chain_name
from training.models import Module
from training.services import assign_module, due_after


@transaction.atomic
def add_retraining_rule(
    *,
    shop: Shop | None,
    cause: str,
    role: str,
    module: Module,
    days: int,
    starts_on: date,
    actor: Actor,
) -> RetrainingRule:
    """From a day on, whoever is responsible for a case of this cause learns the module again; for a shop or, by an
    administrator, for all."""
    actor.require(Role.MANAGER, shop_id=shop.pk if shop else None)
    if starts_on < clock.today(zone_for(shop)):
        raise Refused(
            _("A rule begins today or later: what is past was judged by the rule of its time."), field="starts_on"
        )
    if module.shop_id not in (None, shop and shop.pk) or module.site_id not in (None, shop and shop.site_id):
        raise Refused(_("This module is for another site or shop."), field="module")
    running = RetrainingRule.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=starts_on) | Q(starts_on=starts_on),
        shop=shop,
        cause=cause,
        role=role,
        module=module,
    )
    if running.exists():
        raise Refused(_("There is such a rule already. End it first."))
    rule = RetrainingRule.objects.create(
        shop=shop,
        cause=Case.Cause(cause),
        role=Role(role),
        module=module,
        days=days,
        starts_on=starts_on,
        saved_by=actor.person,
        saved_at=clock.now(),
    )
    _seal(rule, "retraining_rule.added", actor)
    return rule


@transaction.atomic
def end_retraining_rule(*, rule: RetrainingRule, actor: Actor) -> RetrainingRule:
    """The rule counts for nothing that is closed from today on; what it assigned stays."""
    actor.require(Role.MANAGER, shop_id=rule.shop_id)
    row = RetrainingRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    if row.ends_on is None:
        row.ends_on = clock.today(zone_for(row.shop))
        row.save(update_fields=["ends_on"])
        _seal(row, "retraining_rule.ended", actor)
    return row


def _seal(rule: RetrainingRule, kind: str, actor: Actor) -> None:
    payload = {
        "cause": rule.cause,
        "role": rule.role,
        "module": rule.module_id,
        "starts_on": rule.starts_on.isoformat(),
    }
    append_entry(
        chain=chain_name(shop_id=rule.shop_id),
        kind=kind,
        actor=actor.ref,
        subject=f"retraining_rule:{rule.pk}",
        payload=payload,
    )


def assign_retraining(fact: Fact) -> None:
    """The reaction to a closed case: its responsible person is given what the rules of that day name, once per case
    and rule, however often it is closed."""
    case = Case.objects.select_related("shop__site", "responsible").get(pk=fact.subject_id)
    if case.responsible is None or case.closed_at is None:
        return
    day = clock.day_of(case.closed_at, case.shop.site.zone)
    here = Q(site=case.shop.site_id) | Q(shop=case.shop_id)
    roles = set(Membership.objects.on(day).filter(here, employee=case.responsible).values_list("role", flat=True))
    for_shop, running = Q(shop=None) | Q(shop=case.shop_id), Q(ends_on=None) | Q(ends_on__gt=day)
    rules = RetrainingRule.objects.filter(for_shop, running, cause=case.cause, starts_on__lte=day)
    usable = rules.filter(role__in=roles, module__is_active=True, module__current__isnull=False)
    for rule in usable.select_related("module__current").order_by("id"):
        with transaction.atomic():
            assignment = assign_module(
                module=rule.module,
                employee=case.responsible,
                site=case.shop.site,
                key=f"case:{case.pk}:retraining:{rule.pk}",
                due_at=due_after(case.shop.site, rule.days, clock.now()),
                reason=f"补训 · {case.number}",
                actor=Actor.system("rule"),
            )
            Retraining.objects.get_or_create(case=case, rule=rule, defaults={"assignment": assignment})
