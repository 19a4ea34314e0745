"""The product's own commands, and what the environment may say."""

import os
import re
import subprocess
import sys
from argparse import _StoreAction
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command, get_commands, load_command_class

from config import env
from duties.models import Beat, Duty, DutyEvent
from duties.services import open_duty
from kernel import clock
from notifications.models import Notice
from people.actor import Actor
from people.models import Employee
from records.evidence import store_evidence
from records.models import LedgerEntry
from records.selectors import verify_chain
from records.services import append_entry
from tests.cast import Cast
from tests.faults.test_two_at_once import draft

OURS = sorted(name for name, app in get_commands().items() if app in settings.ROOMS)


@pytest.mark.parametrize("name", OURS)
def test_option_that_is_given_twice_is_refused_not_dropped(name: str) -> None:
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    for action in parser._actions:
        if isinstance(action, _StoreAction) and action.option_strings:
            told = [action.option_strings[0], str(next(iter(action.choices or "1")))]
            with pytest.raises(CommandError, match="more than once"):
                parser.parse_args([*told, *told])


def test_files_of_a_repeated_option_are_all_taken() -> None:
    parser = load_command_class("orders", "import_orders").create_parser("manage.py", "import_orders")
    told = parser.parse_args(["--shop", "s", "--orders", "a.csv", "b.csv", "--orders", "c.csv"])
    assert told.orders == [Path("a.csv"), Path("b.csv"), Path("c.csv")]


def manage(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    clean = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


# --- tick


def picture() -> dict[str, int]:
    models = [m for m in apps.get_models() if m._meta.app_label in settings.ROOMS]
    return {m.__name__: m._default_manager.count() for m in models}


@pytest.mark.django_db
def test_tick_twice_changes_nothing(cast: Cast) -> None:
    now = clock.now()
    late = draft(
        cast, key="late", assignee=cast.mei, opens_at=now - timedelta(hours=5), due_at=now - timedelta(hours=2)
    )
    gone = draft(cast, key="gone", due_at=now - timedelta(hours=1), closes_at=now - timedelta(minutes=1))
    for one in (late, gone):
        open_duty(one, actor=Actor.system("command"))
    with time_machine.travel(now, tick=False):
        call_command("tick")
        after_one = picture()
        call_command("tick")
    assert picture() == after_one
    assert Duty.objects.get(key="gone").missed_at == now
    assert DutyEvent.objects.filter(duty__key="late", kind=DutyEvent.Kind.ESCALATED).count() == 1
    assert Notice.objects.exists()
    assert Beat.objects.get(name="tick").at == now


def fail_now(now: object) -> int:
    raise RuntimeError("this step is broken")


@pytest.mark.django_db
def test_step_that_fails_keeps_no_other_from_its_work(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> None:
    steps = __import__("config.ticking", fromlist=["STEPS"]).STEPS
    monkeypatch.setattr("config.ticking.STEPS", [fail_now, *steps])
    gone = draft(cast, due_at=clock.now() - timedelta(hours=1), closes_at=clock.now() - timedelta(minutes=1))
    open_duty(gone, actor=Actor.system("command"))
    with pytest.raises(CommandError, match="fail_now"):
        call_command("tick")
    assert Duty.objects.get().missed_at and Beat.objects.filter(name="tick").exists()


# --- backup and restore


@pytest.mark.django_db(transaction=True)
def test_backup_brings_people_ledger_evidence_and_keys_back(cast: Cast, tmp_path: Path) -> None:
    append_entry(
        chain="company",
        kind="roster.copied",
        actor="employee:1",
        subject="run:1",
        payload={"monday": "2026-11-23", "days": 1},
    )
    evidence = store_evidence(
        owner="answer:1",
        by="employee:1",
        content=b"photo",
        media_type="image/png",
        client_id="1b671a64-40d5-491e-99b0-da01ff1f3341",
    )
    file = tmp_path / "all.tar.gz"
    call_command("backup", file)
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="in use"):
        call_command("restore", file)
    LedgerEntry.objects.all().delete()
    stored = Path(settings.EVIDENCE_DIR) / evidence.digest[:2] / evidence.digest
    stored.unlink()
    call_command("restore", file, force=True)
    assert Employee.objects.count() == 6
    assert verify_chain("company").entries == 1
    assert stored.read_bytes() == b"photo"


@pytest.mark.django_db(transaction=True)
def test_restore_says_when_a_file_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_bytes(b"something else")
    with pytest.raises(CommandError, match="not a backup"):
        call_command("restore", tmp_path / "x.tar.gz")


# --- help


@pytest.mark.parametrize("name", OURS)
def test_help_is_worth_reading(name: str) -> None:
    command = load_command_class(get_commands()[name], name)
    assert len(command.help) > 60
    for action in command.create_parser("manage.py", name)._actions:
        assert action.help, f"{name} {action.dest}"


# --- environment


def test_production_refuses_to_start_in_a_sentence() -> None:
    for given, word in (
        ({}, "SECRET_KEY"),
        ({"SECRET_KEY": "k" * 50}, "ALLOWED_HOSTS"),
        ({"SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "x"}, "DATABASE_URL"),
        ({"SECRET_KEY": "short", "ALLOWED_HOSTS": "x", "DATABASE_URL": "sqlite:////nowhere/x"}, "40 characters"),
        ({"DEBUG": "1"}, "DEBUG"),
    ):
        done = manage("check", APP_ENV="production", **given)
        assert done.returncode == 1
        assert word in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr


def test_value_that_cannot_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "maybe")
    for read in (
        lambda: env.flag("THING", True),
        lambda: env.integer("THING", 1),
        lambda: env.choice("THING", "a", ("a",)),
    ):
        with pytest.raises(ImproperlyConfigured, match="maybe"):
            read()
    monkeypatch.setenv("THING", "")
    assert env.flag("THING", True) and env.integer("THING", 7) == 7


def test_example_names_every_variable() -> None:
    root = Path(settings.BASE_DIR)
    code = (root / "config" / "settings.py").read_text("utf-8") + (root / "tools" / "prepare.py").read_text("utf-8")
    read = set(re.findall(r"env\.(?:text|flag|integer|choice|words|zone)\(\s*\"([A-Z_]+)\"", code))
    told = set(re.findall(r"^([A-Z_]+)=", (root / ".env.example").read_text("utf-8"), flags=re.M))
    assert read <= told and told - read == {"PORT"}
