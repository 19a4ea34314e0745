"""The courier address book, and what to say."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Case, ContactLog, CourierStation, SayingText
from cases.sayings import meant, unknown_placeholders
from kernel import clock
from kernel.errors import Conflict, Refused
from people.actor import Actor
from people.models import Role, Shop, Site
from records.canonical import sha256
from records.services import append_entry, chain_name


class StationKnown(Conflict):
    sentence = _("This station is in the book already.")


def save_station(*, site: Site, actor: Actor, station: CourierStation | None = None, **words: Any) -> CourierStation:
    """Writes a station into the book of a site, or changes one. `words` are its fields. Raises StationKnown."""
    actor.require(Role.LEAD, site_id=site.pk)
    if station is not None:
        actor.require(Role.LEAD, site_id=station.site_id)
    row = station or CourierStation()
    for field, value in {**words, "site": site, "saved_by": actor.person, "saved_at": clock.now()}.items():
        setattr(row, field, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise StationKnown from None
    return row


class UnknownPlaceholder(Refused):
    sentence = _("%(name)s stands for nothing here.")


@transaction.atomic
def save_saying(*, shop: Shop | None, whom: str, kind: str, cause: str, text: str, actor: Actor) -> SayingText:
    """What is said from now on; empty takes the words that were shipped back. For a shop by its leads, for all by an
    administrator. Raises UnknownPlaceholder."""
    actor.require(Role.LEAD, shop_id=shop.pk if shop else None)
    text = meant(text.strip().replace("\r\n", "\n"))
    if unknown := unknown_placeholders(text):
        raise UnknownPlaceholder(name=f"{{{unknown[0]}}}" if unknown[0] != "{" else "{")
    row = SayingText.objects.create(
        shop=shop,
        whom=ContactLog.Whom(whom),
        kind=Case.Kind(kind) if kind else "",
        cause=Case.Cause(cause) if cause else "",
        text=text,
        saved_by=actor.person,
        saved_at=clock.now(),
    )
    append_entry(
        chain=chain_name(shop_id=shop.pk if shop else None),
        kind="saying.set",
        actor=actor.ref,
        subject=f"saying:{row.pk}",
        payload={"whom": whom, "kind": kind, "cause": cause, "content": sha256(text)},
    )
    return row
