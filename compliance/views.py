"""Who owes what, what a person did, and the ledger that proves it."""

from collections.abc import Iterator

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from compliance import selectors
from compliance.forms import MatrixFilterForm
from duties.models import Duty
from duties.selectors import with_status
from kernel import clock
from kernel.cells import csv_lines
from people.models import Employee, Role
from records.models import LedgerEntry
from records.selectors import verify_chain

PAGE = 50


@require_http_methods(["GET", "HEAD"])
def matrix(request: HttpRequest) -> HttpResponse:
    scope, at = request.scope, clock.now()
    if not scope.has_role(Role.LEAD, reading=True):
        return redirect("compliance:person", scope.employee_id)
    form = MatrixFilterForm(request.GET, scope=scope)
    filters = form.filters()
    page = Paginator(selectors.chosen_employees(scope, filters, at), PAGE).get_page(request.GET.get("page"))
    columns, rows = selectors.matrix(scope=scope, filters=filters, employees=page.object_list, at=at)
    context = {"form": form, "filters": filters, "page": page, "columns": columns, "rows": rows, "at": at}
    return render(request, "compliance/matrix.html", {**context, "owing": selectors.owing(scope, filters, at)})


@require_http_methods(["GET", "HEAD"])
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The rows of the matrix as a CSV file, written as they are read."""
    request.scope.require_role(Role.LEAD, reading=True)
    filters, at = MatrixFilterForm(request.GET, scope=request.scope).filters(), clock.now()
    head = [_("Employee number"), _("Name"), _("Obligation"), _("On time"), _("Late")]
    head += [_("Not done"), _("Overdue"), _("To do"), _("Waived")]

    def rows() -> Iterator[tuple]:
        yield tuple(head)
        yield from selectors.export_rows(scope=request.scope, filters=filters, at=at)

    response = StreamingHttpResponse(csv_lines(rows()), content_type="text/csv; charset=utf-8")
    name = f"completion-{filters.period.start}-{filters.period.end}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_http_methods(["GET", "HEAD"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """What one person owed and what became of it, the latest first."""
    employee = get_object_or_404(Employee.objects.filter(request.scope.employees()), pk=pk)
    rows = Duty.objects.filter(assignee=employee).select_related("shop").order_by("-due_at", "-id")
    if employee.pk != request.scope.employee_id:
        rows = rows.filter(selectors.duties_in(request.scope))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    past = with_status(page.object_list, clock.now())
    return render(request, "compliance/person.html", {"employee": employee, "page": page, "rows": past})


@require_http_methods(["GET", "HEAD"])
def ledger(request: HttpRequest) -> HttpResponse:
    request.scope.require_role(Role.LEAD, reading=True)
    chains = selectors.chains_of(request.scope)
    entries = LedgerEntry.objects.filter(chain__in=chains.values("pk")).order_by("-id")
    if wanted := request.GET.get("chain"):
        entries = entries.filter(chain=wanted)
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    return render(request, "compliance/ledger.html", {"chains": chains, "page": page})


@require_POST
def ledger_verify(request: HttpRequest, chain: str) -> HttpResponse:
    """Reads a chain again from its first entry and says whether it is sound."""
    request.scope.require_role(Role.LEAD, reading=True)
    head = get_object_or_404(selectors.chains_of(request.scope), pk=chain)
    report = verify_chain(head.pk)
    said = {"chain": report.chain, "n": report.entries, "seq": report.seq, "fault": report.fault}
    if report.is_sound:
        messages.success(request, _("%(chain)s is sound: %(n)d entries, each in its place.") % said)
    else:
        messages.error(request, _("%(chain)s is not sound: entry %(seq)s (%(fault)s).") % said)
    return redirect("compliance:ledger")


@require_http_methods(["GET", "HEAD"])
def ledger_export(request: HttpRequest, chain: str) -> StreamingHttpResponse:
    """The sealed texts of a chain, one a line: the SHA-256 of a line is the `prev` of the next one."""
    request.scope.require_role(Role.LEAD, reading=True)
    head = get_object_or_404(selectors.chains_of(request.scope), pk=chain)
    texts = LedgerEntry.objects.filter(chain=head).order_by("seq").values_list("canonical", flat=True)
    lines = (f"{text}\n" for text in texts.iterator(chunk_size=2000))
    response = StreamingHttpResponse(lines, content_type="application/x-ndjson; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="ledger-{head.pk.replace(":", "-")}.jsonl"'
    return response
