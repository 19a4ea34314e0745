"""Evidence that was acknowledged is there; what no row uses goes."""

import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection, transaction

from kernel import clock
from records.evidence import SETTLING, erase_evidence, evidence_path, let_go, store_evidence, sweep_evidence, write_file
from records.models import Evidence

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path: Path) -> None:
    settings.EVIDENCE_DIR = tmp_path


def keep(content: bytes = b"photo") -> Evidence:
    given = {"owner": "answer:1", "by": "employee:7", "media_type": "image/jpeg", "client_id": uuid.uuid4()}
    return store_evidence(content=content, **given)


def aged(row: Evidence) -> Path:
    """Its file, as if written long ago."""
    path = evidence_path(row.digest)
    then = (clock.now() - 2 * SETTLING).timestamp()
    os.utime(path, (then, then))
    return path


def sweep_all() -> int:
    """As the tick does in four hours."""
    return sum(sweep_evidence(clock.now() + timedelta(minutes=n)) for n in range(256))


def test_file_goes_with_its_last_row() -> None:
    first, second = keep(), keep()
    path = aged(first)
    erase_evidence(evidence=first)
    assert path.exists()
    erase_evidence(evidence=second)
    assert not path.exists() and not list(path.parent.iterdir())


def test_erase_between_a_file_and_its_row_leaves_the_file() -> None:
    old = keep()
    path = aged(old)
    write_file(b"photo")  # of an answer whose row comes next
    erase_evidence(evidence=old)
    new = keep()
    assert evidence_path(new.digest) == path and path.read_bytes() == b"photo"
    aged(new)
    assert sweep_all() == 0 and path.exists()


def test_row_that_was_never_written_leaves_its_file_for_the_sweep() -> None:
    digest = write_file(b"nobody's")
    assert sweep_all() == 0
    path = aged(Evidence(digest=digest))
    assert sweep_all() == 1 and not path.exists()


def test_sweep_that_was_killed_half_way_loses_nothing() -> None:
    row = keep()
    path = aged(row)
    path.replace(path.with_name(path.name + ".leaving"))
    sweep_all()
    assert path.exists() or path.with_name(path.name + ".leaving").exists()
    assert keep().digest == row.digest and path.read_bytes() == b"photo"


def test_file_put_aside_comes_back_where_a_row_uses_it() -> None:
    row = keep()
    path = aged(row)
    aside = path.with_name(path.name + ".leaving")
    path.replace(aside)
    assert not let_go(aside)
    assert path.read_bytes() == b"photo" and not aside.exists()


def test_part_of_a_killed_program_goes() -> None:
    path = evidence_path("ab" + "0" * 62).with_suffix(".part")
    path.parent.mkdir()
    path.write_bytes(b"half")
    assert sweep_all() == 0
    with time_machine.travel(clock.now() + 2 * SETTLING):
        assert sweep_all() == 1
    assert not path.exists()


def test_photo_that_lies_there_already_is_not_written_under_the_lock() -> None:
    write_file(b"photo")
    inode = evidence_path(keep().digest).stat().st_ino
    with transaction.atomic():
        assert connection.in_atomic_block
        assert evidence_path(keep().digest).stat().st_ino == inode
