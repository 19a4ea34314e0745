"""Sites, shops, teams, shifts."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import Conflict, Refused
from people.actor import Actor
from people.models import Shift, Shop, Site, Team
from records.services import append_entry, chain_name

NO_LENGTH = _("A shift ends at another time than it starts; one that ends earlier ends on the next day.")
Place = Site | Shop | Team | Shift


class CodeTaken(Conflict):
    sentence = _("This code is taken already. Choose another.")


@transaction.atomic
def create_site(*, code: str, name: str, zone: str = "", actor: Actor) -> Site:
    """Makes a site, in the company's zone unless it has another. Raises CodeTaken."""
    actor.require_administrator()
    if Site.objects.filter(code=code).exists():
        raise CodeTaken
    site = Site(code=code, name=name, zone=zone or clock.company_zone())
    save_place(place=site, actor=actor)
    return site


@transaction.atomic
def create_shop(*, code: str, name: str, site: Site, platform: str = Shop.Platform.TAOBAO, actor: Actor) -> Shop:
    """Makes a shop whose parcels leave from a site. Raises CodeTaken."""
    actor.require_administrator()
    if Shop.objects.filter(code=code).exists():
        raise CodeTaken
    shop = Shop(code=code, name=name, site=site, platform=platform)
    save_place(place=shop, actor=actor)
    return shop


@transaction.atomic
def save_place(*, place: Place, actor: Actor) -> Place:
    """Saves a site, shop, team or shift that a form has checked, and seals that it was made or changed. Raises Refused
    for a shift of no length."""
    actor.require_administrator()
    if isinstance(place, Shift) and place.starts == place.ends:
        raise Refused(NO_LENGTH)
    is_new = place.pk is None
    if isinstance(place, Shift) and not is_new:
        same = Shift.objects.filter(pk=place.pk, starts=place.starts, ends=place.ends, is_active=place.is_active)
        if not same.exists():
            place.hours_since = clock.now()
    place.save()
    noun = type(place).__name__.lower()
    site_id = place.pk if isinstance(place, Site) else place.site_id
    payload: dict[str, object] = {"active": place.is_active, "site": site_id}
    if isinstance(place, Site | Shop):
        payload["code"] = place.code
    if isinstance(place, Shift):
        payload |= {"starts": place.starts.isoformat("minutes"), "ends": place.ends.isoformat("minutes")}
    append_entry(
        chain=chain_name(site_id=site_id, shop_id=place.pk if isinstance(place, Shop) else None),
        kind=f"{noun}.created" if is_new else f"{noun}.changed",
        actor=actor.ref,
        subject=f"{noun}:{place.pk}",
        payload=payload,
    )
    return place
