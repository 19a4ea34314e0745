"""Assigning modules: by hand, by role when somebody is hired or moves, and anew when a version replaces another."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from duties.leaving import LEFT, NO_LONGER, end_duties
from duties.models import Duty
from duties.services import DutyDraft, open_duties
from duties.telling import tell_given
from kernel import clock
from kernel.errors import Refused
from kernel.presence import present
from people.actor import Actor
from people.models import Employee, Membership, Role, Site
from people.selectors import working_at
from records.canonical import sha256, spell_moment
from records.models import Fact
from records.services import append_entry, chain_name
from training.errors import NotInUse
from training.models import Assignment, Module, ModuleVersion, Qualification

DUE_TIME = time(18)  # of the last day, at the site


def due_after(site: Site, days: int, at: datetime) -> datetime:
    """The end of the working day, so many days after a moment."""
    return datetime.combine(clock.day_of(at, site.zone) + timedelta(days=days), DUE_TIME, site.tz)


@transaction.atomic
def assign_module(
    *,
    module: Module,
    employee: Employee,
    site: Site,
    key: str,
    due_at: datetime | None = None,
    reason: str = "",
    actor: Actor,
) -> Assignment:
    """Gives somebody of a site a module to learn, once per key; a repeat returns the first. A lead may, to whom they
    lead."""
    actor.require(Role.LEAD, site_id=site.pk)
    if not Module.objects.filter(actor.scope.owned(), pk=module.pk).exists():
        raise NotInUse
    if not (module.is_active and module.current_id):
        raise NotInUse
    theirs = working_at(site.pk).filter(actor.scope.employees(), pk=employee.pk)
    if not (actor.is_system or theirs.exists()):
        raise Refused(_("%(name)s does not work at this site."), field="employee", name=employee.name)
    if due_at is not None and due_at <= clock.now():
        raise Refused(_("The deadline is over already. Choose a later one."), field="due_at")
    made = _assign(module, [(employee, site, key)], due_at=due_at, reason=reason, actor=actor)
    if not made:
        return Assignment.objects.select_related("duty").get(key=key)
    tell_given([row.duty for row in made if row.duty], by=actor.employee)
    append_entry(
        chain=chain_name(site_id=site.pk),
        kind="module.assigned",
        actor=actor.ref,
        subject=f"assignment:{made[0].pk}",
        payload=assigned_payload(made[0], reason),
    )
    return made[0]


def assigned_payload(assignment: Assignment, reason: str = "") -> dict[str, Any]:
    return {
        "module": assignment.module_id,
        "employee": assignment.employee.ref,
        "due_at": spell_moment(present(assignment.duty).due_at),
        "reason": sha256(reason) if reason else "",
    }


def _assign(
    module: Module,
    whom: Iterable[tuple[Employee, Site, str]],
    *,
    due_at: datetime | None = None,
    reason: str = "",
    actor: Actor,
) -> list[Assignment]:
    """Set-based; what has its key already is left as it is."""
    wanted = {key: (employee, site) for employee, site, key in whom}
    known = set(Assignment.objects.filter(key__in=wanted).values_list("key", flat=True))
    now, version = clock.now(), present(module.current)
    made = Assignment.objects.bulk_create(
        [
            Assignment(
                module=module, employee=e, site=s, key=key, reason=reason[:300], assigned_by=actor.employee, at=now
            )
            for key, (e, s) in wanted.items()
            if key not in known
        ],
        batch_size=1000,
    )
    drafts = [assignment_duty(a, version, due_at) for a in made]
    open_duties(drafts, actor=actor)
    duties = {d.key: d for d in Duty.objects.filter(key__in=[draft.key for draft in drafts])}
    for assignment, draft in zip(made, drafts, strict=True):
        assignment.duty = duties[draft.key]
    Assignment.objects.bulk_update(made, ["duty"], batch_size=500)
    return made


def assignment_duty(assignment: Assignment, version: ModuleVersion, due_at: datetime | None = None) -> DutyDraft:
    return DutyDraft(
        key=f"assignment:{assignment.pk}",
        obligation=assignment.module.obligation,
        kind=Duty.Kind.MODULE,
        subject_id=assignment.pk,
        title=version.title,
        site=assignment.site,
        assignee=assignment.employee,
        opens_at=assignment.at,
        due_at=due_at or due_after(assignment.site, version.due_days, assignment.at),
    )


def assign_path(fact: Fact) -> None:
    """The reaction to a changed membership: the modules of its role, once per version, unless learned already."""
    employee = Employee.objects.filter(pk=int(fact.subject.rpartition(":")[2]), is_active=True).first()
    if employee is None:
        return
    memberships = _held(employee)
    modules = Module.objects.usable().select_related("current").order_by("current__order", "id")
    for module in modules:
        for membership in memberships:
            if _is_for(module, membership):
                _assign_path(module, [membership])
                break


def end_paths(fact: Fact) -> None:
    """The reaction to a membership that is over: what the person was to learn for a role that they have no more, or at
    a site where they have none, ends with the reason; what another role of theirs asks for is assigned there."""
    employee = Employee.objects.filter(pk=int(fact.subject.rpartition(":")[2]), is_active=True).first()
    if employee is None:
        return
    with transaction.atomic():
        held = _held(employee)
        open_ones = Duty.objects.select_for_update(of=("self",)).unsettled().filter(assignee=employee)
        rows = open_ones.filter(assignment__isnull=False).select_related("assignment__module__current").order_by("id")
        end_duties(
            [duty for duty in rows if not _is_asked(duty.assignment, held)],
            reason=NO_LONGER,
            actor=Actor.system("rule"),
        )
    assign_path(fact)


def _held(employee: Employee) -> list[Membership]:
    rows = Membership.objects.at(clock.now()).filter(employee=employee).select_related("site", "shop__site")
    return list(rows.order_by("id"))


def _is_asked(assignment: Assignment, held: list[Membership]) -> bool:
    """Whether a role that somebody holds at the site of an assignment still asks for it; for what a person or a case
    assigned, any role there does."""
    there = [m for m in held if assignment.site_id == (m.site_id or present(m.shop).site_id)]
    return any(not assignment.key.startswith("path:") or _is_for(assignment.module, m) for m in there)


def assign_version(fact: Fact) -> None:
    """The reaction to a published module: whoever has its role and has not learned this version."""
    version = ModuleVersion.objects.select_related("module__current").get(pk=fact.subject_id)
    module = version.module
    if not module.is_active or module.current_id != version.pk or not version.roles:
        return
    rows = Membership.objects.at(clock.now()).filter(role__in=version.roles, employee__is_active=True)
    if module.site_id:
        rows = rows.filter(Q(site=module.site_id))
    if module.shop_id:
        rows = rows.filter(Q(shop=module.shop_id) | Q(site__shops=module.shop_id))
    _assign_path(module, rows.select_related("employee", "site", "shop__site").order_by("id"))


def _is_for(module: Module, membership: Membership) -> bool:
    if membership.role not in present(module.current).roles:
        return False
    if module.site_id:
        return membership.site_id == module.site_id
    if module.shop_id:
        if membership.shop_id:
            return module.shop_id == membership.shop_id
        return present(membership.site).shops.filter(pk=module.shop_id).exists()
    return True


@transaction.atomic
def _assign_path(module: Module, memberships: Iterable[Membership] | QuerySet[Membership]) -> list[Assignment]:
    """Not those who are qualified on the current version, nor those who still owe the module. Whose path ended with a
    role is given it again with another."""
    people = {m.employee_id: m for m in reversed(list(memberships))}
    done = set(
        Qualification.objects.filter(version=module.current, employee__in=people, until_at=None).values_list(
            "employee_id", flat=True
        )
    )
    owing = set(
        Assignment.objects.filter(
            module=module, employee__in=people, duty__completed_at=None, duty__waived_at=None
        ).values_list("employee_id", flat=True)
    )
    stem = f"path:{module.pk}:{present(module.current).number}:"
    keys = {pk: f"{stem}{pk}" for pk in people if pk not in done | owing}
    ended = Assignment.objects.filter(key__in=keys.values(), duty__waived_reason__in=(LEFT, NO_LONGER))
    used = set(ended.values_list("key", flat=True))
    whom = [
        (
            people[pk].employee,
            people[pk].site or present(people[pk].shop).site,
            f"{key}:{people[pk].pk}" if key in used else key,
        )
        for pk, key in keys.items()
    ]
    return _assign(module, whom, actor=Actor.system("rule"))
