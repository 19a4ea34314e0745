"""The matrix, its export and the ledger, as those see them who may."""

import csv
import hashlib
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from compliance.selectors import STATES
from duties.models import Duty, DutyEvent
from kernel import clock
from notifications.models import Notice
from people.models import Employee
from records.models import LedgerEntry
from records.services import append_entry, chain_name
from tests.cast import Cast, make_member
from tests.training.factories import make_assignment, take

SignIn = Callable[[Employee], Client]


def owe(cast: Cast, who: Employee, key: str, **fields: Any) -> Duty:
    now = clock.now()
    given: dict[str, Any] = {"opens_at": now - timedelta(hours=5), "due_at": now - timedelta(minutes=1)}
    given |= {"obligation": "checklist:1", "kind": "run", **fields}
    return Duty.objects.create(
        key=key,
        subject_id=1,
        title={"zh": "=早班检查", "en": "Morning check"},
        site=cast.site,
        assignee=who,
        **given,
    )


def read(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


def test_cell_says_on_time_late_and_overdue_as_counts(cast: Cast, sign_in: SignIn) -> None:
    due = clock.now() - timedelta(minutes=2)
    owe(cast, cast.mei, "a", due_at=due, completed_at=due)
    owe(cast, cast.mei, "b", due_at=due, completed_at=due + timedelta(minutes=1))
    owe(cast, cast.mei, "c", due_at=due)
    page = sign_in(cast.wang).get("/compliance/")
    [row] = [r for r in page.context["rows"] if r.employee == cast.mei]
    assert row.total.parts == [("overdue", 1), ("late", 1), ("on_time", 1)]
    assert (page.context["owing"].duties, page.context["owing"].people) == (1, 1)


@pytest.mark.parametrize("signer", ["wang", "mei"])
def test_column_of_a_handover_is_named_by_the_check_and_not_by_a_signature_in_it(
    cast: Cast, sign_in: SignIn, signer: str
) -> None:
    owe(cast, cast.wang, "a")
    signed = owe(cast, getattr(cast, signer), "b", kind="handover")
    Duty.objects.filter(pk=signed.pk).update(title={"zh": "接班人签字", "en": "Incoming signs"})
    client = sign_in(cast.li)
    [item] = client.get("/compliance/?by=item").context["items"]
    assert item.column.title == {"zh": "=早班检查", "en": "Morning check"}
    grid = client.get("/compliance/").content.decode()
    assert "早班检查" in grid and "接班人签字" not in grid


def test_chen_sees_nothing_of_another_site(cast: Cast, sign_in: SignIn) -> None:
    owe(cast, cast.mei, "a")
    chen = sign_in(cast.chen)
    page = chen.get("/compliance/")
    assert [r.employee for r in page.context["rows"]] == [cast.chen]
    assert page.context["owing"].duties == 0
    assert "陈梅" not in read(chen.get("/compliance/export/"))
    assert chen.get(f"/compliance/people/{cast.mei.pk}/").status_code == 404


def test_auditor_reads_and_employee_sees_only_own_history(cast: Cast, sign_in: SignIn) -> None:
    owe(cast, cast.mei, "a")
    assert "陈梅" in sign_in(cast.zhao).get("/compliance/").content.decode()
    mei = sign_in(cast.mei)
    assert mei.get("/compliance/").url == f"/compliance/people/{cast.mei.pk}/"
    assert mei.get(f"/compliance/people/{cast.wang.pk}/").status_code == 404


def test_export_holds_the_rows_of_the_page_and_no_formulas(cast: Cast, sign_in: SignIn) -> None:
    owe(cast, cast.mei, "a")
    text = read(sign_in(cast.wang).get("/compliance/export/"))
    assert text.startswith("\ufeff")
    assert "1001,陈梅,'=早班检查,0,0,0,1,0,0" in text


def test_matrix_needs_as_many_statements_for_thirty_as_for_three(
    cast: Cast, sign_in: SignIn, statements_of: Callable[..., int]
) -> None:
    def add_row(n: int) -> None:
        owe(cast, make_member(cast, n), f"k{n}")

    assert statements_of(sign_in(cast.wang), "/compliance/", add_row) <= 12


def test_download_of_a_chain_can_be_checked_without_the_server(cast: Cast, sign_in: SignIn) -> None:
    name = chain_name(site_id=cast.site.pk)
    for n in range(3):
        append_entry(
            chain=name,
            kind="roster.copied",
            actor="employee:1",
            subject=f"run:{n}",
            payload={"monday": "2026-11-23", "days": n},
        )
    zhao = sign_in(cast.zhao)
    lines = read(zhao.get(f"/compliance/ledger/{name}/export/")).splitlines()
    for before, after in pairwise(lines):
        assert hashlib.sha256(before.encode()).hexdigest() in after
    assert zhao.get("/compliance/ledger/").status_code == 200
    assert sign_in(cast.chen).get(f"/compliance/ledger/{name}/export/").status_code == 404


def test_command_names_the_first_entry_that_was_changed(cast: Cast) -> None:
    for n in range(3):
        append_entry(
            chain="company",
            kind="roster.copied",
            actor="employee:1",
            subject=f"run:{n}",
            payload={"monday": "2026-11-23", "days": n},
        )
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "company: sound, 3 entries" in out.getvalue()
    LedgerEntry.objects.filter(seq=2).update(canonical="{}")
    with pytest.raises(CommandError) as refused:
        call_command("verify_ledger", "--chain", "company", stdout=out)
    assert refused.value.returncode == 1
    assert "company: changed at entry 2" in out.getvalue()


def test_matrix_holds_what_is_not_due_yet(cast: Cast, sign_in: SignIn) -> None:
    owe(cast, cast.mei, "a", due_at=clock.now() + timedelta(days=9))
    page = sign_in(cast.wang).get("/compliance/")
    [row] = [r for r in page.context["rows"] if r.employee == cast.mei]
    assert row.total.parts == [("due", 1)]


def test_what_has_most_trouble_stands_first_with_the_sums_above(cast: Cast, sign_in: SignIn) -> None:
    now = clock.now()
    done = {"due_at": now - timedelta(hours=1), "completed_at": now - timedelta(hours=2)}
    for key in ("a", "b"):
        owe(cast, cast.mei, key, obligation="fine", **done)
    late = {"due_at": now - timedelta(hours=2), "completed_at": now - timedelta(hours=1)}
    owe(cast, cast.wang, "c", obligation="late", **late)
    owe(cast, cast.wang, "d", obligation="owed", due_at=now - timedelta(hours=1))
    page = sign_in(cast.li).get("/compliance/")
    grid = page.context["grid"]
    assert [column.obligation for column in grid.columns] == ["owed", "late", "fine"]
    assert [(cell.overdue, cell.late, cell.on_time) for cell in (grid.total, *grid.sums)] == [
        (1, 1, 2), (1, 0, 0), (0, 1, 0), (0, 0, 2),
    ]  # fmt: skip
    assert grid.rows[0].employee == cast.wang
    by_name = sign_in(cast.li).get("/compliance/?order=name").context["rows"]
    assert [row.employee.name for row in by_name] == sorted(row.employee.name for row in by_name)


def test_export_says_cell_by_cell_what_the_page_says(cast: Cast, sign_in: SignIn) -> None:
    due = clock.now() - timedelta(minutes=2)
    for n, who in enumerate([cast.mei, cast.mei, cast.wang]):
        owe(cast, who, f"on time {n}", due_at=due, completed_at=due)
    owe(cast, cast.wang, "late", due_at=due, completed_at=due + timedelta(minutes=1))
    owe(cast, cast.mei, "missed", due_at=due, missed_at=due)
    client = sign_in(cast.li)
    for query in ("", "?q=1001", "?order=late", "?owing=1", f"?team={cast.team.pk}", "?period=today"):
        shown = {
            (row.employee.number, *(getattr(cell, state) for state in STATES))
            for row in client.get(f"/compliance/{query}").context["rows"]
            for cell in row.cells
            if cell.parts
        }
        lines = list(csv.reader(StringIO(read(client.get(f"/compliance/export/{query}")).lstrip("\ufeff"))))[1:]
        assert {(line[0], *map(int, line[3:])) for line in lines} == shown, query


def test_items_say_how_many_people_owe_each(cast: Cast, sign_in: SignIn) -> None:
    for who in (cast.mei, cast.wang):
        owe(cast, who, f"of {who.pk}")
    [item] = sign_in(cast.li).get("/compliance/?by=item").context["items"]
    assert (item.column.obligation, item.total.overdue, item.people) == ("checklist:1", 2, 2)


def test_reminder_goes_out_once_an_hour(cast: Cast, sign_in: SignIn) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        owe(cast, cast.mei, "a")
        client = sign_in(cast.wang)
        for _ in range(2):
            client.post("/compliance/remind/?q=1001")
        assert Notice.objects.filter(recipient=cast.mei).count() == 1
        traveller.shift(timedelta(minutes=61))
        client.post(f"/compliance/people/{cast.mei.pk}/remind/")
        assert Notice.objects.filter(recipient=cast.mei).count() == 2
    assert DutyEvent.objects.filter(kind="reminded", actor=cast.wang).count() == 2


def test_reminder_reaches_nobody_outside_the_filter(cast: Cast, sign_in: SignIn) -> None:
    owe(cast, cast.mei, "a")
    sign_in(cast.chen).post("/compliance/remind/")
    sign_in(cast.wang).post("/compliance/remind/?q=9999")
    assert not Notice.objects.exists()


def test_person_page_names_the_sealed_entry_and_the_qualification_at_a_moment(cast: Cast, sign_in: SignIn) -> None:
    assignment = make_assignment(cast)
    before = clock.now() - timedelta(minutes=1)
    take(assignment)
    client = sign_in(cast.zhao)
    page = client.get(f"/compliance/people/{cast.mei.pk}/")
    [proven] = page.context["rows"]
    assert proven.entry.kind == "module.completed" and proven.entry.subject == f"assignment:{assignment.pk}"
    assert [s.is_qualified for s in page.context["standings"]] == [True]
    local = before.astimezone(cast.site.tz)
    asked = client.get(f"/compliance/people/{cast.mei.pk}/", {"at": f"{local:%Y-%m-%dT%H:%M}"})
    assert not any(s.is_qualified for s in asked.context["standings"])
    entry = client.get(f"/compliance/ledger/{proven.entry.chain_id}/{proven.entry.seq}/").content.decode()
    assert proven.entry.hash in entry


def test_asking_for_another_moment_keeps_what_the_list_is_filtered_by(cast: Cast, sign_in: SignIn) -> None:
    address = f"/compliance/people/{cast.mei.pk}/?period=30&obligation=case&page=1"
    page = sign_in(cast.zhao).get(address).content.decode()
    ask = page[page.index('name="at"') :].partition("</form>")[0]
    assert '<input type="hidden" name="period" value="30">' in ask
    assert '<input type="hidden" name="obligation" value="case">' in ask
    assert 'name="page"' not in ask


def test_ledger_is_filtered_by_room_and_subject(cast: Cast, sign_in: SignIn) -> None:
    take(make_assignment(cast))
    client = sign_in(cast.zhao)
    kinds = [row.entry.kind for row in client.get("/compliance/ledger/?room=training").context["entries"]]
    assert kinds == ["module.completed", "module.assigned", "module.published"]
    assert client.get("/compliance/ledger/?text=run:77").context["entries"] == []


def test_export_is_written_in_the_viewers_language(cast: Cast, sign_in: SignIn) -> None:
    owe(cast, cast.mei, "case:1", kind=Duty.Kind.CASE, obligation="case")
    client = sign_in(cast.li)
    client.cookies["django_language"] = "en"
    head, line = csv.reader(StringIO(read(client.get("/compliance/export/")).lstrip("\ufeff")))
    assert (head[1], line[2]) == ("Name", "case")


@pytest.mark.parametrize("name", ["person", "items", "ledger"])
def test_pages_need_as_many_statements_for_thirty_rows_as_for_three(
    cast: Cast, sign_in: SignIn, statements_of: Callable[..., int], name: str
) -> None:
    pages = {
        "person": f"/compliance/people/{cast.mei.pk}/",
        "items": "/compliance/?by=item",
        "ledger": "/compliance/ledger/",
    }

    def add_row(n: int) -> None:
        duty = owe(cast, cast.mei, f"k{n}", obligation=f"checklist:{n}")
        chain, subject = chain_name(site_id=cast.site.pk), f"run:{duty.pk}"
        append_entry(
            chain=chain,
            kind="roster.copied",
            actor=cast.mei.ref,
            subject=subject,
            payload={"monday": "2026-11-23", "days": 1},
        )

    assert statements_of(sign_in(cast.wang), pages[name], add_row) <= 16
