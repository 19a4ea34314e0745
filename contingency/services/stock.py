"""Materials taken, brought back, received, counted: under the material's lock, never below zero."""

import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contingency.models import Activation, Material, StockMovement
from kernel import clock
from kernel.errors import Conflict, Refused
from people.actor import Actor
from people.models import Role
from records.canonical import sha256
from records.services import append_entry, chain_name

Kind = StockMovement.Kind


class NotEnough(Refused):
    status = 409
    sentence = _("Only %(left)d left. Look again, count what lies there, or fetch it elsewhere.")


class NotCounted(Refused):
    sentence = _("Nobody has counted this yet. Count what lies there, then take it.")


@transaction.atomic
def move_stock(
    *,
    material: Material,
    kind: str,
    quantity: int,
    actor: Actor,
    client_id: uuid.UUID,
    activation: Activation | None = None,
    note: str = "",
) -> StockMovement:
    """Appends one movement, once per client_id; taking more than lies there is refused with how many are left."""
    actor.require(Role.EMPLOYEE, site_id=material.site_id)
    row = Material.objects.select_for_update(of=("self",)).get(pk=material.pk)
    known = StockMovement.objects.filter(client_id=client_id).first()
    if known:
        if (known.material_id, known.kind, known.quantity) != (row.pk, kind, quantity):
            raise Conflict
        return known
    if quantity < (0 if kind == Kind.COUNTED else 1):
        raise Refused(_("Say how many."))
    if activation and (activation.site_id != row.site_id or activation.closed_at):
        raise Refused(_("This plan is not running here any more."))
    now = clock.now()
    row.balance = _balance_after(row, Kind(kind), quantity)
    if kind == Kind.COUNTED:
        row.counted_at = now
    row.save(update_fields=["balance", "counted_at"])
    made = StockMovement.objects.create(
        material=row,
        kind=kind,
        quantity=quantity,
        balance=row.balance,
        at=now,
        by=actor.person,
        activation=activation,
        note=note,
        client_id=client_id,
    )
    append_entry(
        chain=chain_name(site_id=row.site_id),
        kind="stock.moved",
        actor=actor.ref,
        subject=f"material:{row.pk}",
        payload={
            "kind": str(made.kind),
            "quantity": quantity,
            "balance": row.balance,
            "activation": activation.pk if activation else None,
            "note": sha256(note) if note else "",
        },
    )
    return made


def _balance_after(row: Material, kind: str, quantity: int) -> int:
    if kind == Kind.COUNTED:
        return quantity
    if kind != Kind.TAKEN:
        return row.balance + quantity
    if quantity > row.balance:
        if row.counted_at is None:
            raise NotCounted
        raise NotEnough(left=row.balance)
    return row.balance - quantity


def take_material(
    *,
    material: Material,
    quantity: int,
    actor: Actor,
    client_id: uuid.UUID,
    activation: Activation | None = None,
    note: str = "",
) -> StockMovement:
    """Takes a spare, say for a running plan."""
    return move_stock(
        material=material,
        kind=Kind.TAKEN,
        quantity=quantity,
        actor=actor,
        client_id=client_id,
        activation=activation,
        note=note,
    )


def return_material(
    *, material: Material, quantity: int, actor: Actor, client_id: uuid.UUID, note: str = ""
) -> StockMovement:
    return move_stock(
        material=material, kind=Kind.RETURNED, quantity=quantity, actor=actor, client_id=client_id, note=note
    )


def receive_stock(
    *, material: Material, quantity: int, actor: Actor, client_id: uuid.UUID, note: str = ""
) -> StockMovement:
    return move_stock(
        material=material, kind=Kind.RECEIVED, quantity=quantity, actor=actor, client_id=client_id, note=note
    )


def count_stock(
    *, material: Material, quantity: int, actor: Actor, client_id: uuid.UUID, note: str = ""
) -> StockMovement:
    """A stock count (盘点): what lies there, whatever the movements before said."""
    return move_stock(
        material=material, kind=Kind.COUNTED, quantity=quantity, actor=actor, client_id=client_id, note=note
    )
