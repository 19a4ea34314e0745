"""Drills: planned for a lead by a day, done by closing an activation that was one."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contingency.models import Drill, Plan
from contingency.selectors import wardens_of
from contingency.services.publishing import check_usable
from duties.models import Duty
from duties.services import DutyDraft, open_duty
from kernel import clock
from kernel.errors import Conflict, Refused
from kernel.presence import present
from people.actor import Actor
from people.models import Employee, Role, Site
from records.canonical import spell_moment
from records.services import append_entry, chain_name


@transaction.atomic
def schedule_drill(
    *, plan: Plan, site: Site, lead: Employee, due_at: datetime, actor: Actor, client_id: uuid.UUID
) -> Drill:
    """Makes a drill the duty of a lead or manager of the site; a repeat returns the first."""
    actor.require(Role.LEAD, site_id=site.pk)
    plan = Plan.objects.select_for_update(of=("self",)).select_related("current", "shop").get(pk=plan.pk)
    known = Drill.objects.filter(client_id=client_id).first()
    if known:
        if (known.plan_id, known.site_id, known.lead_id, known.due_at) != (plan.pk, site.pk, lead.pk, due_at):
            raise Conflict
        return known
    check_usable(plan, site)
    now = clock.now()
    if due_at <= now:
        raise Refused(_("Choose a time that is still to come."), field="due_at")
    if lead.pk not in {person.pk for person in wardens_of(site.pk, now)}:
        raise Refused(_("A drill is led by a shift lead or manager of the site."), field="lead")
    drill = Drill.objects.create(
        plan=plan, site=site, lead=lead, due_at=due_at, planned_at=now, planned_by=actor.person, client_id=client_id
    )
    drill.duty = open_duty(drill_duty(drill), actor=actor)
    drill.save(update_fields=["duty"])
    append_entry(
        chain=chain_name(site_id=site.pk),
        kind="drill.planned",
        actor=actor.ref,
        subject=f"drill:{drill.pk}",
        payload=planned_payload(drill),
    )
    return drill


def planned_payload(drill: Drill) -> dict[str, Any]:
    return {"plan": drill.plan_id, "lead": drill.lead.ref, "due_at": spell_moment(drill.due_at)}


def drill_duty(drill: Drill) -> DutyDraft:
    title = present(drill.plan.current).title
    return DutyDraft(
        key=f"drill:{drill.pk}",
        obligation=f"plan:{drill.plan_id}",
        kind=Duty.Kind.DRILL,
        subject_id=drill.pk,
        title={"zh": f"演练：{title.get('zh', '')}", "en": f"Drill: {title.get('en') or title.get('zh', '')}"},
        site=drill.site,
        assignee=drill.lead,
        opens_at=drill.planned_at,
        due_at=drill.due_at,
    )
