"""Imports as their pages show them: what files brought, how far the worker is, which rows were refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Max, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import ngettext

from duties.selectors import Decision
from duties.workers import is_worker_alive
from kernel import clock
from kernel.prepared import count_of
from orders.models import Import, ImportFile, Label, Order, RowFault, RowNote, Waybill
from orders.selectors.figures import figure_findings
from orders.selectors.unchecked import ALL_CHECKED, Unchecked, counted, unchecked_by_text
from people.models import Role, Shop
from people.scope import Scope
from records.models import Reaction


def visible_imports(scope: Scope) -> QuerySet[Import]:
    return Import.objects.filter(scope.at_shops("shop", Role.MANAGER)).select_related("shop__site", "by")


def import_rows(scope: Scope, wish: dict[str, Any]) -> QuerySet[Import]:
    """The list, newest first, with what a row shows."""
    sums = {"rows": Sum("files__rows"), "faults": Sum("files__faults")}
    return visible_imports(scope).filter(**wish).annotate(**sums).prefetch_related("files").order_by("-id")


def _to_confirm(scope: Scope) -> QuerySet[Import]:
    return Import.objects.filter(scope.at_shops("shop", Role.MANAGER, reading=False), state=Import.State.PREVIEW)


def imports_to_confirm(scope: Scope) -> Decision | None:
    """Looked at, and waiting for a manager to say what is not known in them and to confirm; in one statement."""
    if not (n := count_of(_to_confirm, scope)):
        return None
    said = ngettext("%(n)d import to look through and confirm", "%(n)d imports to look through and confirm", n)
    return Decision(said % {"n": n}, f"{reverse('orders:import_list')}?state={Import.State.PREVIEW}")


def latest_as_of(scope: Scope) -> list[tuple[str, str, Any]]:
    """(name, zone, until when what was compared speaks) of each shop that has data."""
    done = Import.objects.filter(scope.at_shops("shops", Role.MANAGER), compared_at__isnull=False)
    return list(done.order_by().values_list("shops__name", "shops__site__zone").annotate(at=Max("as_of")))


@dataclass(frozen=True)
class Progress:
    """How far an import is, in rows; once it is compared, the standing findings of its shops and what of them is not
    checked, with the lists behind both. `is_silent`: no worker is there to go on; `is_stuck`: comparing failed."""

    done: int
    total: int
    is_compared: bool
    findings: int = 0
    url: str = ""
    unchecked: Unchecked = ALL_CHECKED
    unchecked_url: str = ""
    is_silent: bool = False
    is_stuck: bool = False

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100


def progress_of(batch: Import, scope: Scope) -> Progress:
    """In four queries. Of several shops those count that the viewer sees."""
    is_silent = batch.is_under_way and not is_worker_alive(clock.now())
    if batch.is_unseen:
        return Progress(min(batch.seen_rows, batch.all_rows), batch.all_rows, False, is_silent=is_silent)
    rows = batch.files.aggregate(done=Sum("done_rows"), total=Sum("rows"))
    done, total = rows["done"] or 0, rows["total"] or 0
    if batch.compared_at is None:
        given_up = Reaction.objects.filter(fact__key=f"{batch.ref}:finished", state=Reaction.State.FAILED)
        is_stuck = batch.state == Import.State.DONE and given_up.exists()
        return Progress(done, total, False, is_silent=is_silent, is_stuck=is_stuck)
    seen = Shop.objects.filter(scope.at_shops("pk"), pk__in=batch.shop_ids)
    shops = list(seen.order_by("pk").values_list("pk", flat=True))
    query = urlencode([("shop", shop) for shop in shops])
    return Progress(
        done,
        total,
        True,
        figure_findings("findings_open", shops).count(),
        f"{reverse('orders:figure_rows', args=['findings_open'])}?{query}",
        counted(unchecked_by_text(Q(shop__in=shops))),
        f"{reverse('orders:unchecked_list')}?{query}",
    )


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


def row_notes(file: ImportFile, code: str) -> QuerySet[RowNote]:
    """The rows of a file that this is told of, as the import's page counts them."""
    return file.row_notes.filter(code=code).order_by("line", "id")


def known_by_now(file: ImportFile, notes: Sequence[RowNote]) -> set[str]:
    """Which of the numbers that nobody knew when the file was looked at a report or a label log has since."""
    numbers, shops = {note.value for note in notes}, file.batch.shop_ids
    if file.kind != ImportFile.Kind.TRACKING:
        return set(Order.objects.filter(shop__in=shops, number__in=numbers).values_list("number", flat=True))
    found = set(Waybill.objects.filter(order__shop__in=shops, number__in=numbers).values_list("number", flat=True))
    return found | set(Label.objects.filter(shop__in=shops, number__in=numbers).values_list("number", flat=True))
