"""The runner: one item at a time, answers by page or fragment, submission."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from checklists import services
from checklists.errors import ItemsMissing, Unchanged, Unfit
from checklists.forms import AnswerForm, CorrectionForm, ScanForm
from checklists.models import Correction, HandoverSignature, Item, Run
from checklists.runner import run_page
from checklists.selectors import progress_of
from checklists.services import Answered
from checklists.views.common import fetch_item, fetch_run, fetch_run_to_answer, reached
from kernel import clock
from kernel.errors import Refused
from kernel.forms import form_again, status_of, told_in
from kernel.ids import read_id
from people.models import Role
from people.requests import HttpRequest


@require_http_methods(["GET", "HEAD"])
def run_work(request: HttpRequest, pk: int) -> HttpResponse:
    """The run at an item (?item=…, or its end), else at the first unanswered; a submitted run shows its record."""
    run = fetch_run(request, pk)
    if not run.is_open:
        return redirect("checklists:run_detail", pk)
    return _page(request, run, item_id=read_id(request.GET.get("item")), is_end=request.GET.get("item") == "end")


def _page(request: HttpRequest, run: Run, *, status: int = 200, **options: Any) -> HttpResponse:
    page = run_page(run=run, employee=request.user, scope=request.scope, at=clock.now(), **options)
    template = "checklists/_item.html" if request.htmx else "checklists/run_work.html"
    response = render(request, template, {"page": page, "run": run, "swap": bool(request.htmx)}, status=status)
    if request.htmx and status == 200:
        at = f"?item={page.step.item.pk if page.step else 'end'}"
        response["HX-Push-Url"] = reverse("checklists:run_work", args=[run.pk]) + at
    return response


@require_POST
def item_answer(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    """Saves an answer and goes on to the next item; what cannot be saved comes back with what was entered."""
    run = fetch_run_to_answer(request, pk)
    item = fetch_item(run, item_pk)
    form = AnswerForm(request.POST, request.FILES, run=run, item=item)
    if not form.is_valid():
        return _page(request, run, item_id=item.pk, form=form, status=422)
    try:
        answered = _answer(request, run, item, form)
    except Refused as refusal:
        return _page(request, run, item_id=item.pk, form=form, refusal=refusal, status=refusal.status)
    _tell(request, answered)
    if request.htmx:
        return _page(request, run, item_id=item.pk, given=answered.given)
    following = progress_of(run, given=answered.given).following(item.pk)
    return redirect(f"{reverse('checklists:run_work', args=[pk])}?item={following.item.pk if following else 'end'}")


def _answer(request: HttpRequest, run: Run, item: Item, form: AnswerForm) -> Answered:
    return services.answer_item(
        run=run,
        item=item,
        actor=request.actor,
        value=form.cleaned_data["value"],
        client_id=form.cleaned_data["client_id"],
        answered_at=form.cleaned_data["answered_at"],
        sent_at=form.cleaned_data["sent_at"],
        details=form.details(),
    )


def _tell(request: HttpRequest, answered: Answered) -> None:
    answer, other = answered.answer, answered.replaced
    if other is not None:
        told = _("%(name)s answered this too (%(value)s). Both are kept; yours is the later one and counts.")
        messages.warning(request, told % {"name": other.employee.name, "value": other.get_value_display()})
    if answer.held:
        messages.warning(request, _("Kept for the lead to decide: %(why)s.") % {"why": answer.get_held_display()})
    if answer.case:
        said = _("Case %(number)s is open.") if answer.opened_its_case else _("It is in case %(number)s already.")
        messages.success(request, said % {"number": answer.case.number})


@require_POST
def item_verify(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    """Looks at one drawn parcel in place."""
    run = fetch_run(request, pk)
    item = fetch_item(run, item_pk)
    request.scope.require(Role.EMPLOYEE, site_id=run.site_id, shop_id=run.shop_id)
    form = ScanForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Scan or type the waybill first."))
    else:
        try:
            found = services.verify_sample(run=run, item=item, actor=request.actor, **form.cleaned_data)
        except Unfit as refusal:
            messages.warning(request, str(refusal))
        else:
            level = messages.SUCCESS if found.verdict == "passed" else messages.WARNING
            messages.add_message(request, level, found.sentence)
    return redirect(f"{reverse('checklists:run_work', args=[pk])}?item={item_pk}")


@require_POST
def sample_draw(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    run = fetch_run(request, pk)
    drawn = services.draw_sample(run=run, item=fetch_item(run, item_pk), actor=request.actor)
    if not drawn:
        messages.warning(request, _("There is still no parcel to draw: import orders and labels first."))
    return redirect(f"{reverse('checklists:run_work', args=[pk])}?item={item_pk}")


@require_POST
def run_submit(request: HttpRequest, pk: int) -> HttpResponse:
    run = fetch_run(request, pk)
    try:
        services.submit_run(run=run, actor=request.actor)
    except ItemsMissing as refusal:
        messages.warning(request, str(refusal))
        return redirect(f"{reverse('checklists:run_work', args=[pk])}?item={progress_of(run).missing[0].item.pk}")
    except Unchanged as refusal:
        messages.warning(request, str(refusal))
        return redirect(f"{reverse('checklists:run_work', args=[pk])}?item=end")
    messages.success(request, _("Submitted and sealed."))
    return redirect("checklists:run_detail", pk)


@require_http_methods(["GET", "HEAD"])
def signature_open(request: HttpRequest, pk: int) -> HttpResponse:
    """The item that a handover's signature duty is about."""
    mine = HandoverSignature.objects.filter(reached(request.scope, "run__"))
    signature = get_object_or_404(mine, pk=pk)
    return redirect(f"{reverse('checklists:run_work', args=[signature.run_id])}?item={signature.item_id}")


@require_http_methods(["GET", "HEAD", "POST"])
def correction_work(request: HttpRequest, pk: int) -> HttpResponse:
    """A corrective action: what is to be done, and saying that it is."""
    rows = Correction.objects.filter(reached(request.scope, "answer__run__"))
    rows = rows.select_related(
        "duty__assignee", "duty__completed_by", "answer__item", "answer__run__version", "answer__run__site"
    )
    correction = get_object_or_404(rows.select_related("answer__employee"), pk=pk)
    form = CorrectionForm(request.POST or None)
    if form.is_bound and form.is_valid():
        with told_in(form):
            services.settle_correction(correction=correction, actor=request.actor, note=form.cleaned_data["note"])
            messages.success(request, _("Done and sealed."))
            return redirect("checklists:correction_work", pk)
    may_settle = correction.duty.assignee_id == request.user.pk or request.scope.acts(
        Role.LEAD, site_id=correction.answer.run.site_id
    )
    may_settle = may_settle and not correction.duty.is_settled
    if form.is_bound and not may_settle:  # somebody was quicker
        return form_again(request, form, back=reverse("checklists:correction_work", args=[pk]), text=correction.text)
    context = {"correction": correction, "form": form, "may_settle": may_settle}
    context["clock_zone"] = correction.answer.run.site.zone
    return render(request, "checklists/correction_work.html", context, status=status_of(form))
