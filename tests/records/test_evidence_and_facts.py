"""Evidence is kept once and whole; a fact is told once, and each reaction answers it once."""

import uuid
from datetime import timedelta

import pytest

from kernel import clock
from kernel.errors import Conflict
from records.evidence import evidence_path, store_evidence
from records.models import Evidence, Fact, Reaction
from records.services import record_fact, requeue_facts, run_reactions

ONE = uuid.UUID("7b0c9f0e-5b0a-4a6e-9a7e-000000000001")
SEEN: list[str] = []


def note(fact: Fact) -> None:
    SEEN.append(fact.key)


def stumble(fact: Fact) -> None:
    raise RuntimeError("the printer is on fire")


REACTIONS = {"thing.done": [note], "thing.broken": [stumble, note]}


@pytest.fixture(autouse=True)
def _rooms(db: None, settings, tmp_path) -> None:
    settings.REACTIONS = f"{__name__}.REACTIONS"
    settings.EVIDENCE_DIR = tmp_path
    SEEN.clear()


def keep(content: bytes = b"photo", owner: str = "answer:1", client_id: uuid.UUID = ONE) -> Evidence:
    return store_evidence(
        owner=owner, by="employee:7", content=content, media_type="image/jpeg", client_id=client_id, name="a.jpg"
    )


def test_upload_repeated_is_the_first() -> None:
    assert keep().pk == keep().pk
    assert evidence_path(keep().digest).read_bytes() == b"photo"


@pytest.mark.parametrize("changes", [{"content": b"another"}, {"owner": "answer:2"}])
def test_same_key_with_another_content_is_a_conflict(changes: dict) -> None:
    keep()
    with pytest.raises(Conflict):
        keep(**changes)
    assert Evidence.objects.count() == 1


def test_same_content_twice_is_one_file_and_two_rows() -> None:
    first, second = keep(), keep(client_id=uuid.uuid4(), owner="answer:2")
    assert first.digest == second.digest
    assert sum(p.is_file() for p in evidence_path(first.digest).parent.iterdir()) == 1


def test_fact_is_told_once_per_key_and_answered_once() -> None:
    facts = {record_fact(kind="thing.done", key="k", subject="thing:3").pk for _ in range(2)}
    assert len(facts) == 1
    (pk,) = facts
    assert [run_reactions(fact_id=pk), run_reactions(fact_id=pk)] == [1, 0]
    assert SEEN == ["k"]
    assert Fact.objects.get().subject_id == 3


def test_failing_reaction_holds_up_no_other_and_is_kept_after_five_tries() -> None:
    fact = record_fact(kind="thing.broken", key="k", subject="thing:3")
    for _ in range(7):
        run_reactions(fact_id=fact.pk)
    broken = Reaction.objects.get(name__endswith="stumble")
    assert (broken.state, broken.attempts) == ("failed", 5)
    assert "on fire" in broken.error
    assert SEEN == ["k"]


def test_reaction_whose_worker_died_is_asked_for_again() -> None:
    record_fact(kind="thing.done", key="k", subject="thing:3")
    assert requeue_facts(clock.now()) == 0
    assert requeue_facts(clock.now() + timedelta(minutes=2)) == 1


def test_claimed_reaction_is_left_alone_until_its_worker_must_be_dead() -> None:
    fact = record_fact(kind="thing.done", key="k", subject="thing:3")
    Reaction.objects.update(claimed_at=clock.now() - timedelta(minutes=1))
    assert run_reactions(fact_id=fact.pk) == 0
    assert requeue_facts(clock.now() + timedelta(minutes=2)) == 0
    Reaction.objects.update(claimed_at=clock.now() - timedelta(minutes=6))
    assert requeue_facts(clock.now() + timedelta(minutes=2)) == 1
    assert run_reactions(fact_id=fact.pk) == 1
    assert SEEN == ["k"]


def test_fact_that_nobody_answers_waits_for_nobody() -> None:
    record_fact(kind="thing.unheard", key="k", subject="thing:3")
    assert not Reaction.objects.exists()
