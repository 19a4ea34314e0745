"""The pages of the cases room: who sees and does what, filters, export, statement counts."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from cases import services
from cases.models import Case, CaseEvent
from cases.services import record_statement
from duties.models import Duty
from kernel import clock
from people.actor import Actor
from people.models import Employee
from tests.cast import Cast
from tests.orders.factories import make_finding, make_order

from .factories import make_case

SignIn = Callable[[Employee], Client]


def url(case: Case, action: str = "detail") -> str:
    return reverse(f"cases:case_{action}", args=[case.pk])


def test_stranger_finds_no_case(cast: Cast, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(cast.chen)
    assert client.get(url(case)).status_code == 404
    assert client.post(url(case, "note"), {"note": "x", "client_id": uuid.uuid4()}).status_code == 404
    assert case.number not in client.get(reverse("cases:case_list") + "?status=all").content.decode()


@pytest.mark.parametrize("action", ["close", "reopen", "assign"])
def test_employee_lacks_what_a_lead_may(cast: Cast, sign_in: SignIn, action: str) -> None:
    case = make_case(cast, cause="late")
    fields = {"client_id": uuid.uuid4(), "note": "x", "to": cast.wang.pk}
    assert sign_in(cast.mei).post(url(case, action), fields).status_code == 403


@pytest.mark.parametrize("action", ["take", "note", "contact", "status", "resolve", "close", "reopen", "assign"])
def test_auditor_reads_and_changes_nothing(cast: Cast, sign_in: SignIn, action: str) -> None:
    case, client = make_case(cast), sign_in(cast.zhao)
    page = client.get(url(case))
    assert page.status_code == 200 and '<form method="post" action="/cases/' not in page.content.decode()
    fields = {
        **{"client_id": uuid.uuid4(), "note": "x", "status": "wait_buyer", "to": cast.wang.pk, "cause": "late"},
        **{"resolution": "no_fault", "whom": "buyer", "channel": "phone", "said": "x"},
    }
    assert client.post(url(case, action), fields).status_code == 403
    assert CaseEvent.objects.count() == 1


def test_auditor_opens_no_case(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.zhao).get(reverse("cases:case_new")).status_code == 403


def test_case_is_opened_from_a_prefilled_form_once(cast: Cast, sign_in: SignIn) -> None:
    client, finding = sign_in(cast.mei), make_finding(make_order(cast.shop))
    address = f"{reverse('cases:case_new')}?order=A1&waybill=SF1&waybill=SF2&finding={finding.pk}"
    page = client.get(address).content.decode()
    assert "SF1" in page and "SF2" in page and f'value="{finding.pk}"' in page
    fields = {
        **{"client_id": uuid.uuid4(), "shop": cast.shop.pk, "kind": "mismatch", "severity": "normal"},
        **{"finding": finding.pk, "orders": "A1", "waybills": "SF1\nSF2,SF2"},
    }
    for _ in range(2):
        assert client.post(reverse("cases:case_new"), fields).status_code == 302
    case = Case.objects.get()
    assert [w.number for w in case.waybills.all()] == ["SF1", "SF2"]
    assert [f.finding_id for f in case.findings.all()] == [finding.pk]
    finding.refresh_from_db()
    assert finding.state == "in_case"


def test_empty_case_is_refused_with_its_form(cast: Cast, sign_in: SignIn) -> None:
    fields = {"client_id": uuid.uuid4(), "shop": cast.shop.pk, "kind": "other", "severity": "low", "source": "person"}
    response = sign_in(cast.mei).post(reverse("cases:case_new"), fields)
    assert response.status_code == 422 and not Case.objects.exists()


def test_case_of_another_shop_cannot_be_opened(cast: Cast, sign_in: SignIn) -> None:
    fields = {"client_id": uuid.uuid4(), "shop": cast.shop.pk, "kind": "other", "severity": "low", "note": "x"}
    response = sign_in(cast.chen).post(reverse("cases:case_new"), {**fields, "source": "person"})
    assert response.status_code == 422 and not Case.objects.exists()


def test_case_walks_from_contact_to_closing(cast: Cast, sign_in: SignIn) -> None:
    mei, wang, case = sign_in(cast.mei), sign_in(cast.wang), make_case(cast, waybills=["SF1"])
    mei.post(url(case, "take"))
    at = (clock.now() + timedelta(hours=2)).astimezone(cast.site.tz).strftime("%Y-%m-%dT%H:%M")
    said = {"client_id": uuid.uuid4(), "whom": "courier", "channel": "phone", "said": "补录", "follow_up_at": ""}
    assert mei.post(url(case, "contact"), {**said, "promised": "今晚"}).status_code == 302
    assert mei.post(url(case, "contact"), {**said, "client_id": uuid.uuid4(), "follow_up_at": at}).status_code in (
        302,
        422,
    )
    done = {"client_id": uuid.uuid4(), "cause": "courier", "resolution": "courier_corrected"}
    assert mei.post(url(case, "resolve"), done).status_code == 422
    done["confirmed_by"] = "站点已更正"
    assert mei.post(url(case, "resolve"), done).status_code == 302
    assert wang.post(url(case, "close"), {"client_id": uuid.uuid4(), "note": ""}).status_code == 302
    case.refresh_from_db()
    assert case.status == "closed"
    assert "站点已更正" in wang.get(url(case)).content.decode()


def test_closing_without_resolution_answers_with_the_sentence(cast: Cast, sign_in: SignIn) -> None:
    response = sign_in(cast.wang).post(url(make_case(cast), "close"), {"client_id": uuid.uuid4()})
    assert response.status_code == 422 and Case.objects.get().status == "open"


def test_invalid_contact_keeps_what_was_typed(cast: Cast, sign_in: SignIn) -> None:
    case = make_case(cast)
    fields = {"client_id": uuid.uuid4(), "whom": "courier", "channel": "phone", "said": "", "promised": "明天补"}
    response = sign_in(cast.mei).post(url(case, "contact"), fields)
    assert response.status_code == 422 and "明天补" in response.content.decode()


def test_promise_that_nobody_asked_after_is_not_called_followed_up(cast: Cast, sign_in: SignIn) -> None:
    case, client = make_case(cast, owner=cast.mei), sign_in(cast.mei)
    client.cookies["django_language"] = "en"
    said = {"whom": "courier", "channel": "chat", "said": "x", "promised": "tonight"}
    later = {"follow_up_at": clock.now() + timedelta(hours=1)}
    services.log_contact(case=case, actor=Actor.of(cast.mei), client_id=uuid.uuid4(), **said, **later)
    done = {"client_id": uuid.uuid4(), "cause": "courier", "resolution": "no_fault"}
    assert client.post(url(case, "resolve"), {**done, "note": "came"}).status_code == 302
    page = client.get(url(case)).content.decode()
    assert "not asked again: the case was resolved" in page and "followed up" not in page
    assert Duty.objects.get(kind="follow_up").status(clock.now()) == "waived"


def test_promise_whose_time_had_passed_stays_missed_when_its_case_is_resolved(cast: Cast) -> None:
    case, now = make_case(cast, owner=cast.mei), clock.now()
    with time_machine.travel(now - timedelta(hours=3), tick=False):
        said = {"whom": "courier", "channel": "chat", "said": "x", "follow_up_at": now - timedelta(hours=1)}
        services.log_contact(case=case, actor=Actor.of(cast.mei), client_id=uuid.uuid4(), **said)
    ended = {"resolution": "reshipped", "cause": "courier", "note": "补发 SF2", "waybill": "SF2"}
    services.resolve_case(case=case, actor=Actor.of(cast.mei), client_id=uuid.uuid4(), **ended)
    assert Duty.objects.get(kind="follow_up").status(clock.now()) == "missed"


def test_sum_below_nothing_is_told_once_and_not_called_missing(cast: Cast, sign_in: SignIn) -> None:
    done = {"client_id": uuid.uuid4(), "cause": "courier", "resolution": "refunded", "refund_yuan": "-5"}
    client = sign_in(cast.wang)
    client.cookies["django_language"] = "en"
    page = client.post(url(make_case(cast), "resolve"), done).content.decode()
    assert "At least 0." in page
    assert page.count("This resolution has to tell it.") == 1  # that the refund's condition is met


def test_address_of_a_refused_form_opened_anew_leads_a_browser_to_its_page(cast: Cast, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(cast.mei)
    assert client.get(url(case, "note"), headers={"Accept": "text/html,*/*"}).headers["Location"] == url(case)
    assert client.get("/theme/", headers={"Accept": "text/html,*/*"}).headers["Location"] == "/"
    assert client.get(url(case, "note")).status_code == 405


@pytest.mark.parametrize("who", ["li", "sun"])
def test_statement_names_everybody_who_reads_it(cast: Cast, sign_in: SignIn, who: str) -> None:
    case = make_case(cast)
    said = {"employee": cast.mei, "text": "面单拿反了", "client_id": uuid.uuid4()}
    record_statement(case=case, actor=Actor.of(cast.wang), **said)
    page = sign_in(getattr(cast, who)).get(reverse("cases:case_detail", args=[case.pk])).content.decode()
    assert "面单拿反了" in page and "仅本人、班组长、主管和管理员可见" in page


def test_follow_up_duty_leads_to_its_contact(cast: Cast, sign_in: SignIn) -> None:
    case = make_case(cast, owner=cast.mei)
    contact = services.log_contact(
        case=case,
        actor=Actor.of(cast.mei),
        client_id=uuid.uuid4(),
        whom="courier",
        channel="chat",
        said="x",
        follow_up_at=clock.now() + timedelta(hours=1),
    )
    client = sign_in(cast.mei)
    assert client.get(reverse("cases:follow_up", args=[contact.pk])).url.endswith(f"#contact-{contact.pk}")
    assert sign_in(cast.chen).get(reverse("cases:follow_up", args=[contact.pk])).status_code == 404
    done = reverse("cases:follow_up_complete", args=[contact.pk])
    assert client.post(done, {"client_id": uuid.uuid4(), "note": "已补录"}).status_code == 302
    assert Duty.objects.get(kind="follow_up").completed_at


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["mine", "late"]),
        ("status=closed", ["closed"]),
        ("status=all&sort=number", ["mine", "late", "closed"]),
        ("cause=courier", ["mine"]),
        ("owner=me", ["mine"]),
        ("owner=nobody", ["late"]),
        ("overdue=on", ["late"]),
        ("q=sf9", ["mine"]),
        ("status=nonsense&owner=nonsense", ["mine", "late"]),
    ],
)
def test_list_filters_by_its_address(cast: Cast, sign_in: SignIn, query: str, found: list[str]) -> None:
    now = clock.now()
    numbers = {
        "mine": make_case(cast, owner=cast.mei, cause="courier", waybills=["SF99"]).number,
        "late": make_case(cast, due_at=now - timedelta(hours=1)).number,
    }
    closed = make_case(cast, cause="late")
    numbers["closed"] = closed.number
    services.close_case(case=closed, actor=Actor.of(cast.wang), client_id=uuid.uuid4(), resolution="refunded")
    page = sign_in(cast.mei).get(reverse("cases:case_list") + "?" + query).context["page"]
    assert {c.number for c in page} == {numbers[name] for name in found}


def test_export_has_the_rows_of_the_list_and_no_formula(cast: Cast, sign_in: SignIn) -> None:
    make_case(cast, waybills=["=HYPERLINK(1)"], note="n")
    response = sign_in(cast.zhao).get(reverse("cases:case_export"))
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff") and "'=HYPERLINK(1)" in text and text.count("\r\n") == 2
    other = sign_in(cast.chen).get(reverse("cases:case_export"))
    assert b"".join(other.streaming_content).decode().count("\r\n") == 1


def test_list_and_export_take_the_same_statements_for_3_and_30(
    cast: Cast, sign_in: SignIn, statements: Callable[[], Any]
) -> None:
    client, counts = sign_in(cast.wang), []
    client.get(reverse("cases:case_export"))  # the first export of all begins the company's chain
    for more in (3, 27):
        for n in range(more):
            make_case(cast, owner=[cast.mei, cast.wang, None][n % 3], waybills=[f"SF{more}{n}"], orders=[f"A{n}"])
        with statements() as count:
            client.get(reverse("cases:case_list"))
            b"".join(client.get(reverse("cases:case_export")).streaming_content)
            counts.append(count())
    assert counts[0] == counts[1] <= 24


def test_detail_takes_the_same_statements_for_3_and_30(
    cast: Cast, sign_in: SignIn, statements: Callable[[], Any]
) -> None:
    client, case, counts = sign_in(cast.wang), make_case(cast, owner=cast.mei), []
    for more in (3, 27):
        for n in range(more):
            services.log_contact(
                case=case,
                actor=Actor.of(cast.mei),
                client_id=uuid.uuid4(),
                whom="courier",
                channel="phone",
                said=f"{n}",
                follow_up_at=clock.now() + timedelta(hours=1),
            )
        with statements() as count:
            client.get(url(case))
            counts.append(count())
    assert counts[0] == counts[1]


def test_workbook_holds_the_rows_of_the_list_and_no_formula(cast: Cast, sign_in: Any) -> None:
    make_case(cast, orders=["=1+1"], waybills=["SF1"], note="x")
    answer = sign_in(cast.mei).get("/cases/export.xlsx")
    [sheet] = load_workbook(BytesIO(answer.content)).worksheets
    head, row = list(sheet.iter_rows())
    assert [cell.value for cell in head][:2] == ["编号", "店铺"]
    assert [cell.value for cell in row][8:10] == ["'=1+1", "SF1"]
    assert {cell.data_type for cell in row} <= {"s", "n", "inlineStr"}
    assert load_workbook(BytesIO(sign_in(cast.chen).get("/cases/export.xlsx").content)).active.max_row == 1
