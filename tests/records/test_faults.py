"""One golden hash, fixed for ever; every way to tamper with a chain is named."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from records.canonical import canonical_text, entry_text, sha256, spell_moment
from records.models import Chain, Commitment, HeadSignature, LedgerEntry
from records.selectors import verify_chain, verify_ledger
from records.services import append_entry, commit_personal
from records.signing import sign_heads

AT = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
GOLDEN = "4af6c25c34c20c18f5541d474787cc34ffee45c33318c0da6eacc20bf7834c07"


def golden_text() -> str:
    return entry_text(
        chain="site:3",
        seq=42,
        prev="ab" * 32,
        at=datetime(2026, 11, 23, 8, 30, 0, 7, tzinfo=timezone(timedelta(hours=8))),
        kind="run.submitted",
        actor="employee:7",
        subject="run:12",
        payload={"é": [1, -2, None, True], "单": {"b": "\t“”/\u2028", "a": 10**18}},
    )


def test_golden_entry_keeps_its_hash_for_ever() -> None:
    assert sha256(golden_text()) == GOLDEN


def test_moments_are_spelt_in_utc_with_six_decimals() -> None:
    assert spell_moment(AT.astimezone(timezone(timedelta(hours=8)))) == "2026-11-23T00:30:00.000000Z"


@pytest.mark.parametrize("value", [1.0, float("nan"), {1: "a"}, {"a": {2}}, {"a": AT}, {"a": b"x"}, [[0.1]]])
def test_what_has_no_single_spelling_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_text(value)


@pytest.fixture
def chain(db: None) -> str:
    for number in range(1, 6):
        append_entry(chain="site:1", kind="point_rule.ended", actor="employee:7", subject=f"run:{number}", payload={})
    return "site:1"


def test_reordered_entries_are_named(chain: str) -> None:
    LedgerEntry.objects.filter(seq=2).update(seq=99)
    LedgerEntry.objects.filter(seq=3).update(seq=2)
    LedgerEntry.objects.filter(seq=99).update(seq=3)
    assert (verify_chain(chain).fault, verify_chain(chain).seq) == ("reordered", 2)


def test_inserted_entry_is_named(chain: str) -> None:
    """Somebody writes a well-formed entry of their own in the place of number three, and moves the rest on."""
    for entry in LedgerEntry.objects.filter(seq__gte=3).order_by("-seq"):
        LedgerEntry.objects.filter(pk=entry.pk).update(seq=entry.seq + 1)
    text = entry_text(chain=chain, seq=3, prev="0" * 64, at=AT, kind="k", actor="x", subject="run:9", payload={})
    LedgerEntry.objects.create(
        chain_id=chain, seq=3, hash=sha256(text), at=AT, kind="k", actor="x", subject="run:9", canonical=text
    )
    assert (verify_chain(chain).fault, verify_chain(chain).seq) == ("inserted", 3)


def test_text_that_is_no_longer_canonical_is_named(chain: str) -> None:
    entry = LedgerEntry.objects.get(seq=5)
    text = entry.canonical.replace('{"actor"', '{ "actor"')
    LedgerEntry.objects.filter(seq=5).update(canonical=text, hash=sha256(text))
    assert (verify_chain(chain).fault, verify_chain(chain).seq) == ("changed", 5)


def test_head_that_was_set_back_is_named(chain: str) -> None:
    Chain.objects.filter(pk=chain).update(head="0" * 64)
    assert verify_chain(chain).fault == "head"


def test_entries_cut_off_with_the_head_set_back_do_not_agree_with_the_signature(chain: str) -> None:
    sign_heads(AT)
    LedgerEntry.objects.filter(seq__gt=3).delete()
    Chain.objects.update(seq=3, head=LedgerEntry.objects.get(seq=3).hash)
    assert verify_chain(chain).fault == "signature"


def test_forged_signature_is_named(chain: str) -> None:
    sign_heads(AT)
    HeadSignature.objects.update(signature="00" * 64)
    assert verify_chain(chain).fault == "signature"


def test_head_is_signed_when_it_grew_and_at_most_once_an_hour(chain: str) -> None:
    assert [sign_heads(AT), sign_heads(AT)] == [1, 0]
    append_entry(chain=chain, kind="point_rule.ended", actor="", subject="run:6", payload={})
    assert sign_heads(AT + timedelta(minutes=59)) == 0
    assert sign_heads(AT + timedelta(minutes=60)) == 1
    assert all(report.is_sound for report in verify_ledger())


def test_erasing_a_persons_salts_breaks_no_chain(db: None) -> None:
    digest = commit_personal(person="employee:7", value="陈梅")
    assert digest != commit_personal(person="employee:7", value="陈梅")
    append_entry(
        chain="company",
        kind="employee.changed",
        actor="",
        subject="employee:7",
        payload={"changed": ["name"], "name": digest},
    )
    Commitment.objects.filter(person="employee:7").delete()
    assert verify_chain("company").is_sound
