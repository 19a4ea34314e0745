"""Publishing: content from a file or an editor becomes a frozen version, once per content."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from checklists.errors import BadContent
from checklists.frozen import frozen_digest
from checklists.models import Checklist, ChecklistVersion, Item
from kernel import clock
from kernel.text import listed
from orders.selectors import FIGURES
from people.actor import Actor
from people.models import Role, Shop, Site
from records.canonical import canonical_text, sha256
from records.services import append_entry, chain_name
from training.models import Module

KEYS = {"slug", "title", "summary", "handover", "review", "modules", "schedule", "items"}
ITEM_KEYS = {
    *("slug", "kind", "title", "help", "unit", "least", "most", "figure", "sample", "signer"),
    *("reasons", "allows_na", "needs_photo", "needs_correction", "case", "case_always"),
}


@transaction.atomic
def publish_checklist(
    *,
    slug: str,
    content: dict[str, Any],
    owner_site: Site | None = None,
    owner_shop: Shop | None = None,
    actor: Actor,
) -> ChecklistVersion:
    """Makes the next version of a checklist from its content; the content of the latest version makes no new one. A
    manager of the owner may; for the company an administrator.

    Raises BadContent naming what is wrong and in which item.
    """
    drafts = _read_items(slug, content)
    modules = _find_modules(slug, content.get("modules", []))
    digest = sha256(canonical_text(_spelled(content)))
    checklist, _made = Checklist.objects.get_or_create(
        slug=slug, defaults={"title": content["title"], "site": owner_site, "shop": owner_shop}
    )
    actor.require(Role.MANAGER, site_id=checklist.site_id, shop_id=checklist.shop_id)
    Checklist.objects.select_for_update(of=("self",)).get(pk=checklist.pk)
    latest = checklist.versions.order_by("-number").first()
    if latest and latest.digest == digest:
        return latest
    version = ChecklistVersion.objects.create(
        checklist=checklist,
        number=latest.number + 1 if latest else 1,
        title=content["title"],
        summary=content.get("summary", {}),
        is_handover=bool(content.get("handover")),
        needs_review=bool(content.get("review")),
        suggested=_spelled(content.get("schedule", {})),
        digest=digest,
        published_at=clock.now(),
        published_by=actor.employee,
    )
    version.modules.set(modules)
    for item in drafts:
        item.version = version
    Item.objects.bulk_create(drafts)
    Checklist.objects.filter(pk=checklist.pk).update(title=content["title"])
    append_entry(
        chain=chain_name(site_id=checklist.site_id, shop_id=checklist.shop_id),
        kind="checklist.published",
        actor=actor.ref,
        subject=f"checklist:{checklist.pk}",
        payload={"version": version.number, "digest": digest, "rows": frozen_digest(version)},
    )
    return version


def _spelled(value: Any) -> Any:
    """The content with floats and clock times as text, so that it has one canonical form."""
    if isinstance(value, dict):
        return {str(key): _spelled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_spelled(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def _find_modules(slug: str, slugs: list[str]) -> list[Module]:
    modules = {m.slug: m for m in Module.objects.filter(slug__in=slugs)}
    lacking = [s for s in slugs if s not in modules]
    if lacking:
        raise BadContent(_("Checklist %(slug)s: no module is called %(names)s."), slug=slug, names=listed(lacking))
    return list(modules.values())


def _read_items(slug: str, content: dict[str, Any]) -> list[Item]:
    _check_keys(slug, content, KEYS)
    _check_text(slug, "title", content.get("title"))
    rows = content.get("items")
    if not isinstance(rows, list) or not rows:
        raise BadContent(_("Checklist %(slug)s has no items."), slug=slug)
    return [_read_item(f"{slug}, {position}", position, row) for position, row in enumerate(rows, start=1)]


def _read_item(where: str, position: int, row: dict[str, Any]) -> Item:
    if not isinstance(row, dict):
        raise BadContent(_("%(where)s: this is not an item."), where=where)
    _check_keys(where, row, ITEM_KEYS)
    _check_text(where, "title", row.get("title"))
    kind = row.get("kind", "")
    if kind not in Item.Kind.values:
        raise BadContent(
            _("%(where)s: “%(kind)s” is no kind; it is one of %(kinds)s."),
            **{"where": where, "kind": kind, "kinds": listed(Item.Kind.values)},
        )
    if not row.get("slug"):
        raise BadContent(_("%(where)s: the slug is missing."), where=where)
    if kind == Item.Kind.FIGURE and row.get("figure") not in FIGURES:
        raise BadContent(_("%(where)s: no figure is called “%(name)s”."), where=where, name=row.get("figure"))
    if kind == Item.Kind.SAMPLE and not row.get("sample"):
        raise BadContent(_("%(where)s: the sample's size is missing."), where=where)
    for reason in row.get("reasons", []):
        _check_text(where, "reasons", reason)
    return Item(
        position=position,
        slug=row["slug"],
        kind=kind,
        title=row["title"],
        help=row.get("help", {}),
        unit=row.get("unit", {}),
        least=_read_number(where, row.get("least")),
        most=_read_number(where, row.get("most")),
        figure=row.get("figure", ""),
        sample_size=int(row.get("sample", 0)),
        signer=row.get("signer", ""),
        reasons=row.get("reasons", []),
        allows_na=bool(row.get("allows_na", kind != Item.Kind.SIGNATURE)),
        needs_photo=bool(row.get("needs_photo")),
        needs_correction=bool(row.get("needs_correction")),
        case_kind=row.get("case", ""),
        opens_case=bool(row.get("case_always")),
    )


def _check_keys(where: str, row: dict[str, Any], allowed: set[str]) -> None:
    unknown = sorted(set(row) - allowed)
    if unknown:
        raise BadContent(_("%(where)s: “%(keys)s” is not known here."), where=where, keys=listed(unknown))


def _check_text(where: str, key: str, value: Any) -> None:
    if not isinstance(value, dict) or not value or set(value) - {"zh", "en"}:
        raise BadContent(_("%(where)s: “%(key)s” takes {zh: …, en: …}."), where=where, key=key)


def _read_number(where: str, value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation as error:
        raise BadContent(_("%(where)s: “%(value)s” is not a number."), where=where, value=value) from error
