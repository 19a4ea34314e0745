"""The demo company: plausible, sound, told relative to now; its upload files are read like the shop's own."""

import json
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command

from cases.models import Case, CaseFinding, PointEntry, Retraining
from checklists.models import Run
from contingency.models import Activation
from duties.models import Duty
from kernel import clock
from orders.models import Finding, Import
from orders.services.reconciling import reconcile_orders
from people.models import Employee, Shop
from records.models import Chain, LedgerEntry, Reaction
from records.selectors import verify_ledger
from starter.demo.files import SAMPLED_AT, moved_files, moved_text
from tests.cast import Cast
from tests.orders.factories import imported, truth, upload
from training.models import Qualification

NIGHT = datetime(2026, 12, 30, 23, 45, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


def demo_of(employees: int = 14, weeks: int = 2) -> list[dict[str, str]]:
    call_command("seed_demo", employees=employees, weeks=weeks, stdout=StringIO())
    return json.loads((Path(settings.DATA_DIR) / "demo" / "accounts.json").read_text("utf-8"))


@pytest.mark.django_db
def test_demo_has_a_sign_in_per_role_a_history_and_a_sound_ledger() -> None:
    accounts = demo_of()
    assert [a["role"] for a in accounts] == ["employee", "lead", "manager", "auditor", "administrator"]
    for account in accounts:
        assert Employee.objects.get(number=account["number"]).check_password(account["password"])
    assert Employee.objects.count() == 14
    for model in (Run, Case, Activation, Qualification, Finding):
        assert model._default_manager.exists(), model
    assert [report.fault for report in verify_ledger() if report.fault] == []
    assert Duty.objects.filter(assignee__number=accounts[0]["number"], completed_at=None).count() == 3


@pytest.mark.django_db
def test_history_lies_in_the_past_and_each_chain_is_in_order_of_time() -> None:
    demo_of()
    assert not LedgerEntry.objects.filter(at__gt=clock.now()).exists()
    for chain in Chain.objects.all():
        moments = list(LedgerEntry.objects.filter(chain=chain).order_by("seq").values_list("at", flat=True))
        assert moments == sorted(moments), chain


@pytest.mark.django_db
def test_what_went_wrong_lies_over_the_weeks_and_most_was_mended() -> None:
    demo_of(weeks=4)
    seen = [at.date() for at in Finding.objects.values_list("first_seen_at", flat=True)]
    most = max(seen.count(day) for day in seen)
    assert len(set(seen)) >= 24 and most * 4 < len(seen)
    assert Finding.objects.filter(state="cleared").count() > Finding.objects.filter(state="open").count()
    assert not Finding.objects.filter(first_seen_at__gt=clock.now()).exists()
    assert Import.objects.exclude(state="done").count() == 0 == Reaction.objects.exclude(state="done").filter(
        fact__kind="import.finished", fact__at__lt=clock.now() - timedelta(days=1)
    ).count()  # fmt: skip
    worked = CaseFinding.objects.values_list("case__opened_at", "finding_id")
    known = dict(Finding.objects.values_list("id", "first_seen_at"))
    assert worked and all(known[pk] <= opened for opened, pk in worked)


@pytest.mark.django_db
def test_somebody_in_the_demo_was_retrained_and_got_points() -> None:
    demo_of()
    assert Retraining.objects.filter(assignment__duty__completed_at__isnull=False).exists()
    assert PointEntry.objects.filter(points__gt=0).exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_seed_makes_the_same_history() -> None:
    with time_machine.travel(NIGHT, tick=False):
        histories = []
        for _ in range(2):
            call_command("seed_demo", employees=12, weeks=1, reset=True, stdout=StringIO())
            histories.append(
                [
                    list(Finding.objects.order_by("id").values_list("order__number", "code", "first_seen_at", "state")),
                    list(Case.objects.order_by("id").values_list("number", "kind", "opened_at", "status")),
                ]
            )
    assert histories[0] == histories[1] and all(histories[0])


@pytest.mark.django_db
def test_demo_needs_an_empty_database(cast: Cast) -> None:
    with pytest.raises(CommandError, match="--reset"):
        demo_of()


@pytest.mark.django_db
def test_moved_files_carry_the_same_faults_at_any_moment(cast: Cast) -> None:
    with time_machine.travel(NIGHT, tick=False):
        files = [upload(content, name) for name, content in moved_files("yunqi-xlsx", NIGHT)]
        assert {file.name for file in files} >= {"订单报表-20261230.xlsx"}
        imported(cast.shop, *files)
        reconcile_orders(shop_id=cast.shop.pk)
    planted = {
        (r["order"], r["fault"]) for r in truth("yunqi-xlsx") if not r["fault"].startswith(("control", "row_error"))
    }
    assert set(Finding.objects.values_list("order__number", "code")) == planted
    assert Import.objects.filter(shop=Shop.objects.get(code="shanye")).count() == 1


def test_moments_keep_their_spelling_and_what_is_none_stays() -> None:
    delta = timedelta(days=38, hours=15)
    text = "2026-11-23 08:30:00,2026/11/5 9:05,2026-13-45 10:00:00,2026-11-23"
    assert moved_text(text, delta) == "2026-12-31 23:30:00,2026/12/14 00:05,2026-13-45 10:00:00,2026-12-31"
    assert SAMPLED_AT.hour == 8
