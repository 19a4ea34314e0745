"""The ledger names the first entry that was changed, removed, inserted or reordered."""

from datetime import UTC, datetime

import pytest

from records.canonical import canonical_text, entry_text, sha256
from records.models import Chain, LedgerEntry
from records.selectors import verify_chain
from records.services import append_entry
from records.signing import sign_heads

AT = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


def copied(days: int) -> dict[str, object]:
    return {"monday": "2026-11-23", "days": days}


def three_entries() -> None:
    for number in (1, 2, 3):
        append_entry(
            chain="site:1", kind="roster.copied", actor="employee:7", subject=f"team:{number}", payload=copied(number)
        )


def test_canonical_form_is_final() -> None:
    text = entry_text(
        chain="company",
        seq=1,
        prev="0" * 64,
        at=AT,
        kind="module.completed",
        actor="employee:7",
        subject="attempt:1",
        payload={"b": [1, True, None], "a": '单单对\n"é"'},
    )
    assert text == (
        '{"actor":"employee:7","at":"2026-11-23T00:30:00.000000Z","chain":"company","kind":"module.completed",'
        '"payload":{"a":"单单对\\n\\"é\\"","b":[1,true,null]},"prev":"'
        + "0" * 64
        + '","seq":1,"subject":"attempt:1","v":1}'
    )
    assert sha256(text) == sha256(text.encode().decode())


def test_float_has_no_canonical_form() -> None:
    with pytest.raises(TypeError):
        canonical_text({"share": 0.5})


@pytest.mark.django_db
def test_sound_chain_verifies() -> None:
    three_entries()
    report = verify_chain("site:1")
    assert report.is_sound and report.entries == 3


@pytest.mark.django_db
def test_changed_entry_is_named() -> None:
    three_entries()
    entry = LedgerEntry.objects.get(seq=2)
    LedgerEntry.objects.filter(seq=2).update(canonical=entry.canonical.replace('"days":2', '"days":9'))
    report = verify_chain("site:1")
    assert (report.fault, report.seq) == ("changed", 2)


@pytest.mark.django_db
def test_changed_column_is_named() -> None:
    three_entries()
    LedgerEntry.objects.filter(seq=3).update(actor="employee:8")
    assert verify_chain("site:1").seq == 3


@pytest.mark.django_db
def test_removed_entry_is_named() -> None:
    three_entries()
    LedgerEntry.objects.filter(seq=2).delete()
    report = verify_chain("site:1")
    assert (report.fault, report.seq) == ("removed", 2)


@pytest.mark.django_db
def test_removed_last_entry_is_named() -> None:
    three_entries()
    LedgerEntry.objects.filter(seq=3).delete()
    report = verify_chain("site:1")
    assert (report.fault, report.seq) == ("removed", 3)


@pytest.mark.django_db
def test_rewritten_chain_does_not_agree_with_its_signed_head() -> None:
    three_entries()
    sign_heads(AT)
    LedgerEntry.objects.all().delete()
    Chain.objects.update(seq=0, head="")
    three_entries()
    assert verify_chain("site:1").fault == "signature"
