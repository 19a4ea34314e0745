"""Who owes what, what a person did, and the ledger that proves it."""

from collections.abc import Iterator
from dataclasses import replace

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from compliance import proof, selectors
from compliance.forms import PRESETS, DownloadForm, MatrixFilterForm, MomentForm
from compliance.words import fault_words, ref_words
from duties.models import Duty
from duties.services import remind_duties
from kernel import clock
from kernel.cells import csv_lines
from kernel.paging import LongList
from kernel.presence import present
from people.models import Employee, Role
from people.requests import HttpRequest
from records.models import HeadSignature, LedgerEntry
from records.seals import ROOMS
from records.selectors import ChainReport, compare_export, verify_chain
from records.services import seal_export
from training.selectors import qualifications_at

PAGE = 50
MOST_REMINDED = 500
SHOWN = 5  # faults that a page tells


@require_http_methods(["GET", "HEAD"])
def matrix(request: HttpRequest) -> HttpResponse:
    scope, at = request.scope, clock.now()
    if not scope.has_role(Role.LEAD, reading=True):
        return redirect("compliance:person", scope.employee_id)
    form = MatrixFilterForm(request.GET, scope=scope)
    filters = form.filters()
    context = {"form": form, "filters": filters, "at": at, "presets": PRESETS.items(), "preset": form.preset}
    site = form.cleaned_data.get("site")
    context |= {
        "clock_zone": site.zone if site else "",
        "owing": selectors.owing(scope, filters, at),
        "may_remind": scope.has_role(Role.LEAD),
        "link": form.link,
    }
    if form.cleaned_data.get("by") == "item":
        context["items"] = selectors.by_item(scope=scope, filters=filters, at=at)
        return render(request, "compliance/items.html", context)
    page = Paginator(selectors.chosen_employees(scope, filters, at), PAGE).get_page(request.GET.get("page"))
    columns, rows = selectors.matrix(scope=scope, filters=filters, employees=page.object_list, at=at)
    grid = selectors.grid_of(columns, rows, sorts_rows=not filters.order)
    return render(request, "compliance/matrix.html", {**context, "page": page, "grid": grid, "rows": grid.rows})


@require_POST
def remind(request: HttpRequest) -> HttpResponse:
    """催办 of everybody whom the filter in the address chooses."""
    request.scope.require_role(Role.LEAD)
    filters = MatrixFilterForm(request.GET, scope=request.scope).filters()
    owed = selectors.owed_now(request.scope, filters, clock.now()).order_by("due_at")[:MOST_REMINDED]
    _tell_reminded(request, remind_duties(duties=owed, actor=request.actor))
    return redirect(f"{request.path.removesuffix('remind/')}?{request.GET.urlencode()}")


def _tell_reminded(request: HttpRequest, n: int) -> None:
    if n:
        told = ngettext("Reminded of %(n)d duty.", "Reminded of %(n)d duties.", n) % {"n": n}
        messages.success(request, told)
    else:
        messages.info(request, _("Nothing to remind of: all is done, or was reminded of within the hour."))


@require_http_methods(["GET", "HEAD"])
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The rows of the matrix as a CSV file, written as they are read."""
    request.scope.require_role(Role.LEAD, reading=True)
    filters, at = MatrixFilterForm(request.GET, scope=request.scope).filters(), clock.now()
    head = [_("Employee number"), pgettext("person", "Name"), _("Obligation"), _("On time"), _("Late")]
    head += [_("Missed"), _("Overdue"), _("To do"), _("Waived")]

    def rows() -> Iterator[tuple]:
        yield tuple(head)
        yield from selectors.export_rows(scope=request.scope, filters=filters, at=at)

    on = [key for key, value in request.GET.items() if value]
    seal_export(actor=request.user.ref, subject="company", what="completion", form="csv", filters=on)
    response = StreamingHttpResponse(csv_lines(rows()), content_type="text/csv; charset=utf-8")
    period = present(filters.period)
    name = f"completion-{period.start}-{period.end}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_http_methods(["GET", "HEAD"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """What one person owed and what became of it, with its proof; and what they were qualified for at a moment."""
    employee, scope, at = _person(request, pk), request.scope, clock.now()
    choice = MatrixFilterForm(request.GET, scope=scope)
    filters = choice.filters(always_period=False)
    others = proof.taken_from(employee, scope)
    counted = proof.duties_of(employee, scope, replace(filters, state=""), at)
    rows = others if "others" in request.GET else proof.duties_of(employee, scope, filters, at)
    page = LongList(rows, PAGE).get_page(request.GET.get("page"))
    form = MomentForm(request.GET)
    context = {
        "employee": employee,
        "page": page,
        "rows": proof.proven(page.object_list, at),
        "kinds": Duty.Kind.choices,
        "filters": filters,
        "total": selectors.total_of(counted, at),
        "done_by_others": others.count(),
        "shows_others": "others" in request.GET,
        "form": form,
        "moment": form.moment,
        "standings": qualifications_at(employee, form.moment),
        "may_remind": scope.has_role(Role.LEAD) and employee.pk != scope.employee_id,
    }
    return render(request, "compliance/person.html", context)


def _person(request: HttpRequest, pk: int) -> Employee:
    return get_object_or_404(Employee.objects.filter(request.scope.employees()), pk=pk)


@require_POST
def remind_person(request: HttpRequest, pk: int) -> HttpResponse:
    request.scope.require_role(Role.LEAD)
    employee = _person(request, pk)
    filters = MatrixFilterForm({}, scope=request.scope).filters()
    owed = selectors.owed_now(request.scope, filters, clock.now(), [employee])
    _tell_reminded(request, remind_duties(duties=owed, actor=request.actor))
    return redirect("compliance:person", pk)


@require_http_methods(["GET", "HEAD"])
def ledger(request: HttpRequest) -> HttpResponse:
    request.scope.require_role(Role.LEAD, reading=True)
    wish = {key: request.GET.get(key, "").strip()[:80] for key in ("chain", "room", "text")}
    found = proof.EntrySearch(scope=request.scope, **wish).entries()
    page = LongList(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": DownloadForm(),
        "chains": proof.chain_rows(proof.chains_of(request.scope)),
        "page": page,
        "entries": proof.entry_rows(page.object_list, request.scope),
        "rooms": ROOMS.items(),
        "clock_zone": proof.zone_of(wish["chain"]),
        **wish,
    }
    return render(request, "compliance/ledger.html", context)


@require_http_methods(["GET", "HEAD"])
def ledger_entry(request: HttpRequest, chain: str, seq: int) -> HttpResponse:
    """One entry as it was sealed, with its neighbours and the next signed head after it."""
    request.scope.require_role(Role.LEAD, reading=True)
    head = get_object_or_404(proof.chains_of(request.scope), pk=chain)
    entry = get_object_or_404(LedgerEntry, chain=head, seq=seq)
    signature = HeadSignature.objects.filter(chain=head, seq__gte=seq).order_by("seq").first()
    (row,) = proof.entry_rows([entry], request.scope)
    context = {"chain": head, "entry": entry, "row": row, "signature": signature, "clock_zone": proof.zone_of(head.pk)}
    return render(request, "compliance/ledger_entry.html", context)


@require_POST
def ledger_verify(request: HttpRequest, chain: str) -> HttpResponse:
    """Reads a chain again from its first entry and says whether it is sound."""
    request.scope.require_role(Role.LEAD, reading=True)
    head = get_object_or_404(proof.chains_of(request.scope), pk=chain)
    _tell_report(request, verify_chain(head.pk))
    return redirect("compliance:ledger")


@require_POST
def ledger_compare(request: HttpRequest) -> HttpResponse:
    """Compares a download that somebody kept with today's chain."""
    request.scope.require_role(Role.LEAD, reading=True)
    form = DownloadForm(request.POST, request.FILES)
    if form.is_valid():
        lines = (line.decode("utf-8", "replace") for line in form.cleaned_data["download"])
        _tell_report(request, compare_export(lines, within=proof.names_of(request.scope)))
    else:
        messages.error(request, str(next(iter(form.errors["download"]))))
    return redirect("compliance:ledger")


def _tell_report(request: HttpRequest, report: ChainReport) -> None:
    """Each fault in words; a clock that stood still is a warning, what was touched an error."""
    said = {"chain": proof.chain_words(report.chain), "n": report.entries}
    if report.is_sound:
        messages.success(request, _("%(chain)s is sound: %(n)d entries, each in its place.") % said)
    for fault in report.faults[:SHOWN]:
        told = said | {"fault": fault_words(fault.kind), "seq": fault.seq, "subject": ref_words(fault.subject)}
        if not fault.is_touched:
            sentence = _("%(chain)s from entry %(seq)s: %(fault)s.")
        elif fault.subject:
            sentence = _("%(chain)s is not sound: entry %(seq)s, %(subject)s (%(fault)s).")
        else:
            sentence = _("%(chain)s is not sound: entry %(seq)s (%(fault)s).")
        messages.add_message(request, messages.ERROR if fault.is_touched else messages.WARNING, sentence % told)
    if more := len(report.faults[SHOWN:]):
        messages.error(request, ngettext("And %(n)d more fault.", "And %(n)d more faults.", more) % {"n": more})


@require_http_methods(["GET", "HEAD"])
def ledger_export(request: HttpRequest, chain: str) -> StreamingHttpResponse:
    """The sealed texts of a chain, one a line: the SHA-256 of a line is the `prev` of the next one."""
    request.scope.require_role(Role.LEAD, reading=True)
    head = get_object_or_404(proof.chains_of(request.scope), pk=chain)
    texts = LedgerEntry.objects.filter(chain=head).order_by("seq").values_list("canonical", flat=True)
    lines = (f"{text}\n" for text in texts.iterator(chunk_size=2000))
    seal_export(actor=request.user.ref, subject=f"chain:{head.pk}", what="ledger", form="jsonl")
    response = StreamingHttpResponse(lines, content_type="application/x-ndjson; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="ledger-{head.pk.replace(":", "-")}.jsonl"'
    return response
