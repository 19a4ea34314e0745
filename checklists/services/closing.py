"""Ending a run: submission, review; and what a lead decides on the way: passes, held answers, corrective actions."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from checklists.details import data_digest
from checklists.errors import ItemsMissing, RunClosed, Unchanged, Unfit
from checklists.models import Answer, Correction, Run, ShiftPass
from checklists.selectors import counting_answers, crew_of, did_it
from checklists.services.answering import settle_signature
from duties.models import Duty
from duties.services import DutyDraft, complete_duty, open_duty, reopen_duty
from kernel import clock
from kernel.errors import NotAllowed
from kernel.text import listed
from notifications.services import send_notice
from people.actor import Actor
from people.models import Employee, Role
from people.selectors import end_of_work, lead_on_shift, managers_of
from records.canonical import canonical_text, sha256, spell_moment
from records.models import Evidence
from records.services import append_entry, chain_name, record_fact

RETURNED = {"zh": "退回重做：", "en": "Sent back: "}
PASSED = {"zh": "本班可以做：", "en": "You may do this on this shift: "}
FORM = 2  # of a run's digest: lines end with what the live data said; entries without a form are of the first


def _lock(run: Run) -> Run:
    return (
        Run.objects.select_for_update(of=("self",))
        .select_related("version__checklist", "duty", "review_duty", "site", "shop", "shift__site")
        .get(pk=run.pk)
    )


@transaction.atomic
def submit_run(*, run: Run, actor: Actor) -> Run:
    """Closes a run whose items are all answered: settles its duty, seals it, asks for the review. A repeat changes
    nothing. After the closing time a lead may still submit; it then counts as late.

    Raises ItemsMissing naming the open items, Unchanged where it was sent back and comes as it was, RunClosed,
    NotAllowed.
    """
    actor.require(Role.EMPLOYEE, site_id=run.site_id, shop_id=run.shop_id)
    run = _lock(run)
    if not run.is_open:
        return run
    now = clock.now()
    if run.is_closed_at(now) and not actor.acts(Role.LEAD, site_id=run.site_id):
        raise RunClosed
    items = list(run.version.items.all())
    answers = counting_answers(run.answers.select_related("employee").order_by("answered_at", "id"))
    missing = [item.position for item in items if item.pk not in answers]
    if missing:
        raise ItemsMissing(count=len(missing), positions=listed(missing))
    if run.state == Run.State.RETURNED and all(a.pk <= (run.answers_seen or 0) for a in answers.values()):
        raise Unchanged
    problems = sum(a.value == Answer.Value.FAIL for a in answers.values())
    run.state, run.submitted_at, run.submitted_by = Run.State.SUBMITTED, now, actor.person
    run.digest = digest_of([(item.slug, answers[item.pk]) for item in items])
    if run.version.needs_review:
        run.review_duty = _owe_review(run, actor, now)
    run.save(update_fields=["state", "submitted_at", "submitted_by", "digest", "review_duty"])
    doer = most_answered(list(answers.values()), actor.person)
    complete_duty(duty=run.duty, actor=actor, by=doer, at=now, outcome="problems" if problems else "ok")
    seal_submission(run, version=run.version.number, answers=len(answers), problems=problems)
    return run


def most_answered(answers: list[Answer], submitter: Employee) -> Employee:
    """Who did the run: whoever gave most of the answers that count; among equals the submitter. Whoever merely held it
    did not do it."""
    given = Counter(answer.employee for answer in answers)
    most = max(given.values(), default=0)
    return submitter if given[submitter] == most else next(who for who, n in given.items() if n == most)


def digest_of(rows: list[tuple[str, Answer]]) -> str:
    """SHA-256 over the answers that count, what the live data said to each and the digests of their photos, in the
    order of the items (FORM says how a line is written; docs/adr/0016)."""
    refs = [answer.ref for _slug, answer in rows]
    proofs: dict[str, list[str]] = {}
    for owner, digest in Evidence.objects.filter(owner__in=refs).order_by("id").values_list("owner", "digest"):
        proofs.setdefault(owner, []).append(digest)
    return digest_lines(rows, proofs)


def digest_lines(rows: list[tuple[str, Answer]], proofs: dict[str, list[str]], *, form: int = FORM) -> str:
    lines = [_line(slug, answer, proofs.get(answer.ref, [])) for slug, answer in rows]
    return sha256(canonical_text(lines if form > 1 else [line[:-1] for line in lines]))


def _line(slug: str, answer: Answer, proofs: list[str]) -> list[Any]:
    moment = spell_moment(answer.answered_at)
    return [slug, answer.value, answer.content, answer.employee_id, moment, proofs, data_digest(answer)]


def seal_submission(run: Run, **payload: int) -> None:
    """The entry that a submission leaves in the ledger, and the fact for the rooms above."""
    moment = int(run.submitted_at.timestamp()) if run.submitted_at else 0
    record_fact(
        kind="run.submitted",
        key=f"{run.ref}:submitted:{moment}",
        subject=run.ref,
        site_id=run.site_id,
        shop_id=run.shop_id,
        payload=payload,
    )
    append_entry(
        chain=chain_name(site_id=run.site_id),
        kind="run.submitted",
        actor=run.submitted_by.ref if run.submitted_by else "",
        subject=run.ref,
        payload=submission_payload(run, **payload),
    )


def submission_payload(run: Run, **counts: int) -> dict[str, Any]:
    sealed = {"digest": run.digest, "form": FORM}
    return {"checklist": run.version.checklist_id, "duty": run.duty_id, **sealed, **counts}


def _owe_review(run: Run, actor: Actor, now: datetime) -> Duty:
    """The review is owed by the shift's lead, or by a manager where the lead did part of it."""
    lead = lead_on_shift(run.shift, run.day) if run.shift else None
    known = [*([lead] if lead else []), *managers_of(run.site_id, now)]
    mine = did_it(run) | {actor.person.pk}
    reviewer = next((person for person in known if person.pk not in mine), None)
    due_at = end_of_work(site=run.site, at=now, employee=reviewer, shift=run.shift)
    if run.review_duty:
        return reopen_duty(duty=run.review_duty, actor=actor, due_at=due_at)
    titles = {"zh": "复核：", "en": "Review: "}
    return open_duty(
        DutyDraft(
            key=f"review:{run.pk}",
            obligation=f"review:{run.version.checklist_id}",
            kind=Duty.Kind.REVIEW,
            subject_id=run.pk,
            title={lang: lead_in + run.version.title.get(lang, "") for lang, lead_in in titles.items()},
            site=run.site,
            shop=run.shop,
            assignee=reviewer,
            opens_at=now,
            due_at=due_at,
            is_claimable=reviewer is None,
        ),
        actor=actor,
    )


@transaction.atomic
def review_run(*, run: Run, actor: Actor, is_accepted: bool, note: str = "") -> Run:
    """A lead or manager accepts a submitted run or sends it back with a reason, to be done again.

    Nobody reviews what they submitted or answered themself. A repeat of the same decision changes nothing.
    """
    actor.require(Role.LEAD, site_id=run.site_id)
    run = _lock(run)
    wanted = Run.State.ACCEPTED if is_accepted else Run.State.RETURNED
    if run.state == wanted and run.reviewed_by_id == actor.person.pk:
        return run
    if run.state != Run.State.SUBMITTED:
        raise RunClosed(_("There is nothing to review: the run is not submitted, or was reviewed already."))
    if actor.person.pk in did_it(run):
        raise NotAllowed(_("You did part of this run yourself; somebody else reviews it."))
    if not is_accepted and not note.strip():
        raise Unfit(_("Say what is to be done again."), field="note")
    now = clock.now()
    run.state, run.reviewed_at, run.reviewed_by, run.review_note = wanted, now, actor.person, note
    if not is_accepted:
        run.answers_seen = run.answers.aggregate(last=Max("id"))["last"]
    run.save(update_fields=["state", "reviewed_at", "reviewed_by", "review_note", "answers_seen"])
    if run.review_duty:
        complete_duty(duty=run.review_duty, actor=actor, at=now, outcome=wanted)
    if not is_accepted:
        due_at = end_of_work(site=run.site, at=now, employee=run.duty.assignee, shift=run.shift)
        reopen_duty(duty=run.duty, actor=actor, due_at=due_at, note=note[:300])
        _tell_returned(run, actor.person)
    append_entry(
        chain=chain_name(site_id=run.site_id),
        kind=f"run.{wanted}",
        actor=actor.ref,
        subject=run.ref,
        payload=review_payload(run, note),
    )
    return run


def review_payload(run: Run, note: str = "") -> dict[str, str]:
    return {"digest": run.digest, "note": sha256(note) if note else ""}


def _tell_returned(run: Run, by: Employee) -> None:
    """To who did it and who holds it."""
    people = {person.pk: person for person in (run.duty.assignee, run.submitted_by) if person and person.pk != by.pk}
    send_notice(
        key=f"returned:{run.pk}:{run.answers_seen}",
        recipients=people.values(),
        title={lang: lead_in + run.version.title.get(lang, "") for lang, lead_in in RETURNED.items()},
        body={"zh": run.review_note, "en": run.review_note},
        path=f"/duties/{run.duty_id}/",
    )


@transaction.atomic
def give_pass(*, run: Run, employee: Employee, actor: Actor, reason: str) -> ShiftPass:
    """Lets somebody of the site answer this checklist for this shift without the qualification, with a reason. Leads
    may, and not for themself."""
    actor.require(Role.LEAD, site_id=run.site_id)
    if employee.pk == actor.person.pk:
        raise NotAllowed(_("Another lead or a manager gives you a pass, not you yourself."))
    if not crew_of(run).filter(pk=employee.pk).exists():
        raise Unfit(_("%(name)s does not work at this site."), field="employee", name=employee.name)
    if not reason.strip():
        raise Unfit(_("Say why."), field="reason")
    run = _lock(run)
    made, is_new = ShiftPass.objects.get_or_create(
        employee=employee,
        checklist=run.version.checklist,
        site=run.site,
        shift=run.shift,
        day=run.day,
        defaults={"reason": reason, "given_by": actor.person, "given_at": clock.now()},
    )
    if is_new:
        append_entry(
            chain=chain_name(site_id=run.site_id),
            kind="pass.given",
            actor=actor.ref,
            subject=run.ref,
            payload={"employee": employee.pk, "reason": sha256(reason)},
        )
        send_notice(
            key=f"pass:{made.pk}",
            recipients=[employee],
            title={lang: lead_in + run.version.title.get(lang, "") for lang, lead_in in PASSED.items()},
            path=f"/duties/{run.duty_id}/",
        )
    return made


@transaction.atomic
def decide_held(*, answer: Answer, actor: Actor, is_accepted: bool) -> Answer:
    """Lets a held answer count, or declines it; either way it stays readable. A lead of the site may."""
    actor.require(Role.LEAD, site_id=answer.run.site_id)
    run = _lock(answer.run)
    row = Answer.objects.select_related("item", "employee").get(pk=answer.pk)
    if not row.is_waiting:
        return row
    if row.employee_id == actor.person.pk:
        raise NotAllowed(_("This is your own answer; another lead decides."))
    row.decided_at, row.decided_by, row.is_accepted = clock.now(), actor.person, is_accepted
    row.save(update_fields=["decided_at", "decided_by", "is_accepted"])
    if is_accepted:
        settle_signature(row, actor)
    append_entry(
        chain=chain_name(site_id=run.site_id),
        kind="answer.accepted" if is_accepted else "answer.declined",
        actor=actor.ref,
        subject=run.ref,
        payload={"answer": row.pk, "content": row.content},
    )
    return row


@transaction.atomic
def settle_correction(*, correction: Correction, actor: Actor, note: str) -> Correction:
    """The corrective action is done: by whom it was given to, or by a lead. A repeat changes nothing."""
    run = correction.answer.run
    if correction.duty.assignee_id != actor.person.pk:
        actor.require(Role.LEAD, site_id=run.site_id)
    actor.require(Role.EMPLOYEE, site_id=run.site_id, shop_id=run.shop_id)
    row = Correction.objects.select_for_update(of=("self",)).select_related("duty").get(pk=correction.pk)
    if row.duty.completed_at:
        return row
    if not note.strip():
        raise Unfit(_("Say what was done."), field="note")
    row.done_note = note
    row.save(update_fields=["done_note"])
    complete_duty(duty=row.duty, actor=actor, at=clock.now())
    append_entry(
        chain=chain_name(site_id=run.site_id),
        kind="correction.done",
        actor=actor.ref,
        subject=run.ref,
        payload={"correction": row.pk, "note": sha256(note)},
    )
    return row
