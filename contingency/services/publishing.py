"""Publishing a plan, and keeping its materials ready at the sites."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contingency.frozen import frozen_digest
from contingency.models import Material, Plan, PlanMaterial, PlanStep, PlanVersion
from kernel import clock
from kernel.errors import Refused
from people.actor import Actor
from people.models import Role, Shop, Site
from records.canonical import canonical_text, sha256
from records.services import append_entry, chain_name


class PlanIncomplete(Refused):
    sentence = _("A plan needs a title and at least one step with a title and its target minutes.")


@transaction.atomic
def publish_plan(
    *,
    slug: str,
    content: dict[str, Any],
    owner_site: Site | None = None,
    owner_shop: Shop | None = None,
    actor: Actor,
) -> PlanVersion:
    """Publishes a new version of a plan; the same content as the current version publishes nothing. A manager of the
    owner may; for the company an administrator.

    `content` is {title, trigger, when_to_use, roles: […], steps: [{title, instruction, who, minutes}],
    materials: [{slug, name, unit, least, place}]}; texts are {zh, en}. A plan's owner never changes.
    """
    _check(content)
    digest = sha256(canonical_text(content))
    Plan.objects.get_or_create(slug=slug, defaults={"site": owner_site, "shop": owner_shop})
    plan = Plan.objects.select_for_update(of=("self",)).select_related("current").get(slug=slug)
    actor.require(Role.MANAGER, site_id=plan.site_id, shop_id=plan.shop_id)
    if plan.current and plan.current.digest == digest:
        return plan.current
    version = PlanVersion.objects.create(
        plan=plan,
        number=(plan.current.number if plan.current else 0) + 1,
        digest=digest,
        title=content["title"],
        trigger=content.get("trigger", {}),
        when_to_use=content.get("when_to_use", {}),
        roles=content.get("roles", []),
        published_at=clock.now(),
        published_by=actor.employee,
    )
    PlanStep.objects.bulk_create(
        [
            PlanStep(
                version=version,
                position=position,
                title=step["title"],
                instruction=step.get("instruction", {}),
                who=step.get("who", {}),
                target_minutes=step["minutes"],
            )
            for position, step in enumerate(content["steps"], start=1)
        ]
    )
    PlanMaterial.objects.bulk_create(
        [
            PlanMaterial(
                version=version,
                slug=item["slug"],
                name=item["name"],
                unit=item["unit"],
                least=item["least"],
                place=item.get("place", {}),
            )
            for item in content.get("materials", [])
        ]
    )
    plan.current = version
    plan.save(update_fields=["current"])
    append_entry(
        chain=chain_name(site_id=plan.site_id, shop_id=plan.shop_id),
        kind="plan.published",
        actor=actor.ref,
        subject=f"plan:{plan.pk}",
        payload={"version": version.number, "content": digest, "rows": frozen_digest(version)},
    )
    return version


@transaction.atomic
def add_materials(*, version: PlanVersion, sites: Iterable[Site], actor: Actor) -> int:
    """Lists a plan's materials at each site; what a site has already keeps its own least quantity, place and stock. A
    manager of each may."""
    needed, places = list(version.materials.all()), list(sites)
    for site in places:
        actor.require(Role.MANAGER, site_id=site.pk)
    known = set(
        Material.objects.filter(site__in=places, slug__in=[n.slug for n in needed]).values_list("site_id", "slug")
    )
    made = [
        Material(site=site, slug=n.slug, name=n.name, unit=n.unit, least=n.least, place=n.place)
        for site in places
        for n in needed
        if (site.pk, n.slug) not in known
    ]
    Material.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def check_usable(plan: Plan, site: Site) -> None:
    """Raises Refused for a plan that is not in use, or is another site's."""
    if not (plan.is_active and plan.current):
        raise Refused(_("This plan is not in use."))
    if plan.site_id not in (None, site.pk) or (plan.shop and plan.shop.site_id != site.pk):
        raise Refused(_("This plan belongs to another site."))


def _check(content: dict[str, Any]) -> None:
    steps = content.get("steps") or []
    if not (content.get("title") and steps):
        raise PlanIncomplete
    for step in steps:
        if not step.get("title") or not isinstance(step.get("minutes"), int) or step["minutes"] < 0:
            raise PlanIncomplete
