"""Answering an item: judged by evidence, appended, never overwritten."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import BigAutoField
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.services import open_case
from checklists.details import Details, data_digest
from checklists.errors import NotFresh, NotQualified, RunClosed, Unfit
from checklists.gate import lacking_modules, titles_of, why_not_sign
from checklists.judging import judge
from checklists.models import Answer, Correction, HandoverSignature, Item, Run
from checklists.selectors import crew_of, shops_of
from duties.models import Duty
from duties.services import DutyDraft, complete_duty, open_duty
from kernel import clock
from kernel.errors import Conflict, NotAllowed
from kernel.prepared import Prepared
from kernel.text import localized
from orders.models import Waybill
from orders.selectors import figure_findings, in_order
from people.actor import Actor
from people.models import Employee, Role, Shop
from records.evidence import store_evidence, write_file
from records.services import append_entry, chain_name

P = ParamSpec("P")
R = TypeVar("R")
MOST_NAMED = 50  # orders that the case of a figure names itself; the list has all of them
REPLAY_AFTER = timedelta(minutes=2)  # what arrives later than this was given without a connection


@dataclass(frozen=True)
class Answered:
    """What became of an answer. `given` are all answers of the run, `replaced` is the one of somebody else that counted
    until now."""

    answer: Answer
    given: list[Answer]
    is_new: bool = True
    replaced: Answer | None = None


def with_photos_first(answering: Callable[P, R]) -> Callable[P, R]:
    """Photos lie on the disk before the transaction begins: syncing them takes longer than others should wait."""

    @wraps(answering)
    def wrapped(*args: P.args, **given: P.kwargs) -> R:
        details = given.get("details")
        for photo in details.photos if isinstance(details, Details) else ():
            write_file(photo)
        return answering(*args, **given)

    return wrapped


@with_photos_first
@transaction.atomic
def answer_item(
    *,
    run: Run,
    item: Item,
    actor: Actor,
    value: str,
    client_id: uuid.UUID,
    details: Details | None = None,
    answered_at: datetime | None = None,
    sent_at: datetime | None = None,
) -> Answered:
    """Appends an answer to an open run, and opens the case and the corrective action that a failure demands.

    `answered_at` and `sent_at` are when it was given and sent, by the phone's clock; it counts as given at the earliest
    when the run opened. What arrives more than two minutes after it was given was given offline: arriving after the
    end, or given by somebody not qualified then, it is kept and held for the lead instead of refused.
    Raises NotAllowed, RunClosed, NotQualified, Unfit; Conflict where the client_id came with another content.
    """
    details = details or Details()
    actor.require(Role.EMPLOYEE, site_id=run.site_id, shop_id=run.shop_id)
    run = _lock(run)
    earlier = GIVEN(run=run.pk)
    content = details.content(run, item, actor.person, value)
    known = next((a for a in earlier if a.client_id == client_id), None)
    if known:
        if known.content != content:
            raise Conflict
        return Answered(known, earlier, is_new=False)
    received = clock.now()
    answered = clock.moment_on(answered_at, sent_at, received, earliest=run.opened_at)
    is_replay = received - answered > REPLAY_AFTER
    held = _hold(run, actor.person, answered, received, is_replay=is_replay)
    try:
        data = judge(run=run, item=item, value=value, details=details, at=received)
    except NotFresh as refusal:
        if not is_replay:
            raise
        held = held or ("" if value == Answer.Value.UNCHECKED else Answer.Held.FIGURE)
        data = refusal.evidence
    if item.kind == Item.Kind.SIGNATURE:
        _may_sign(run, item, actor, earlier)
    answer = _append(
        Answer(
            run=run,
            item=item,
            employee=actor.person,
            value=value,
            data=data,
            reason=details.reason,
            note=details.note,
            content=content,
            client_id=client_id,
            answered_at=answered,
            received_at=received,
            held=held,
        )
    )
    _follow_up(answer, details, actor)
    if answer.counts and item.kind == Item.Kind.SIGNATURE:
        settle_signature(answer, actor)
    counted = [a for a in earlier if a.item_id == item.pk and a.counts]
    other = counted[-1] if counted and counted[-1].employee_id != actor.person.pk and answer.counts else None
    given = sorted([*earlier, answer], key=lambda a: (a.answered_at, a.pk))
    return Answered(answer, given, replaced=other)


@with_photos_first
@transaction.atomic
def correct_answer(
    *,
    run: Run,
    item: Item,
    actor: Actor,
    value: str,
    because: str,
    client_id: uuid.UUID,
    details: Details | None = None,
) -> Answer:
    """After submission: appends an answer that names why the one before was wrong. A lead of the site may.

    It is judged like an answer given now, by the same evidence. What stood before stays readable; the correction is
    sealed in the ledger.
    """
    details = details or Details()
    actor.require(Role.LEAD, site_id=run.site_id, shop_id=run.shop_id)
    run = _lock(run)
    content = details.content(run, item, actor.person, value)
    known = Answer.objects.filter(client_id=client_id).first()
    if known:
        if known.content != content or known.corrects_because != because:
            raise Conflict
        return known
    if run.is_open:
        raise Unfit(_("The run is still open: simply answer the item again."))
    if not because.strip():
        raise Unfit(_("Say why the answer is corrected."), field="because")
    now = clock.now()
    data = judge(run=run, item=item, value=value, details=details, at=now)
    if item.kind == Item.Kind.SIGNATURE:
        _may_sign(run, item, actor, GIVEN(run=run.pk))
    answer = _append(
        Answer(
            run=run,
            item=item,
            employee=actor.person,
            value=value,
            data=data,
            reason=details.reason,
            note=details.note,
            content=content,
            client_id=client_id,
            answered_at=now,
            received_at=now,
            corrects_because=because,
        )
    )
    _follow_up(answer, details, actor)
    append_entry(
        chain=chain_name(site_id=run.site_id),
        kind="answer.corrected",
        actor=actor.ref,
        subject=run.ref,
        payload={
            "answer": answer.pk,
            "item": item.slug,
            "value": value,
            "content": content,
            "data": data_digest(answer),
        },
    )
    return answer


GIVEN = Prepared(
    lambda run: Answer.objects.filter(run_id=run).select_related("employee").order_by("answered_at", "id"),
    run=BigAutoField(),
)
LOCKED = Prepared(
    lambda pk: Run.objects.select_for_update(of=("self",)).select_related("duty").filter(pk=pk), pk=BigAutoField()
)


def _lock(run: Run) -> Run:
    """The run as it is now, locked; its version and site, which never change, stay as they were loaded."""
    locked: Run = LOCKED(pk=run.pk)[0]
    locked.version, locked.site = run.version, run.site
    return locked


def _hold(run: Run, employee: Employee, answered: datetime, received: datetime, *, is_replay: bool) -> str:
    """Why an answer given offline is held, or ""; an answer given here is refused instead. When it was given only the
    phone says, so what arrives after the end is for a lead to decide, whatever moment it names."""
    if run.is_closed_at(received):
        if not is_replay:
            raise RunClosed
        return Answer.Held.LATE
    missing = lacking_modules(run=run, employee=employee, at=answered)
    if missing:
        if not is_replay:
            raise NotQualified(titles=titles_of(missing))
        return Answer.Held.UNQUALIFIED
    return Answer.Held.NOT


def _append(answer: Answer) -> Answer:
    try:
        answer.save(force_insert=True)
    except IntegrityError as error:  # the key was used for another run
        raise Conflict from error
    return answer


def _follow_up(answer: Answer, details: Details, actor: Actor) -> None:
    """What an answer brings with it: photos, and for a failure the case and the corrective action."""
    for number, photo in enumerate(details.photos):
        store_evidence(
            owner=answer.ref,
            by=answer.employee.ref,
            content=photo,
            media_type="image/jpeg",
            client_id=uuid.uuid5(answer.client_id, f"photo {number}"),
            name=f"{answer.item.slug}-{number + 1}.jpg",
        )
    if answer.value != Answer.Value.FAIL:
        return
    if answer.item.case_kind and (details.with_case or answer.item.opens_case):
        answer.case = _open_case(answer, details, actor)
        answer.save(update_fields=["case"])
    if details.correction:
        _open_correction(answer, details, actor)


def _open_case(answer: Answer, details: Details, actor: Actor) -> Case | None:
    """The case of a failure; a second failure of the item stays with the case that the first one opened, and one about
    findings that an open case carries joins that."""
    run, site_shops = answer.run, shops_of(answer.run).select_related("site")
    wanted = details.case_shop.pk if details.case_shop else run.shop_id
    shop = site_shops.filter(pk=wanted).first() if wanted else site_shops.order_by("id").first()
    if shop is None:
        return None
    known = Case.objects.filter(answers__run=run, answers__item=answer.item, shop=shop).first()
    return known or open_case(
        shop=shop,
        kind=answer.item.case_kind,
        source=Case.Source.CHECK,
        actor=actor,
        key=f"answer:{answer.client_id}",
        note=_words_of(answer),
        told={"check": run.version.title, "path": reverse("checklists:run_detail", args=[run.pk])},
        **_about(answer, shop),
    )


def _words_of(answer: Answer) -> str:
    """An item says what should be so: the note names it as not being so."""
    said = " · ".join(filter(None, (answer.reason, answer.note)))
    title = localized(answer.item.title)
    words = _("Not so: “%(title)s”. %(said)s") if said else _("Not so: “%(title)s”.")
    return words % {"title": title, "said": said}


def _about(answer: Answer, shop: Shop) -> dict[str, Any]:
    """What the case of a failure is about: the rows behind a figure, the soonest first, or the sampled parcels that
    must not go. Of a long list the case names the first, and how many there were."""
    item = answer.item
    if item.kind == Item.Kind.FIGURE:
        rows = figure_findings(item.figure, [shop.pk])
        named = list(in_order(rows)[:MOST_NAMED])
        return {
            "orders": [finding.order.number for finding in named],
            "waybills": [finding.waybill for finding in named],
            "finding_ids": [finding.pk for finding in named],
            "figure": item.figure,
            "figure_count": rows.count(),
        }
    if item.kind == Item.Kind.SAMPLE:
        stopped = answer.data.get("sample", {}).get("stopped", [])
        held = Waybill.objects.filter(number__in=stopped, order__shop=shop, withdrawn_at=None)
        return {"waybills": stopped, "orders": list(held.values_list("order__number", flat=True))}
    return {}


def _open_correction(answer: Answer, details: Details, actor: Actor) -> Correction:
    run = answer.run
    if details.correction_by and not crew_of(run).filter(pk=details.correction_by.pk).exists():
        raise Unfit(_("%(name)s does not work at this site."), field="correction_by", name=details.correction_by.name)
    duty = open_duty(
        DutyDraft(
            key=f"correction:{answer.pk}",
            obligation="correction",
            kind=Duty.Kind.CORRECTION,
            subject_id=0,
            title={"zh": f"整改：{details.correction}"[:200], "en": f"Corrective action: {details.correction}"[:200]},
            site=run.site,
            shop=run.shop,
            assignee=details.correction_by or answer.employee,
            opens_at=answer.received_at,
            due_at=details.correction_due or max(run.duty.closes_at or run.duty.due_at, answer.received_at),
        ),
        actor=actor,
    )
    correction = Correction.objects.create(answer=answer, text=details.correction, duty=duty)
    Duty.objects.filter(pk=duty.pk).update(subject_id=correction.pk)
    return correction


# --- signatures


def _may_sign(run: Run, item: Item, actor: Actor, earlier: list[Answer]) -> None:
    """Outgoing and incoming are two leads; each signs for themselves."""
    if why := why_not_sign(run=run, item=item, employee=actor.person, scope=actor.scope, answers=earlier):
        raise NotAllowed(why)


def settle_signature(answer: Answer, actor: Actor) -> None:
    """The signature's duty is done when its item is signed."""
    signature = HandoverSignature.objects.filter(run=answer.run_id, item=answer.item_id).select_related("duty").first()
    if signature and answer.value == Answer.Value.PASS:
        complete_duty(duty=signature.duty, actor=actor, by=answer.employee, at=answer.answered_at, outcome="signed")
