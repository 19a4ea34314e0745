"""The list of cases, one case with its timeline, and what people do to it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases import services
from cases.about import case_about, deadlines_of
from cases.forms.cases import (
    AssignForm,
    CaseFilter,
    CaseForm,
    ChosenForm,
    CloseForm,
    ContactForm,
    GiveForm,
    NoteForm,
    RefundForm,
    ReopenForm,
    ResolveForm,
    ResponsibleForm,
    StatementForm,
    StatusForm,
)
from cases.forms.points import EvidenceForm
from cases.models import Case, ContactLog, PointRule
from cases.next_step import next_step
from cases.sayings import to_say
from cases.selectors import case_list as listed_cases
from cases.selectors import finding_words, hearing, retrainings_of, timeline, visible_cases
from kernel import clock
from kernel.batches import batched
from kernel.cells import csv_lines, xlsx_file
from kernel.fields import by_clock_of
from kernel.forms import form_again, origin_of, status_of, told_in
from kernel.text import labelled, listed
from orders.selectors import photos_of
from people.models import Role
from people.requests import HttpRequest
from people.saved_views import views_of
from records.services import seal_export

PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    form = CaseFilter(request.GET, scope=request.scope)
    page = Paginator(listed_cases(request.scope, form.wish), PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "is_filtered": any(form.wish.get(name) for name in form.fields if name != "sort"),
        "may_open": request.scope.has_role(Role.EMPLOYEE),
        "views": views_of(request, "cases:case_list"),
        "may_give": request.scope.has_role(Role.LEAD),
        "now": clock.now(),
    }
    return render(request, "cases/case_list.html", context)


@require_safe
def case_export(request: HttpRequest) -> StreamingHttpResponse:
    """The same rows as the list, as CSV."""
    rows = listed_cases(request.scope, CaseFilter(request.GET, scope=request.scope).wish).select_related("shop__site")
    _seal_export(request, "csv")
    response = StreamingHttpResponse(csv_lines(_cells(rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="cases-{clock.today(request.scope.zone):%Y%m%d}.csv"'
    return response


@require_safe
def case_workbook(request: HttpRequest) -> HttpResponse:
    """The same rows as the list, as XLSX."""
    rows = listed_cases(request.scope, CaseFilter(request.GET, scope=request.scope).wish).select_related("shop__site")
    _seal_export(request, "xlsx")
    response = HttpResponse(xlsx_file(_cells(rows), _("Cases")), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="cases-{clock.today(request.scope.zone):%Y%m%d}.xlsx"'
    return response


def _seal_export(request: HttpRequest, form: str) -> None:
    on = [key for key, value in request.GET.items() if value]
    seal_export(actor=request.user.ref, subject="company", what="cases", form=form, filters=on)


def _cells(rows: Any) -> Iterator[list[Any]]:
    yield [
        *(_("Number"), _("Shop"), _("Kind"), _("Cause"), _("Source"), _("How urgent"), _("Status"), _("Owner")),
        *(
            _("Order numbers"),
            _("Waybills"),
            _("Opened"),
            _("Due"),
            *(_("Earliest deadline"), _("Whose deadline")),
            _("Refund"),
            _("Resolution"),
            _("Resolved"),
            _("Closed"),
        ),
    ]
    for batch in batched(rows.iterator(chunk_size=500), 500):
        deadlines = deadlines_of(batch)
        for case in batch:
            told = deadlines.get(case.pk)
            yield [
                *(case.number, case.shop.name, case.get_kind_display(), case.get_cause_display()),
                *(case.get_source_display(), case.get_severity_display(), case.get_status_display(), case.owner or ""),
                *(" ".join(n.number for n in case.orders.all()), " ".join(n.number for n in case.waybills.all())),
                *(_spell(case.opened_at, case), _spell(case.due_at, case)),
                *((_spell(told.at, case), told.words) if told else ("", "")),
                *(case.get_refund_condition_display(), case.get_resolution_display()),
                *(_spell(case.resolved_at, case), _spell(case.closed_at, case)),
            ]


def _spell(moment: datetime | None, case: Case) -> str:
    """As the clock of the case's site shows it."""
    return moment.astimezone(case.shop.site.tz).strftime("%Y-%m-%d %H:%M") if moment else ""


@require_http_methods(["GET", "HEAD", "POST"])
def case_new(request: HttpRequest) -> HttpResponse:
    request.scope.require_role(Role.EMPLOYEE)
    form = CaseForm(request.POST or None, scope=request.scope, initial=_first_words(request))
    if form.is_bound and form.is_valid():
        with told_in(form):
            case = services.open_by_hand(actor=request.actor, **form.cleaned_data)
            is_new = case.key == f"page:{form.cleaned_data['client_id']}"
            said = _("Case %(number)s is open.") if is_new else _("It is in case %(number)s already.")
            messages.success(request, said % {"number": case.number})
            return redirect("cases:case_detail", case.pk)
    return render(request, "cases/case_new.html", {"form": form}, status=status_of(form))


def _first_words(request: HttpRequest) -> dict[str, Any]:
    """What the address says already: ?order=…&waybill=…&kind=…&cause=…&shop=…&finding=…&parcel=…"""
    given = {k: v for k in ("kind", "cause", "shop", "finding", "note", "parcel") if (v := request.GET.get(k))}
    for name in ("order", "waybill"):
        given[f"{name}s"] = "\n".join(request.GET.getlist(name))
    if "finding" in given:
        given = {**finding_words(request.scope, given["finding"]), **{k: v for k, v in given.items() if v}}
    return given


@require_POST
def case_many(request: HttpRequest) -> HttpResponse:
    """What was chosen on the board, one case a courier and cause."""
    request.scope.require_role(Role.EMPLOYEE)
    form = ChosenForm(request.POST)
    if not form.is_valid():
        messages.info(request, _("Choose something first."))
        return redirect(origin_of(request, "orders:board"))
    opened = services.open_cases(actor=request.actor, **form.cleaned_data)
    if not opened:
        messages.info(request, _("Somebody else has taken these already."))
        return redirect(origin_of(request, "orders:board"))
    numbers = listed(case.number for case in opened)
    messages.success(request, _("Opened: %(numbers)s.") % {"numbers": numbers})
    return redirect("cases:case_detail", opened[0].pk) if len(opened) == 1 else redirect("cases:case_list")


@require_POST
def case_give(request: HttpRequest) -> HttpResponse:
    """What was ticked on the list, to one person."""
    request.scope.require_role(Role.LEAD)
    form, origin = GiveForm(request.POST, scope=request.scope), origin_of(request, "cases:case_list")
    if "case" in form.errors:
        messages.error(request, _("Choose something first."))
        return redirect(origin)
    if not form.is_valid():
        n = len(form.cleaned_data["case"])
        told = ngettext("%(n)d case", "%(n)d cases", n) % {"n": n}
        return form_again(request, form, back=origin, text=told)
    to = form.cleaned_data["to"]
    done = services.assign_cases(case_ids=form.case_ids, to=to, actor=request.actor)
    if done.given:
        said = ngettext("%(name)s has %(n)d more case now.", "%(name)s has %(n)d more cases now.", len(done.given))
        messages.success(request, said % {"name": to.name, "n": len(done.given)})
    for case, why in done.left[:5]:
        messages.warning(request, labelled(case.number, why))
    return redirect(origin)


# --- one case


def found_case(request: HttpRequest, pk: int) -> Case:
    rows = visible_cases(request.scope).select_related("shop__site", "duty__assignee", "opened_by", "responsible")
    return get_object_or_404(rows, pk=pk)


@require_safe
def case_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return show_case(request, found_case(request, pk))


FORMS: dict[str, type[forms.Form]] = {
    "contact": ContactForm,
    "note": NoteForm,
    "status": StatusForm,
    "refund": RefundForm,
    "resolve": ResolveForm,
    "close": CloseForm,
    "reopen": ReopenForm,
}


def _form(name: str, case: Case, *args: Any, **options: Any) -> forms.Form:
    return by_clock_of(FORMS[name](*args, **options), case.shop.site.zone)


def show_case(request: HttpRequest, case: Case, **bound: forms.Form) -> HttpResponse:
    """The case's page; a form that was sent and not taken stands in it as it was entered, on a page of its own where
    the case does not offer it any more."""
    initial = {
        "resolve": {"cause": case.cause},
        "status": {"status": case.status},
        "refund": {"refund_condition": case.refund_condition},
    }
    may_lead = request.scope.acts(Role.LEAD, shop_id=case.shop_id)
    moments, about, now = timeline(case), case_about(case), clock.now()
    context = {
        "case": case,
        "clock_zone": case.shop.site.zone,
        "moments": moments,
        "checks": [one.event for one in reversed(moments) if one.event and one.event.told.get("path")],
        "about": about,
        "photos": photos_of(request.scope, order_ids=about.order_ids, numbers=about.waybills),
        "step": next_step(case, moments, now, may_lead=may_lead),
        "now": now,
        "may_work": request.scope.acts(Role.EMPLOYEE, shop_id=case.shop_id),
        "may_lead": may_lead,
        "to_say": to_say(case) if case.is_active else None,
        "hearing": hearing(case, request.user, request.scope),
        "retrainings": retrainings_of(case, now),
        "statement": bound.get("statement") or StatementForm(case=case, viewer=request.user, may_lead=may_lead),
        "responsible": bound.get("responsible")
        or ResponsibleForm(case=case, initial={"employee": case.responsible_id}),
        "deductible": deductible(case) if may_lead and case.responsible_id else None,
        "evidence": bound.get("evidence") or EvidenceForm(),
        "forms": {name: bound.get(name) or _form(name, case, initial=initial.get(name, {})) for name in FORMS},
        "assign": bound.get("assign") or AssignForm(case=case),
        "faulty": next(iter(bound), ""),
    }
    for name, form in bound.items():
        if not _is_offered(name, case, context):
            return form_again(request, form, back=reverse("cases:case_detail", args=[case.pk]), text=case.number)
    return render(request, "cases/case_detail.html", context, status=status_of(*bound.values()))


def _is_offered(name: str, case: Case, context: dict[str, Any]) -> bool:
    """Whether the case's page shows the form now."""
    return {
        "close": case.status == Case.Status.RESOLVED,
        "reopen": not case.is_active,
        "responsible": bool(context["hearing"].statements),
        "evidence": bool(context["deductible"] and context["deductible"][0]),
        "note": True,
        "statement": True,
    }.get(name, case.is_active)


def deductible(case: Case) -> tuple[PointRule | None, str] | None:
    """(the rule by which a deduction may be proposed, why it may not); None where no rule knows such a case."""
    if services.deduction_rule(case) is None:
        return None
    try:
        return services.check_deductible(case)[0], ""
    except services.NotDeductible as refusal:
        return None, str(refusal)


def _do(request: HttpRequest, pk: int, name: str, service: Callable[..., Any], done: str) -> HttpResponse:
    """One action of the case's page: its form, its service, back to the page."""
    case = found_case(request, pk)
    form = _form(name, case, request.POST)
    if form.is_valid():
        with told_in(form):
            service(case=case, actor=request.actor, **form.cleaned_data)
            messages.success(request, done)
            return redirect("cases:case_detail", pk)
    return show_case(request, case, **{name: form})


@require_POST
def case_contact(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, "contact", services.log_contact, _("The contact is kept."))


@require_POST
def case_note(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, "note", services.add_note, _("The note is kept."))


@require_POST
def case_status(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, "status", services.set_status, _("The status is changed."))


@require_POST
def case_refund(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, "refund", services.set_refund_condition, _("Kept."))


@require_POST
def case_resolve(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, "resolve", services.resolve_case, _("Resolved. A lead closes it."))


@require_POST
def case_close(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, "close", services.close_case, _("The case is closed."))


@require_POST
def case_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, "reopen", services.reopen_case, _("The case is open again."))


@require_POST
def case_take(request: HttpRequest, pk: int) -> HttpResponse:
    services.take_case(case=found_case(request, pk), actor=request.actor)
    messages.success(request, _("The case is yours."))
    return redirect("cases:case_detail", pk)


@require_POST
def case_assign(request: HttpRequest, pk: int) -> HttpResponse:
    case = found_case(request, pk)
    request.scope.require(Role.LEAD, shop_id=case.shop_id)
    form = AssignForm(request.POST, case=case)
    if form.is_valid():
        with told_in(form, "to"):
            to = form.cleaned_data["to"]
            services.assign_case(case=case, to=to, actor=request.actor)
            messages.success(request, _("%(name)s has it now.") % {"name": to.name})
            return redirect("cases:case_detail", pk)
    return show_case(request, case, assign=form)


# --- following up


def _contact(request: HttpRequest, pk: int) -> ContactLog:
    rows = ContactLog.objects.filter(request.scope.at_shops("case__shop")).select_related("case__shop", "duty")
    return get_object_or_404(rows, pk=pk)


@require_safe
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the duty of a follow-up leads: its contact on the case's timeline."""
    contact = _contact(request, pk)
    response = redirect("cases:case_detail", contact.case_id)
    response["Location"] += f"#contact-{contact.pk}"
    return response


@require_POST
def follow_up_complete(request: HttpRequest, pk: int) -> HttpResponse:
    contact, form = _contact(request, pk), NoteForm(request.POST)
    if form.is_valid():
        with told_in(form):
            services.complete_follow_up(contact=contact, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("Followed up."))
            return redirect("cases:case_detail", contact.case_id)
    return show_case(request, found_case(request, contact.case_id), note=form)
