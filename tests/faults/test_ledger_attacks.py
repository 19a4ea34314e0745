"""Whoever may write to the database, and knows how the ledger works, does not go unseen: each thing that was tried.

The attacker changes rows as they like, recomputes every hash after it, and signs with a key of their own. They do not
write to the data folder, where the pinned key and the second place lie.
"""

import json
import uuid
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command

from checklists.details import Details
from checklists.models import Answer, Item, Run
from checklists.services import answer_item, review_run, submit_run
from contingency.models import PlanStep
from duties.models import Duty, DutyEvent
from duties.services import waive_duty
from kernel import clock
from people.actor import Actor
from people.models import Employee
from people.services import edit_employee, hire_employee
from records.canonical import GENESIS, canonical_text, sha256
from records.evidence import evidence_path, store_evidence
from records.models import Chain, Commitment, HeadSignature, LedgerEntry
from records.selectors import ChainReport, compare_export, verify_chain, verify_ledger
from records.services import append_entry
from records.signing import heads_path, keep_heads, pins_path, public_key, send_heads, sign_heads, signing_text
from tests.cast import Cast
from tests.checklists.conftest import start_by_hand
from tests.contingency.factories import make_plan
from tests.duties.drafts import owe
from tests.training.factories import make_assignment, take
from training.models import Attempt, Lesson

pytestmark = pytest.mark.django_db


def seal(first: int, last: int, chain: str = "site:1") -> None:
    for day in range(first, last + 1):
        said = {"monday": "2026-11-23", "days": day}
        append_entry(chain=chain, kind="roster.copied", actor="employee:7", subject=f"team:{day}", payload=said)


def tick(hours: int = 0) -> None:
    """What the clock does about the ledger, so many hours from now."""
    sign_heads(clock.now() + timedelta(hours=hours))
    keep_heads(clock.now())


@pytest.fixture
def chain() -> str:
    """Ten entries, signed after the fifth and after the tenth."""
    seal(1, 5)
    tick()
    seal(6, 10)
    tick(hours=1)
    assert verify_chain("site:1").is_sound
    return "site:1"


def cut(chain: str, last: int) -> None:
    HeadSignature.objects.filter(chain=chain, seq__gt=last).delete()
    LedgerEntry.objects.filter(chain=chain, seq__gt=last).delete()
    Chain.objects.filter(pk=chain).update(seq=last, head=LedgerEntry.objects.get(chain=chain, seq=last).hash)


def rehash(chain: str, changes: dict[int, dict[str, Any]]) -> None:
    """Writes other payloads, and every hash after them anew."""
    prev = GENESIS
    for entry in LedgerEntry.objects.filter(chain=chain).order_by("seq"):
        body = json.loads(entry.canonical) | {"prev": prev}
        body["payload"] = changes.get(entry.seq, body["payload"])
        text = canonical_text(body)
        prev = sha256(text)
        LedgerEntry.objects.filter(pk=entry.pk).update(canonical=text, hash=prev)
    Chain.objects.filter(pk=chain).update(head=prev)


def sign_again(chain: str, key: Ed25519PrivateKey) -> None:
    for row in HeadSignature.objects.filter(chain=chain):
        head = LedgerEntry.objects.get(chain=chain, seq=row.seq).hash
        signature = key.sign(signing_text(chain, row.seq, head)).hex()
        HeadSignature.objects.filter(pk=row.pk).update(head=head, public_key=public_key(key), signature=signature)


def found(report: ChainReport) -> set[str]:
    return {fault.kind for fault in report.faults}


# --- the chain


def test_tail_cut_off_with_its_signatures_is_named(chain: str) -> None:
    cut(chain, 5)
    report = verify_chain(chain)
    assert (report.fault, report.seq) == ("cut", 6) and report.is_touched


def test_chain_rewritten_and_signed_with_another_key_is_named(chain: str) -> None:
    rehash(chain, {3: {"monday": "2026-11-23", "days": 99}})
    sign_again(chain, Ed25519PrivateKey.generate())
    assert {"key", "rewritten"} <= found(verify_chain(chain))


def test_another_key_alone_is_named_though_nothing_else_was_written_down(chain: str) -> None:
    heads_path().unlink()
    rehash(chain, {3: {"monday": "2026-11-23", "days": 99}})
    sign_again(chain, Ed25519PrivateKey.generate())
    assert "key" in found(verify_chain(chain))


def test_chain_rewritten_with_all_signatures_taken_away_is_named(chain: str) -> None:
    rehash(chain, {3: {"monday": "2026-11-23", "days": 99}})
    HeadSignature.objects.all().delete()
    assert "rewritten" in found(verify_chain(chain))


def test_signature_taken_away_is_named(chain: str) -> None:
    HeadSignature.objects.filter(seq=5).delete()
    report = verify_chain(chain)
    assert (report.fault, report.seq) == ("signature_gone", 5)


def test_chain_deleted_whole_is_named(chain: str) -> None:
    HeadSignature.objects.all().delete()
    LedgerEntry.objects.all().delete()
    Chain.objects.all().delete()
    faults = {report.chain: report.fault for report in verify_ledger()}
    assert faults[chain] == "missing"


@pytest.mark.parametrize(
    "text", ["[]", "1", '"x"', "{", "null", '{"payload":1}', '{"payload":{}}', "[" * 100_000, "1" * 9999]
)
@pytest.mark.parametrize("hashed", [True, False])
def test_text_that_is_no_entry_is_named_not_stumbled_over(chain: str, text: str, hashed: bool) -> None:
    values = {"canonical": text} | ({"hash": sha256(text)} if hashed else {})
    LedgerEntry.objects.filter(seq=4).update(**values)
    report = verify_chain(chain)
    assert (report.fault, report.seq) == ("changed", 4)


def test_payload_that_no_check_can_read_is_named(cast: Cast) -> None:
    employee, _password = hire_employee(number="9001", name="吴昊", actor=Actor.of(cast.sun))
    entry = LedgerEntry.objects.get(kind="employee.hired", subject=employee.ref)
    rehash("company", {entry.seq: {"name": {"un": "hashable"}}})
    LedgerEntry.objects.filter(pk=entry.pk).update(subject=employee.ref)
    assert "content" in found(verify_chain("company"))


# --- the clock


def test_what_was_never_signed_is_told_as_the_clocks_fault() -> None:
    with time_machine.travel(clock.now() - timedelta(hours=3)):
        seal(1, 2)
    report = verify_chain("site:1")
    assert (report.fault, report.seq, report.is_touched) == ("unsigned", 1, False)
    assert "unsigned since" in report.detail
    with pytest.raises(CommandError, match="not signed or kept in time"):
        call_command("verify_ledger", stdout=StringIO())
    tick()
    assert verify_chain("site:1").is_sound


def test_what_is_younger_than_an_hour_needs_no_signature_yet(chain: str) -> None:
    seal(11, 12)
    assert verify_chain(chain).is_sound


def test_what_is_told_late_is_signed_before_anybody_asks(chain: str) -> None:
    """Sealed now with the moment at which it was done, offline, two hours ago."""
    append_entry(
        **{"chain": chain, "kind": "roster.copied", "actor": "employee:7", "subject": "team:11"},
        payload={"monday": "2026-11-23", "days": 1},
        at=clock.now() - timedelta(hours=2),
    )
    tick()
    assert verify_chain(chain).is_sound


# --- the second place


def test_second_place_that_is_gone_is_told_and_is_no_tampering(chain: str) -> None:
    heads_path().unlink()
    report = verify_chain(chain)
    assert (found(report), report.is_touched) == ({"second_gone"}, False)


@pytest.mark.parametrize("line", ["", "{", "[]", '{"chain":1}', "\x00"])
def test_line_of_the_second_place_that_says_nothing_is_named(chain: str, line: str) -> None:
    with heads_path().open("a") as file:
        file.write(f"{line}x\n")
    reports = {report.chain: report for report in verify_ledger()}
    assert reports["second place"].fault == "second" and reports[chain].is_sound


def test_line_that_the_pinned_key_did_not_sign_is_named(chain: str) -> None:
    lines = [json.loads(line) for line in heads_path().read_text().splitlines()]
    heads_path().write_text("".join(json.dumps({**line, "head": "0" * 64}) + "\n" for line in lines))
    assert found(verify_chain(chain)) == {"second"}


def test_heads_kept_elsewhere_are_compared_in_their_place(chain: str, tmp_path: Path) -> None:
    copy = tmp_path / "mailed.jsonl"
    copy.write_text(heads_path().read_text())
    cut(chain, 5)
    heads_path().write_text("".join(f"{line}\n" for line in copy.read_text().splitlines()[:1]))  # cut as well
    assert verify_chain(chain).is_sound
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_ledger", "--heads", str(copy), stdout=out)
    assert "site:1: cut at entry 6" in out.getvalue()


def test_heads_go_by_mail_and_what_could_not_go_goes_with_the_next(settings: Any, mailoutbox: list[Any]) -> None:
    settings.EMAIL_HOST, settings.LEDGER_HEADS_MAIL = "mail.invalid", "audit@example.com"
    seal(1, 2)
    sign_heads(clock.now())
    settings.EMAIL_BACKEND = "tests.faults.mail.Refusing"
    assert send_heads.func() == 0 and HeadSignature.objects.filter(sent_at=None).count() == 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_heads.func() == 1 and HeadSignature.objects.get().sent_at
    assert json.loads(mailoutbox[0].body)["head"] == Chain.objects.get().head


def test_key_that_is_pinned_by_setting_is_the_only_one_that_counts(chain: str, settings: Any) -> None:
    settings.LEDGER_KEYS = ["ab" * 32]
    assert "key" in found(verify_chain(chain))
    settings.LEDGER_KEYS = [pins_path().read_text().split()[0]]
    assert verify_chain(chain).is_sound


# --- what the rooms hold


@pytest.fixture
def accepted(cast: Cast) -> Run:
    run = start_by_hand(cast)
    for item in run.version.items.all():
        told = {"value": "pass"} if item.slug in ("printer", "hold") else {"value": "na", "details": Details(note="无")}
        answer_item(run=run, item=item, actor=Actor.of(cast.mei), client_id=uuid.uuid4(), **told)
    submit_run(run=run, actor=Actor.of(cast.mei))
    review_run(run=run, actor=Actor.of(cast.wang), is_accepted=True)
    tick()
    assert all(report.is_sound for report in verify_ledger())
    return run


def faults_of(chain: str) -> str:
    return "; ".join(fault.detail for fault in verify_chain(chain).faults)


@pytest.mark.parametrize(
    "change", [{"value": "fail"}, {"employee_id": None}, {"data": {"x": 1}}, {"content": "0" * 64}, None]
)
def test_answers_of_accepted_runs_that_were_changed_are_named(accepted: Run, cast: Cast, change: dict | None) -> None:
    answers = Answer.objects.filter(run=accepted, item__slug="printer")
    if change is None:
        answers.delete()
    else:
        answers.update(**(change if "employee_id" not in change else {"employee_id": cast.sun.pk}))
    Run.objects.update(digest="0" * 64)
    assert f"{accepted.ref}: the answers are others" in faults_of(f"site:{cast.site.pk}")


def test_correction_that_was_let_count_later_changes_no_digest(accepted: Run, cast: Cast) -> None:
    """Each submission is compared with what counted at its own moment."""
    first = Answer.objects.filter(run=accepted, item__slug="printer").get()
    later = clock.now() + timedelta(hours=1)
    values = {f.attname: getattr(first, f.attname) for f in Answer._meta.concrete_fields if not f.primary_key}
    more = {"client_id": uuid.uuid4(), "answered_at": later, "received_at": later, "value": "fail"}
    Answer.objects.create(**{**values, **more, "corrects_because": "看错了"})
    assert verify_chain(f"site:{cast.site.pk}").is_sound


@pytest.mark.parametrize("what", ["event", "reason", "duty", "gone"])
def test_waiver_that_was_taken_away_or_given_another_reason_is_named(cast: Cast, what: str) -> None:
    duty = owe(cast, "a")
    waive_duty(duty=duty, actor=Actor.of(cast.wang), reason="停电")
    chain, events = f"site:{cast.site.pk}", DutyEvent.objects.filter(duty=duty, kind="waived")
    assert verify_chain(chain).is_sound
    if what == "event":
        events.delete()
    elif what == "reason":
        events.update(note="别的理由")
    elif what == "duty":
        Duty.objects.filter(pk=duty.pk).update(waived_at=None, completed_at=clock.now())
    else:
        Duty.objects.filter(pk=duty.pk).delete()
    assert f"duty:{duty.pk}" in faults_of(chain)


@pytest.mark.parametrize("what", ["title", "needs_photo", "gone"])
def test_published_checklist_that_was_changed_is_named(accepted: Run, what: str) -> None:
    items = Item.objects.filter(version=accepted.version)
    if what == "gone":
        items.filter(slug="note").update(position=99)
    else:
        items.filter(slug="rolls").update(**{what: {"zh": "别的", "en": "other"} if what == "title" else True})
    assert "the version's items are others" in faults_of("company")


def test_published_module_and_attempt_that_were_changed_are_named(cast: Cast) -> None:
    take(make_assignment(cast))
    tick()
    chain = f"site:{cast.site.pk}"
    assert verify_chain(chain).is_sound and verify_chain("company").is_sound
    Lesson.objects.filter(slug="sides").update(body={"zh": "别的", "en": "other"})
    Attempt.objects.update(right=0)
    assert "lessons or questions are others" in faults_of("company")
    assert "the attempt says something else" in faults_of(chain)


def test_published_plan_that_was_changed_is_named(cast: Cast) -> None:
    make_plan([cast.site])
    PlanStep.objects.filter(position=1).update(target_minutes=60)
    assert "steps or materials are others" in faults_of("company")


def test_salt_or_name_that_was_changed_is_named(cast: Cast) -> None:
    employee, _password = hire_employee(number="9001", name="吴昊", actor=Actor.of(cast.sun))
    edit_employee(employee=employee, actor=Actor.of(cast.sun), name="吴浩")
    assert verify_chain("company").is_sound
    kept = {row.pk: row.salt for row in Commitment.objects.all()}
    Commitment.objects.update(salt="0" * 64)
    assert "or its salt is another" in faults_of("company")
    for pk, salt in kept.items():
        Commitment.objects.filter(pk=pk).update(salt=salt)
    Employee.objects.filter(pk=employee.pk).update(name="吴昊")
    assert "“name” or its salt is another" in faults_of("company")
    Commitment.objects.all().delete()
    assert "the salt of “email” is gone" in faults_of("company")


@pytest.mark.parametrize("what", ["changed", "gone"])
def test_evidence_file_that_is_another_or_gone_is_named(what: str) -> None:
    kept = store_evidence(
        owner="answer:1", by="employee:7", content=b"photo", media_type="image/jpeg", client_id=uuid.uuid4()
    )
    path = evidence_path(kept.digest)
    path.write_bytes(b"phote") if what == "changed" else path.unlink()
    try:
        *_chains, files = verify_ledger()
        assert files.fault == "file" and "answer:1" in files.detail
    finally:
        path.unlink(missing_ok=True)


# --- an auditor's download


def download(chain: str) -> list[str]:
    texts = LedgerEntry.objects.filter(chain=chain).order_by("seq").values_list("canonical", flat=True)
    return [f"{text}\n" for text in texts]


def test_download_is_compared_with_todays_chain(chain: str) -> None:
    lines = download(chain)
    seal(11, 12)
    assert compare_export(lines).is_sound and compare_export(lines).entries == 10
    rehash(chain, {3: {"monday": "2026-11-23", "days": 99}})
    assert (compare_export(lines).fault, compare_export(lines).seq) == ("rewritten", 3)


def test_download_knows_what_was_cut_off_since(chain: str, tmp_path: Path) -> None:
    lines = download(chain)
    cut(chain, 5)
    assert (compare_export(lines).fault, compare_export(lines).seq) == ("cut", 6)
    file = tmp_path / "ledger.jsonl"
    file.write_text("".join(lines))
    with pytest.raises(CommandError):
        call_command("verify_ledger", "--against", str(file), stdout=StringIO())


def test_download_that_is_not_one_whole_chain_is_named(chain: str) -> None:
    lines = download(chain)
    for wrong in ([*lines[:3], *lines[4:]], lines[1:], ["{}\n"], ["no\n"], [*lines, *lines]):
        assert compare_export(wrong).fault == "export"
