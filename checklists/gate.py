"""Who may answer: those qualified on the modules that the version requires, and those whom a lead let pass.

`may_work`, `may_sign` and `may_review` say who may not be given which run, signature or review; `duties/gates.py` asks
them before a page offers one, and before somebody takes one or is given it.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import product

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from checklists.errors import NotQualified
from checklists.frozen import content_of
from checklists.models import Answer, ChecklistVersion, HandoverSignature, Item, Run, ShiftPass
from checklists.selectors import who_did
from duties.gates import Refusals
from kernel.errors import NotAllowed
from kernel.text import listed, localized
from people.models import Employee, Role
from people.scope import Scope, scopes_of
from training.models import Module
from training.selectors import courses_to_take, missing_modules, modules_missing


def required_modules(version: ChecklistVersion) -> QuerySet[Module]:
    """What whoever answers a run of this version has learned."""
    return version.modules.order_by("slug")


def titles_of(modules: Iterable[Module]) -> str:
    return listed(localized(getattr(module, "title", None)) or module.slug for module in modules)


def lacking_modules(*, run: Run, employee: Employee, at: datetime) -> list[Module]:
    """What the employee lacks to answer a run at a moment; nothing for whom the lead gave a pass."""
    return _lacking([run], [employee], at).get((run.pk, employee.pk), [])


def _lacking(runs: Collection[Run], people: Collection[Employee], at: datetime) -> dict[tuple[int, int], list[Module]]:
    """What each of the people lacks to answer each of the runs, by (run, employee); who lacks nothing is not in it."""
    asked = {run.pk: content_of(run.version).module_ids for run in runs}
    wanted, ids = {pk for module_ids in asked.values() for pk in module_ids}, [person.pk for person in people]
    if not wanted:
        return {}
    if len(people) == 1:
        missing = {one.pk: missing_modules(employee=one, module_ids=sorted(wanted), at=at) for one in people}
    else:
        missing = modules_missing(people=people, module_ids=wanted, at=at)
    lacking = {(run, pk): [m for m in missing[pk] if m.pk in asked[run]] for run in asked for pk in ids}
    lacking = {pair: modules for pair, modules in lacking.items() if modules}
    passed = _passes(runs, ids) if lacking else set()
    slots = {run.pk: _slot(run) for run in runs}
    return {(run, pk): modules for (run, pk), modules in lacking.items() if (pk, *slots[run]) not in passed}


def _slot(run: Run) -> tuple[int | None, ...]:
    """For what a pass is given: this checklist, at this site, in this shift of this day."""
    return (run.version.checklist_id, run.site_id, run.shift_id, run.day.toordinal())


def _passes(runs: Collection[Run], employee_ids: Collection[int]) -> set[tuple[int | None, ...]]:
    """(employee, …slot) of the passes; one that somebody gave themself is none."""
    rows = ShiftPass.objects.filter(employee__in=employee_ids, day__in={run.day for run in runs})
    rows = rows.filter(checklist__in={run.version.checklist_id for run in runs}).exclude(given_by=F("employee"))
    named = rows.values_list("employee_id", "checklist_id", "site_id", "shift_id", "day")
    return {(*slot, day.toordinal()) for *slot, day in named}


def may_work(duty_ids: Collection[int], people: Collection[Employee], at: datetime) -> Refusals:
    """People of the site or shop who are qualified, or have a pass."""
    runs = list(Run.objects.to_answer().filter(duty__in=duty_ids))
    scopes, lacking = scopes_of(people, at), _lacking(runs, people, at)
    wanted = {module.pk for modules in lacking.values() for module in modules}
    courses = courses_to_take(employee_ids=[*scopes], module_ids=wanted) if wanted else {}
    found: Refusals = {}
    for run, person in product(runs, people):
        if not scopes[person.pk].acts(Role.EMPLOYEE, site_id=run.site_id, shop_id=run.shop_id):
            found[run.duty_id, person.pk] = NotAllowed()
        elif missing := lacking.get((run.pk, person.pk)):
            refusal = NotQualified(
                _("%(name)s is not trained for this check yet: %(titles)s. Learn it first, or let a lead give a pass."),
                name=person.name,
                titles=titles_of(missing),
            )
            course = next((courses[person.pk, m.pk] for m in missing if (person.pk, m.pk) in courses), None)
            page = ("assignment_work", [course]) if course else ("my_training", [])
            refusal.lacking = titles_of(missing)
            refusal.path = reverse(f"training:{page[0]}", args=page[1])
            found[run.duty_id, person.pk] = refusal
    return found


def why_not_sign(*, run: Run, item: Item, employee: Employee, scope: Scope, answers: Iterable[Answer]) -> str | Promise:
    """Why a signature is not this person's to give; empty where it is. `answers` are those of the run."""
    if not item.signer:
        return ""
    if not scope.acts(Role.LEAD, site_id=run.site_id):
        return _("A handover is signed by the two leads.")
    if any(a.employee_id == employee.pk and a.item_id != item.pk and "signed" in a.data for a in answers):
        return _("You have signed the other side already; the other lead signs this one.")
    return ""


def may_sign(duty_ids: Collection[int], people: Collection[Employee], at: datetime) -> Refusals:
    """Leads of the site who do not sign the other side."""
    rows = HandoverSignature.objects.filter(run__signatures__duty__in=duty_ids).distinct()
    signatures = list(rows.select_related("run", "item", "duty"))
    scopes, found = scopes_of(people, at), Refusals()
    for one, person in product((s for s in signatures if s.duty_id in set(duty_ids)), people):
        others = [s.duty for s in signatures if s.run_id == one.run_id and s.pk != one.pk]
        if not scopes[person.pk].acts(Role.LEAD, site_id=one.run.site_id):
            found[one.duty_id, person.pk] = NotAllowed(_("A handover is signed by the two leads."))
        elif any(person.pk in (duty.assignee_id, duty.completed_by_id) for duty in others):
            side = Item.Signer(one.item.signer).label if one.item.signer else ""
            words = _("%(name)s signs the other side; another lead signs as %(side)s.")
            found[one.duty_id, person.pk] = NotAllowed(words, name=person.name, side=side)
    return found


def may_review(duty_ids: Collection[int], people: Collection[Employee], at: datetime) -> Refusals:
    """Leads of the site who had no part in the run."""
    runs = list(Run.objects.filter(review_duty__in=duty_ids))
    scopes, theirs, found = scopes_of(people, at), who_did(runs), Refusals()
    for run, person in product(runs, people):
        if not scopes[person.pk].acts(Role.LEAD, site_id=run.site_id):
            found[run.review_duty_id, person.pk] = NotAllowed()
        elif person.pk in theirs[run.pk]:
            words = _("%(name)s answered or submitted this run; somebody else reviews it.")
            found[run.review_duty_id, person.pk] = NotAllowed(words, name=person.name)
    return found
