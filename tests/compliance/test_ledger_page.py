"""What proves something is sealed, and found in the ledger as people ask for it, by those who may see it."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import translation

from compliance.words import fault_words
from contingency.services import count_stock, schedule_drill, tick_step
from duties.models import Duty
from duties.services import claim_duty, complete_duty, reassign_duty, waive_duty
from duties.ticking import close_missed_duties
from kernel import clock
from people.actor import Actor
from people.models import Employee
from records.canonical import sha256
from records.models import LedgerEntry
from records.selectors import verify_ledger
from tests import things
from tests.cases.factories import make_case
from tests.cast import Cast
from tests.contingency.factories import make_activation, make_plan, the_printer
from tests.duties.drafts import owe
from tests.orders.factories import make_finding, make_order
from tests.training.factories import make_assignment

SignIn = Callable[[Employee], Client]


def kinds(**asked: str) -> list[str]:
    return list(LedgerEntry.objects.filter(**asked).order_by("id").values_list("kind", flat=True))


def found(client: Client, **asked: str) -> list[tuple[str, str]]:
    return [(r.entry.kind, r.entry.subject) for r in client.get("/compliance/ledger/", asked).context["entries"]]


# --- sealed


def test_what_changes_who_owes_a_duty_by_when_is_sealed_and_reasons_are_not_readable(cast: Cast) -> None:
    duty = owe(cast, "a", is_claimable=True, assignee=cast.wang)
    claim_duty(duty=duty, actor=Actor.of(cast.mei))
    reassign_duty(duty=duty, to=cast.li, actor=Actor.of(cast.wang), note="梅病了")
    waive_duty(duty=duty, actor=Actor.of(cast.wang), reason="李也病了")
    assert kinds(subject=f"duty:{duty.pk}") == ["duty.claimed", "duty.reassigned", "duty.waived"]
    texts = "".join(LedgerEntry.objects.values_list("canonical", flat=True))
    assert "病" not in texts and sha256("梅病了") in texts and sha256("李也病了") in texts


def test_what_was_missed_is_sealed_by_the_clock(cast: Cast) -> None:
    now = clock.now()
    duties = [owe(cast, f"k{n}", due_at=now - timedelta(hours=1), closes_at=now - timedelta(minutes=1)) for n in (1, 2)]
    close_missed_duties(now)
    entries = LedgerEntry.objects.filter(kind="duty.missed").order_by("seq")
    assert [(e.subject, e.actor) for e in entries] == [(f"duty:{duty.pk}", "system") for duty in duties]


@pytest.mark.parametrize("kind", Duty.Kind.values)
def test_done_is_sealed_by_the_duty_where_no_room_seals_it(cast: Cast, kind: str) -> None:
    duty = owe(cast, "a", kind=kind)
    complete_duty(duty=duty, actor=Actor.of(cast.mei), at=clock.now())
    own = kind in ("module", "run", "review", "case")
    assert kinds(subject=f"duty:{duty.pk}") == ([] if own else ["duty.completed"])


def test_module_given_by_hand_drill_stock_and_steps_are_sealed(cast: Cast) -> None:
    assignment = make_assignment(cast)
    assert kinds(subject=f"assignment:{assignment.pk}") == ["module.assigned"]
    plan, later = make_plan([cast.site]), clock.now() + timedelta(days=7)
    said = {"actor": Actor.of(cast.li), "client_id": uuid.uuid4()}
    drill = schedule_drill(plan=plan, site=cast.site, lead=cast.wang, due_at=later, **said)
    assert kinds(subject=f"drill:{drill.pk}") == ["drill.planned"]
    count_stock(material=the_printer(cast), quantity=3, actor=Actor.of(cast.mei), client_id=uuid.uuid4())
    assert kinds(subject=f"material:{the_printer(cast).pk}") == ["stock.moved"]
    activation = make_activation(cast, plan)
    step = activation.version.steps.first()
    tick_step(activation=activation, step=step, actor=Actor.of(cast.mei), client_id=uuid.uuid4())
    assert kinds(subject=f"activation:{activation.pk}") == ["plan.activated", "plan.step_done"]
    assert all(report.is_sound for report in verify_ledger())


def test_exports_are_sealed_without_what_was_searched_for(cast: Cast, sign_in: SignIn) -> None:
    chain = things.chain(cast)["chain"]
    li = sign_in(cast.li)
    pages = [reverse("orders:import_faults", args=[things.preview(cast)["pk"]])]
    pages += [reverse(f"cases:{name}") for name in ("case_export", "case_workbook")]
    pages += [reverse("cases:points_export", args=[cast.mei.pk]), reverse("compliance:ledger_export", args=[chain])]
    for page in ["/compliance/export/?q=陈梅", *pages]:
        assert li.get(page).status_code == 200, page
    entries = LedgerEntry.objects.filter(kind="export.made").order_by("seq")
    told = [entry.canonical.split('"what":"')[1].split('"')[0] for entry in entries]
    assert told == ["completion", "import_faults", "cases", "cases", "points", "ledger"]
    assert {entry.actor for entry in entries} == {cast.li.ref}
    assert "陈梅" not in "".join(entry.canonical for entry in entries)


# --- found


@pytest.fixture
def told(cast: Cast) -> Cast:
    """Mei's case, about an order; a finding dismissed; a duty of Sun's waived."""
    order = make_order(cast.shop, waybill="SF1234567890123", number="2655000111122223")
    make_finding(order)
    make_case(cast, orders=["2655000111122223"])
    waive_duty(duty=owe(cast, "a", assignee=cast.sun), actor=Actor.of(cast.wang), reason="停电")
    return cast


def test_ledger_is_found_by_person_kind_number_and_day(told: Cast, sign_in: SignIn) -> None:
    client = sign_in(told.li)
    client.cookies["django_language"] = "en"
    case = next(subject for kind, subject in found(client) if kind == "case.opened")
    waived = next(pair for pair in found(client) if pair[0] == "duty.waived")
    assert ("case.opened", case) in found(client, text=told.mei.name)
    assert waived in found(client, text=told.wang.number) and waived not in found(client, text=told.mei.number)
    assert found(client, text="duty waived") == [waived]
    assert found(client, text="2655000111122223") == [("case.opened", case)]
    assert found(client, text=case.replace(":", " ")) == [("case.opened", case)]
    assert waived in found(client, text="today")
    assert found(client, text="2020-01-01") == [] and found(client, text="nothing of the kind") == []
    assert found(client, room="cases") == [("case.opened", case)]


def test_names_are_resolved_for_who_may_see_the_person_alone(told: Cast, sign_in: SignIn) -> None:
    assert told.mei.name in sign_in(told.li).get("/compliance/ledger/").content.decode()
    assert found(sign_in(told.zhao), text="没有这个人") == []
    assert sign_in(told.chen).get("/compliance/ledger/").context["entries"] == []


def test_search_field_says_what_it_finds(told: Cast, sign_in: SignIn) -> None:
    assert "人员、记录种类、订单号或异常单号、日期" in sign_in(told.li).get("/compliance/ledger/").content.decode()


# --- verified


def test_page_tells_each_fault_in_words(told: Cast, sign_in: SignIn) -> None:
    li, shop = sign_in(told.li), f"shop:{told.shop.pk}"
    LedgerEntry.objects.filter(chain=shop, seq=1).update(actor="employee:99")
    page = li.post(reverse("compliance:ledger_verify", args=[shop]), follow=True).content.decode()
    with translation.override("zh-hans"):
        assert fault_words("changed") in page


def test_chain_that_was_not_signed_in_time_is_told_as_the_clocks_fault(cast: Cast, sign_in: SignIn) -> None:
    with time_machine.travel(clock.now() - timedelta(hours=3)):
        chain = things.chain(cast)["chain"]
    li = sign_in(cast.li)
    assert "定时任务在运行吗" in li.get("/compliance/ledger/").content.decode()
    answer = li.post(reverse("compliance:ledger_verify", args=[chain]), follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]


def test_kept_download_is_compared_and_that_of_others_is_not_looked_at(cast: Cast, sign_in: SignIn) -> None:
    chain, address = things.chain(cast)["chain"], reverse("compliance:ledger_compare")
    li = sign_in(cast.li)
    kept = b"".join(li.get(reverse("compliance:ledger_export", args=[chain])).streaming_content)

    def compared(client: Client, content: bytes) -> list[str]:
        answer = client.post(address, {"download": ContentFile(content, "ledger.jsonl")}, follow=True)
        return [message.level_tag for message in answer.context["messages"]]

    assert compared(li, kept) == ["success"]
    assert compared(sign_in(cast.chen), kept) == ["error"]
    for wrong in (b"", b"\xff\x00", b"{}", kept[:-9], b'{"a":"' + b"x" * 1_000_001 + b'"}', b"[" * 200_000):
        assert compared(li, wrong) == ["error"]
    with override_settings(UPLOAD_MAX_MB=1):
        assert compared(li, kept + b" " * 1024 * 1024) == ["error"]
    LedgerEntry.objects.all().delete()
    assert compared(li, kept) == ["error"]
