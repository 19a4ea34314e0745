"""Imports as their pages show them: what files brought, how far the worker is, which rows were refused."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Max, QuerySet, Sum

from orders.models import Finding, Import, RowFault
from people.models import Role
from people.scope import Scope
from records.models import Fact, Reaction


def visible_imports(scope: Scope) -> QuerySet[Import]:
    return Import.objects.filter(scope.at_shops("shop", Role.MANAGER)).select_related("shop", "by")


def import_rows(scope: Scope, wish: dict[str, Any]) -> QuerySet[Import]:
    """The list, newest first, with what a row shows."""
    sums = {"rows": Sum("files__rows"), "faults": Sum("files__faults")}
    return visible_imports(scope).filter(**wish).annotate(**sums).prefetch_related("files").order_by("-id")


def latest_as_of(scope: Scope) -> dict[int, Any]:
    """Of each shop that has data: until when it speaks."""
    done = Import.objects.filter(scope.at_shops("shops", Role.MANAGER), state=Import.State.DONE)
    return dict(done.order_by().values_list("shops__name").annotate(at=Max("as_of")))


@dataclass(frozen=True)
class Progress:
    """How far an import is, in rows; compared once the findings of its shop are up to date."""

    done: int
    total: int
    is_compared: bool
    findings: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100


def progress_of(batch: Import) -> Progress:
    """In three queries."""
    rows = batch.files.aggregate(done=Sum("done_rows"), total=Sum("rows"))
    reactions = Reaction.objects.filter(fact__key=f"{batch.ref}:finished").values_list("state", flat=True)
    is_known = Fact.objects.filter(key=f"{batch.ref}:finished").exists()
    is_compared = is_known and all(state == Reaction.State.DONE for state in reactions)
    open_findings = Finding.objects.filter(shop=batch.shop_id, state=Finding.State.OPEN).count() if is_compared else 0
    return Progress(rows["done"] or 0, rows["total"] or 0, is_compared, open_findings)


@dataclass(frozen=True)
class OtherShops:
    """Of files that name several shops: which of the others get their rows, and which are not known here."""

    known: list[str]
    unknown: list[str]


def other_shops(batch: Import) -> OtherShops | None:
    names = batch.shop_names
    if not names:
        return None
    known = [name for name, pk in names.items() if pk and pk != batch.shop_id]
    return OtherShops(known, [name for name, pk in names.items() if pk is None])


def row_faults(batch: Import) -> QuerySet[RowFault]:
    return RowFault.objects.filter(file__batch=batch).select_related("file").order_by("file", "line")
