"""What a published version holds never changes, so each process reads it once and keeps it."""

from dataclasses import dataclass
from functools import lru_cache

from checklists.models import ChecklistVersion, Item
from records.frozen import rows_digest

VERSION = "number title summary is_handover needs_review suggested"
ITEM = (
    "position slug kind title help unit least most figure sample_size signer reasons allows_na needs_photo "
    "needs_correction case_kind opens_case"
)


@dataclass(frozen=True)
class Content:
    """A version's items in their order, and the modules that whoever answers has learned."""

    items: tuple[Item, ...]
    module_ids: tuple[int, ...]


def content_of(version: ChecklistVersion) -> Content:
    """The items are shared by all who ask: nobody changes them."""
    return _read(version.pk, version.digest)


@lru_cache(maxsize=512)
def _read(version_id: int, digest: str) -> Content:
    version = ChecklistVersion.objects.select_related("checklist").get(pk=version_id)
    return Content(tuple(version.items.all()), tuple(version.modules.order_by("slug").values_list("id", flat=True)))


def frozen_digest(version: ChecklistVersion) -> str:
    """Only what is never changed; the columns named here are part of what is sealed."""
    return rows_digest(
        (ChecklistVersion.objects.filter(pk=version.pk), VERSION),
        (version.items.order_by("position"), ITEM),
        (version.modules.order_by("slug"), "slug"),
    )


forget = _read.cache_clear  # for a process whose database is exchanged under it: restore, tests
