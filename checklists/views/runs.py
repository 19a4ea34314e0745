"""Runs on record: the list, one run with its proof, review and what else a lead decides."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from checklists import selectors, services
from checklists.forms import AnswerForm, PassForm, ReviewForm, RunFilterForm, StartForm
from checklists.models import Answer, Checklist, Run
from checklists.selectors import did_it
from checklists.views.common import fetch_item, fetch_run, reached
from kernel import clock
from kernel.forms import form_again, status_of, told_in
from kernel.paging import LongList
from kernel.text import localized
from people.models import Role, Site
from people.requests import HttpRequest
from people.selectors import close_colleagues
from records.evidence import evidence_path
from records.models import Evidence

PAGE = 50


@require_http_methods(["GET", "HEAD"])
def run_list(request: HttpRequest) -> HttpResponse:
    form = RunFilterForm(request.GET or None, scope=request.scope)
    wishes: dict[str, Any] = form.cleaned_data if form.is_bound and form.is_valid() else {}
    now = clock.now()
    runs = selectors.listed_runs(reached(request.scope), now=now, today=clock.today(request.scope.zone), **wishes)
    page = LongList(runs, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [(run, run.state_shown(now), run.lateness_shown(now)) for run in page],
        "when": wishes.get("when") or "today",
        "may_start": request.scope.has_role(Role.LEAD),
        "is_filtered": any(wishes.get(key) for key in ("checklist", "state", "day")),
    }
    return render(request, "checklists/run_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def run_start(request: HttpRequest) -> HttpResponse:
    """A lead starts a run beside the schedule."""
    request.scope.require_role(Role.LEAD)
    sites = Site.objects.filter(request.scope.at_sites("pk", Role.LEAD, reading=False), is_active=True)
    lists = Checklist.objects.filter(request.scope.owned(), is_active=True, versions__isnull=False).distinct()
    form = StartForm(request.POST or None, sites=sites, checklists=lists.order_by("slug"))
    if form.is_bound and form.is_valid():
        with told_in(form):
            run = services.start_run(actor=request.actor, **form.options())
            return redirect("checklists:run_work", run.pk)
    return render(request, "checklists/run_start.html", {"form": form}, status=status_of(form))


@require_http_methods(["GET", "HEAD"])
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A run as it stands on record: every answer, evidence, who decided what, the proof in the ledger."""
    return _detail(request, fetch_run(request, pk))


def _detail(request: HttpRequest, run: Run, **forms: Any) -> HttpResponse:
    leads, now = request.scope.acts(Role.LEAD, site_id=run.site_id), clock.now()
    context = {
        "run": run,
        "record": selectors.record_of(run),
        "state": run.state_shown(now),
        "lateness": run.lateness_shown(now),
        "leads": leads,
        "may_review": leads and run.state == Run.State.SUBMITTED and request.user.pk not in did_it(run),
        "may_correct": leads and not run.is_open,
        "review": forms.get("review") or ReviewForm(),
        "give_pass": forms.get("give_pass") or (PassForm(run=run, by=request.user) if leads and run.is_open else None),
    }
    offered = {"review": context["may_review"], "give_pass": leads and run.is_open}
    for name, form in forms.items():
        if not offered[name]:  # somebody was quicker
            back = reverse("checklists:run_detail", args=[run.pk])
            return form_again(request, form, back=back, text=localized(run.version.title))
    return render(request, "checklists/run_detail.html", context, status=status_of(*forms.values()))


@require_POST
def run_review(request: HttpRequest, pk: int) -> HttpResponse:
    run = fetch_run(request, pk)
    form = ReviewForm(request.POST)
    is_accepted = request.POST.get("decision") == "accept"
    if form.is_valid() and not is_accepted and not form.cleaned_data["note"].strip():
        form.add_error("note", _("Say what is to be done again."))
    request.scope.require(Role.LEAD, site_id=run.site_id)
    if form.is_valid():
        told = {"is_accepted": is_accepted, "note": form.cleaned_data["note"]}
        with told_in(form):
            services.review_run(run=run, actor=request.actor, **told)
            messages.success(request, _("Accepted and sealed.") if is_accepted else _("Sent back; it is owed again."))
            return redirect("checklists:run_detail", pk)
    return _detail(request, run, review=form)


@require_POST
def pass_give(request: HttpRequest, pk: int) -> HttpResponse:
    run = fetch_run(request, pk)
    request.scope.require(Role.LEAD, site_id=run.site_id)
    form = PassForm(request.POST, run=run, by=request.user)
    if form.is_valid():
        with told_in(form):
            services.give_pass(run=run, actor=request.actor, **form.cleaned_data)
            name = form.cleaned_data["employee"].name
            messages.success(request, _("%(name)s may answer this checklist in this shift.") % {"name": name})
            return redirect("checklists:run_detail", pk)
    return _detail(request, run, give_pass=form)


@require_POST
def answer_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """A lead lets a held answer count, or declines it."""
    rows = Answer.objects.filter(reached(request.scope, "run__")).select_related("run")
    answer = get_object_or_404(rows, pk=pk)
    is_accepted = request.POST.get("decision") == "accept"
    services.decide_held(answer=answer, actor=request.actor, is_accepted=is_accepted)
    messages.success(request, _("The answer counts now.") if is_accepted else _("Declined; it stays on record."))
    return redirect("checklists:run_detail", answer.run_id)


@require_http_methods(["GET", "HEAD", "POST"])
def answer_correct(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    """A lead corrects an answer of a submitted run, with the reason."""
    run = fetch_run(request, pk)
    request.scope.require(Role.LEAD, site_id=run.site_id)
    item = fetch_item(run, item_pk)
    form = AnswerForm(request.POST or None, run=run, item=item)
    if request.method == "POST" and form.is_valid() and not form.cleaned_data["because"].strip():
        form.add_error("because", _("Say why the answer is corrected."))
    if form.is_bound and form.is_valid():
        keys = {key: form.cleaned_data[key] for key in ("value", "because", "client_id")}
        with told_in(form):
            services.correct_answer(run=run, item=item, actor=request.actor, details=form.details(), **keys)
            messages.success(request, _("Corrected; what stood before stays readable."))
            return redirect("checklists:run_detail", pk)
    crew = close_colleagues(request.user.pk, site_id=run.site_id, on=run.day) if item.needs_correction else None
    context = {"run": run, "item": item, "form": form, "values": Answer.Value.choices, "crew": crew}
    return render(request, "checklists/answer_correct.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD"])
def evidence_open(request: HttpRequest, pk: int) -> FileResponse:
    """A photo of an answer, served through the scope of its run."""
    evidence = get_object_or_404(Evidence.objects.filter(owner__startswith="answer:", erased_at=None), pk=pk)
    answers = Answer.objects.filter(reached(request.scope, "run__"))
    get_object_or_404(answers, pk=int(evidence.owner.rpartition(":")[2]))
    path = evidence_path(evidence.digest)
    if not path.exists():
        raise Http404
    response = FileResponse(path.open("rb"), content_type=evidence.media_type)
    response["Content-Disposition"] = f'inline; filename="{evidence.pk}.jpg"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
