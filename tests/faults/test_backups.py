"""A backup is restored whole or not at all: damaged, empty, foreign, rewritten, in use, killed at any moment."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from kernel import clock
from people.actor import Actor
from people.models import Employee
from people.services import hire_employee
from records.backup import DATABASE, MANIFEST, unpack_backup, write_backup
from records.dumping import BackupError, live_database
from records.evidence import store_evidence
from records.models import LedgerEntry
from records.restoring import decided_path, staging_path
from records.selectors import verify_ledger
from records.signing import keep_heads, sign_heads
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
ONE = uuid.UUID("7b0c9f0e-5b0a-4a6e-9a7e-00000000000a")
KILLED = """
import os, signal, sys
deadly, done, real = int(sys.argv.pop(1)), 0, os.rename
def rename(*places):
    global done
    done += 1
    if done == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    real(*places)
os.rename = rename
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path) -> Iterator[Path]:
    """A data folder of this test's own; databases that a restore kept aside go with it."""
    folder = tmp_path / "data"
    folder.mkdir()
    kept = settings.DATA_DIR, settings.EVIDENCE_DIR
    settings.DATA_DIR, settings.EVIDENCE_DIR = folder, folder / "evidence"
    yield folder
    settings.DATA_DIR, settings.EVIDENCE_DIR = kept
    connection.close()
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        for path in [*Path(name).parent.glob(f"{Path(name).name}.before-*")]:
            path.unlink()
        return
    with live_database()._server() as server:  # type: ignore[attr-defined]
        for (old,) in server.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{name}_before_%"]):
            server.execute(f'DROP DATABASE "{old}"')


@pytest.fixture
def archive(cast: Cast, tmp_path: Path, own_data: Path) -> Path:
    """A company with a person whose data are sealed, a photo, an upload, a label, a signed ledger; backed up."""
    hire_employee(number="9001", name="吴昊", actor=Actor.of(cast.sun))
    store_evidence(owner="answer:1", by="employee:1", content=b"photo", media_type="image/png", client_id=ONE)
    for name in ("imports", "labels", "media"):
        (own_data / name).mkdir()
        (own_data / name / "file").write_text(name)
    (own_data / "secret-key").write_text("a secret")
    sign_heads(clock.now())
    keep_heads(clock.now())
    write_backup(tmp_path / "all.tar.gz")
    return tmp_path / "all.tar.gz"


def state() -> dict[str, Any]:
    files = {
        str(path.relative_to(settings.DATA_DIR)): path.read_bytes()
        for path in sorted(Path(settings.DATA_DIR).rglob("*"))
        if path.is_file() and not path.relative_to(settings.DATA_DIR).parts[0].startswith("before-restore")
    }
    people = sorted(Employee.objects.values_list("number", flat=True))
    return {"people": people, "entries": LedgerEntry.objects.count(), "files": files}


def go_on() -> None:
    """The company works on after its backup."""
    hire_employee(number="9002", name="郑洁", actor=Actor.system("command"))
    (Path(settings.DATA_DIR) / "labels" / "later").write_text("later")
    (Path(settings.DATA_DIR) / "imports" / "file").write_text("another")


def manage(*command: str, deadly: int = 0) -> subprocess.CompletedProcess[str]:
    """The command in a program of its own, killed before its so-and-so-many-th rename."""
    connection.close()
    database, name = live_database(), str(connection.settings_dict["NAME"])
    url = database.staged_url().removesuffix(f"{name}.restoring").removesuffix(f"{name}_restoring") + name
    own = {"DATABASE_URL": url, "DATA_DIR": str(settings.DATA_DIR), "APP_ENV": "test"}
    asked = [sys.executable, "-c", KILLED, str(deadly), *command]
    return subprocess.run(
        asked, env=os.environ | own, capture_output=True, text=True, check=False, cwd=settings.BASE_DIR
    )


def packed(place: Path, members: dict[str, bytes], **about: Any) -> Path:
    """An archive as somebody might make it, with digests that fit."""
    told = {"form": 2, "database": connection.vendor, "made_at": "2026-11-23", "pieces": [], **about}
    told["members"] = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    with tarfile.open(place, "w:gz") as file:
        for name, data in {**members, MANIFEST: json.dumps(told).encode()}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            file.addfile(member, BytesIO(data))
    return place


def test_restore_brings_everything_back_and_keeps_the_old_state_aside(archive: Path) -> None:
    before = state()
    go_on()
    call_command("restore", archive, force=True)
    assert state() == before
    assert all(report.is_sound for report in verify_ledger())
    (aside,) = Path(settings.DATA_DIR).glob("before-restore-*")
    assert (aside / "labels" / "later").read_text() == "later"


def test_one_flipped_bit_anywhere_is_refused_or_changes_nothing(archive: Path, tmp_path: Path) -> None:
    whole, place, folder = archive.read_bytes(), tmp_path / "flipped.tar.gz", tmp_path / "unpacked"
    digests = unpack_backup(archive, folder)["members"]
    refused = 0
    for number in range(60):
        at = len(whole) * number // 60 + number % 7
        place.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << number % 8)]) + whole[at + 1 :])
        shutil.rmtree(folder)
        folder.mkdir()
        try:
            assert unpack_backup(place, folder)["members"] == digests
        except BackupError:
            refused += 1
    assert refused >= 58  # the first bytes hold the name and time of the archive, which nobody restores


def test_what_is_no_whole_archive_is_refused_in_a_sentence(archive: Path, tmp_path: Path) -> None:
    whole, before = archive.read_bytes(), state()
    parts = {"half": whole[: len(whole) // 2], "empty": b"", "text": b"something else", "tail": whole[:-9]}
    for name, data in parts.items():
        (tmp_path / name).write_bytes(data)
    for name in (*parts, ".", "nothing"):
        with pytest.raises(CommandError, match=r"not a backup of this product, or it is damaged"):
            call_command("restore", tmp_path / name, force=True)
    assert state() == before and not staging_path().exists()


def test_without_with_an_empty_or_a_foreign_database_nothing_is_restored(archive: Path, tmp_path: Path) -> None:
    before = state()
    foreign = tmp_path / "foreign.sqlite3"
    with sqlite3.connect(foreign) as file:
        file.execute("CREATE TABLE other (id integer)")
    file.close()
    cases = [{}, {DATABASE: b""}, {DATABASE: b"x" * 5000}, {DATABASE: foreign.read_bytes()}]
    for members in cases:
        with pytest.raises(CommandError, match="Nothing was restored"):
            call_command("restore", packed(tmp_path / "made.tar.gz", members), force=True)
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[connection.vendor]
    for about, said in (({"form": 1}, "form 1"), ({"database": other}, f"of {other}")):
        with pytest.raises(CommandError, match=said):
            call_command("restore", packed(tmp_path / "made.tar.gz", {DATABASE: b""}, **about), force=True)
    assert state() == before


def test_backup_whose_ledger_was_rewritten_is_refused_unless_that_is_known(archive: Path, tmp_path: Path) -> None:
    LedgerEntry.objects.filter(kind="employee.hired").update(actor="employee:99")
    forged = tmp_path / "forged.tar.gz"
    write_backup(forged)
    LedgerEntry.objects.all().delete()
    before = state()
    with pytest.raises(CommandError, match="not sound"):
        call_command("restore", forged, force=True)
    assert state() == before
    call_command("restore", forged, force=True, despite_faults=True)
    assert LedgerEntry.objects.filter(actor="employee:99").exists()


def test_database_in_use_is_not_replaced(archive: Path) -> None:
    with pytest.raises(CommandError, match="has employees"):
        call_command("restore", archive)
    if connection.vendor == "sqlite":
        other: Any = sqlite3.connect(str(connection.settings_dict["NAME"]))
        other.execute("SELECT count(*) FROM people_employee").fetchall()
    else:
        with live_database()._server() as server:  # type: ignore[attr-defined]
            where = server.info.get_parameters() | {"dbname": str(connection.settings_dict["NAME"])}
        other = psycopg.connect(**where)
    try:
        with pytest.raises(CommandError, match="still uses the database"):
            call_command("restore", archive, force=True)
    finally:
        other.close()
    assert Employee.objects.exists()


def test_killed_at_any_moment_it_is_the_old_state_or_is_finished(archive: Path) -> None:
    before = state()
    for deadly in (1, 2, 3, 4, 6, 9):
        go_on()
        later = state()
        assert manage("restore", str(archive), "--force", deadly=deadly).returncode == -9
        if decided_path().exists():
            assert "restore --finish" in manage("check").stderr
            assert manage("restore", "--finish").returncode == 0
            assert state() == before, deadly
        else:
            shutil.rmtree(staging_path(), ignore_errors=True)
            assert state() == later, deadly
            call_command("restore", archive, force=True)
            assert state() == before, deadly
    assert all(report.is_sound for report in verify_ledger())
    with pytest.raises(CommandError, match="No restore waits"):
        call_command("restore", finish=True)
