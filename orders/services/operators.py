"""Names in label logs, matched to employees."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.errors import Refused
from orders.models import Operator
from people.actor import Actor
from people.models import Employee, Role, Shop
from people.selectors import working_at
from records.services import append_entry, chain_name


def meet_operators(*, shop: Shop, texts: Iterable[str]) -> None:
    """Names that no label of the shop had before; one that exactly one person of the site has, by name or number, is
    matched to them."""
    met = set(texts) - {""}
    new = met - set(Operator.objects.filter(shop=shop, text__in=met).values_list("text", flat=True))
    if not new:
        return
    people: dict[str, set[int]] = defaultdict(set)
    for pk, name, number in (
        working_at(shop.site_id).filter(Q(name__in=new) | Q(number__in=new)).values_list("pk", "name", "number")
    ):
        people[name].add(pk)
        people[number].add(pk)
    made = [
        Operator(shop=shop, text=text, employee_id=next(iter(people[text])) if len(people[text]) == 1 else None)
        for text in sorted(new)
    ]
    Operator.objects.bulk_create(made, ignore_conflicts=True)


@transaction.atomic
def match_operator(*, operator: Operator, employee: Employee | None, actor: Actor) -> Operator:
    """Says who a name is, or that it is nobody known. It tells who printed, not who erred."""
    actor.require(Role.MANAGER, shop_id=operator.shop_id)
    row = Operator.objects.select_for_update(of=("self",)).select_related("shop").get(pk=operator.pk)
    if employee is not None and not working_at(row.shop.site_id).filter(pk=employee.pk).exists():
        raise Refused(_("%(name)s does not work for this shop.") % {"name": employee.name})
    if row.employee_id == (employee.pk if employee else None):
        return row
    row.employee, row.matched_by = employee, actor.person
    row.save(update_fields=["employee", "matched_by"])
    append_entry(
        chain=chain_name(shop_id=row.shop_id),
        kind="operator.matched",
        actor=actor.ref,
        subject=row.ref,
        payload={"employee": employee.ref if employee else ""},
    )
    return row
