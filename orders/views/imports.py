"""Imports: bring files, look at what they would change, confirm, watch the worker."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.cells import csv_lines
from kernel.forms import status_of, told_in
from orders import services
from orders.forms.imports import ColumnsForm, CoverageForm, ImportFilter, ImportForm
from orders.models import ColumnMapping, Coverage, Import, ImportFile, RowNote
from orders.readers.fields import FIELDS
from orders.selectors.columns import columns_of
from orders.selectors.imports import (
    import_rows,
    known_by_now,
    latest_as_of,
    other_shops,
    progress_of,
    row_faults,
    row_notes,
    visible_imports,
)
from orders.services.looking import FAULTS_KEPT
from orders.words import NOTES
from people.models import Role
from people.requests import HttpRequest
from records.services import seal_export

PAGE, SHOWN_FAULTS = 50, 20


@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    request.scope.require_role(Role.MANAGER, reading=True)
    form = ImportFilter(request.GET, scope=request.scope)
    context = {
        "form": form,
        "page": Paginator(import_rows(request.scope, form.wish), PAGE).get_page(request.GET.get("page")),
        "as_of": latest_as_of(request.scope),
        "is_filtered": bool(form.wish),
        "may_import": request.scope.has_role(Role.MANAGER),
    }
    return render(request, "orders/import_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request: HttpRequest) -> HttpResponse:
    request.scope.require_role(Role.MANAGER)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ImportForm(*sent, scope=request.scope)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        uploads = [services.Upload(file.name, file.size, file) for file in data["files"]]
        with told_in(form, "files"):
            batch = services.bring_files(
                shop=data["shop"],
                uploads=uploads,
                actor=request.actor,
                client_id=data["client_id"],
            )
            return redirect("orders:import_detail", batch.pk)
    return render(request, "orders/import_new.html", {"form": form}, status=status_of(form))


def _import(request: HttpRequest, pk: int) -> Import:
    return get_object_or_404(visible_imports(request.scope), pk=pk)


@require_safe
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, _import(request, pk))


def _detail(request: HttpRequest, batch: Import, bad: CoverageForm | None = None) -> HttpResponse:
    may_act = request.scope.acts(Role.MANAGER, shop_id=batch.shop_id)
    coverages = [] if batch.is_unseen else list(batch.coverages.select_related("shop__site").order_by("id"))
    files = [] if batch.is_unseen else list(batch.files.order_by("id"))  # of the look before
    context: dict[str, Any] = {
        "batch": batch,
        "clock_zone": batch.shop.site.zone,
        "files": files,
        "faults": sum(file.faults for file in files),
        "row_faults": row_faults(batch)[:SHOWN_FAULTS],
        "faults_kept": FAULTS_KEPT,
        "progress": progress_of(batch, request.scope),
        "coverages": coverages,
        "is_ready": all(file.kind or file.left_out for file in files) and any(file.kind for file in files),
        "other_shops": other_shops(batch),
        "forms": [bad if bad and bad.coverage == c else CoverageForm(coverage=c) for c in coverages] if may_act else [],
        "may_act": may_act,
    }
    return render(request, "orders/import_detail.html", context, status=status_of(bad) if bad else 200)


@require_safe
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar alone; it asks again by itself until the import is compared. Once all is read the page comes anew: its
    counts, its moment and its buttons were those of before."""
    batch = _import(request, pk)
    if not request.htmx:
        return redirect("orders:import_detail", batch.pk)
    context = {"batch": batch, "progress": progress_of(batch, request.scope)}
    response = render(request, "orders/_import_progress.html", context)
    if "under_way" in request.GET and not batch.is_under_way:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def import_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    services.confirm_import(batch=_import(request, pk), actor=request.actor)
    return redirect("orders:import_detail", pk)


@require_POST
def import_look(request: HttpRequest, pk: int) -> HttpResponse:
    services.look_again(batch=_import(request, pk), actor=request.actor)
    return redirect("orders:import_detail", pk)


@require_POST
def import_compare(request: HttpRequest, pk: int) -> HttpResponse:
    services.compare_again(batch=_import(request, pk), actor=request.actor)
    return redirect("orders:import_detail", pk)


@require_POST
def import_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    services.cancel_import(batch=_import(request, pk), actor=request.actor)
    return redirect("orders:import_list")


@require_POST
def coverage_edit(request: HttpRequest, pk: int, coverage: int) -> HttpResponse:
    batch = _import(request, pk)
    row = get_object_or_404(Coverage.objects.select_related("batch", "shop__site"), pk=coverage, batch=batch)
    request.scope.require(Role.MANAGER, shop_id=batch.shop_id)
    form = CoverageForm(request.POST, coverage=row)
    if form.is_valid():
        with told_in(form):
            services.set_coverage(coverage=row, actor=request.actor, **{"couriers": (), **form.cleaned_data})
            return redirect("orders:import_detail", pk)
    return _detail(request, batch, form)


def _file(request: HttpRequest, pk: int, file: int) -> ImportFile:
    batch = _import(request, pk)
    request.scope.require(Role.MANAGER, shop_id=batch.shop_id)
    return get_object_or_404(batch.files.select_related("batch__shop"), pk=file)


@require_http_methods(["GET", "HEAD", "POST"])
def columns_edit(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Which column of a file is what; another kind of file is chosen by address."""
    found, kind = _file(request, pk, file), request.GET.get("kind", "")
    if (seen := columns_of(found, kind if kind in FIELDS else "")) is None:
        raise services.FilesGone
    form = ColumnsForm(request.POST or None, seen=seen)
    if form.is_bound and form.is_valid():
        with told_in(form):
            services.save_mapping(
                file=found,
                kind=seen.kind,
                columns=form.columns,
                statuses=form.statuses,
                refunds=form.refunds,
                couriers=form.couriers,
                actor=request.actor,
            )
            return redirect("orders:import_detail", pk)
    context = {"form": form, "seen": seen, "file": found, "kinds": ColumnMapping.Kind.choices}
    return render(request, "orders/columns.html", context, status=status_of(form))


@require_POST
def columns_forget(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    services.forget_mapping(file=_file(request, pk, file), actor=request.actor)
    return redirect("orders:import_detail", pk)


@require_POST
def file_newest(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    services.say_newest(file=_file(request, pk, file), actor=request.actor)
    return redirect("orders:import_detail", pk)


@require_safe
def import_notes(request: HttpRequest, pk: int, file: int, code: str) -> HttpResponse:
    """The rows of a file that one thing is told of: exactly those that the import's page counts."""
    found = get_object_or_404(_import(request, pk).files.select_related("batch__shop"), pk=file)
    if code not in found.notes:
        raise Http404
    page = Paginator(row_notes(found, code), PAGE).get_page(request.GET.get("page"))
    context = {"file": found, "batch": found.batch, "page": page, "sentence": NOTES[code], "n": found.notes[code]}
    context |= {"known": known_by_now(found, list(page.object_list)), "most": RowNote.MOST}
    return render(request, "orders/import_notes.html", context)


@require_safe
def import_faults(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The refused rows as CSV: file, line, column, what stood there, why."""
    batch = _import(request, pk)
    seal_export(actor=request.user.ref, subject=batch.ref, what="import_faults", form="csv")
    response = StreamingHttpResponse(csv_lines(_fault_cells(batch)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{batch.pk}-refused.csv"'
    return response


def _fault_cells(batch: Import) -> Iterator[list[Any]]:
    yield [_("File"), _("Line"), _("Column"), _("Value"), _("Why")]
    for fault in row_faults(batch).iterator(chunk_size=500):
        yield [fault.file.title, fault.line, fault.column_name, fault.value, fault.sentence]
