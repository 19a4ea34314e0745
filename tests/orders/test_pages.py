"""The pages of the orders room: imports, board, one finding, figures, look-up, bench."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from orders.models import Finding, Import, Order, Verification
from orders.services import run_import
from people.models import Employee
from tests.cases.factories import make_case
from tests.cast import Cast
from tests.orders.factories import (
    SAMPLED_AT,
    SAMPLES,
    SHANYE,
    looked_at,
    make_finding,
    make_import,
    make_label,
    make_order,
    order_row,
    report,
)

SignIn = Callable[[Employee], Client]
NUMBER = "SF1234567890123"


@pytest.fixture(autouse=True)
def that_morning() -> Any:
    with time_machine.travel(SAMPLED_AT, tick=False) as traveller:
        yield traveller


def sent(path: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile(path.name, path.read_bytes())


def fields(cast: Cast, *files: SimpleUploadedFile) -> dict[str, Any]:
    return {"client_id": uuid.uuid4(), "shop": cast.shop.pk, "files": list(files)}


def test_manager_brings_files_sees_the_preview_confirms_and_finds_the_findings(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.li)
    files = [sent(SAMPLES / "shanye-csv" / name) for name in SHANYE]
    response = client.post(reverse("orders:import_new"), fields(cast, *files))
    batch = Import.objects.get()
    assert response.url == reverse("orders:import_detail", args=[batch.pk])
    looked_at(batch)
    page = client.get(response.url).content.decode()
    assert "3000" in page and "3002" in page and not Order.objects.exists()
    told = client.get(reverse("orders:import_faults", args=[batch.pk]))
    assert len(b"".join(told).decode().strip().splitlines()) == 1 + 4
    client.post(reverse("orders:import_confirm", args=[batch.pk]))
    asked = reverse("orders:import_progress", args=[batch.pk]) + "?under_way=1"
    bar = client.get(asked, headers={"HX-Request": "true"})
    assert asked in bar.content.decode() and "HX-Refresh" not in bar.headers
    run_import(import_id=batch.pk)
    assert client.get(asked, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"  # with the true counts
    page = client.get(response.url).content.decode()
    assert Order.objects.count() == 3000 and "hx-trigger" in page


def test_report_of_another_shop_is_told_before_it_is_imported(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.li)
    path = SAMPLES / "shanye-csv" / SHANYE[0]

    def told() -> str:
        page = client.post(reverse("orders:import_new"), fields(cast, sent(path))).url
        looked_at(Import.objects.latest("pk"))
        return client.get(page).content.decode()

    assert "订单报表是" not in told()
    cast.shop.name = "云栖家居专营店"
    cast.shop.save()
    page = told()
    assert "订单报表是<strong>山野户外旗舰店</strong>的，而你选的是<strong>云栖家居专营店</strong>" in page


def test_form_sent_twice_brings_one_import(cast: Cast, sign_in: SignIn) -> None:
    client, key = sign_in(cast.li), uuid.uuid4()
    for _ in range(2):
        file = SimpleUploadedFile("orders.csv", report(order_row("4140000000000000001")).encode())
        assert client.post(reverse("orders:import_new"), {**fields(cast, file), "client_id": key}).status_code == 302
    assert Import.objects.count() == 1


def test_empty_file_is_answered_with_the_form_and_a_sentence(cast: Cast, sign_in: SignIn) -> None:
    response = sign_in(cast.li).post(reverse("orders:import_new"), fields(cast, SimpleUploadedFile("x.csv", b"")))
    assert response.status_code == 422 and "invalid-feedback" in response.content.decode()
    assert not Import.objects.exists()


@pytest.mark.parametrize(("content", "word"), [(b"%PDF-1.7", "PDF"), ("甲,乙\n1,2\n".encode(), "甲、乙")])
def test_wrong_file_is_told_on_its_page(cast: Cast, sign_in: SignIn, content: bytes, word: str) -> None:
    client = sign_in(cast.li)
    page = client.post(reverse("orders:import_new"), fields(cast, SimpleUploadedFile("x.csv", content))).url
    batch = looked_at()
    told = client.get(page).content.decode()
    assert batch.state == "failed" and word in told and "x.csv" in told
    assert reverse("orders:import_confirm", args=[batch.pk]) not in told
    assert reverse("orders:import_cancel", args=[batch.pk]) in told


def test_manager_of_another_site_cannot_import_into_this_shop(cast: Cast, sign_in: SignIn) -> None:
    file = SimpleUploadedFile("orders.csv", report(order_row("4140000000000000001")).encode())
    assert sign_in(cast.chen).post(reverse("orders:import_new"), fields(cast, file)).status_code == 422
    assert not Import.objects.exists()


def test_period_that_ends_before_it_starts_is_told_beside_its_form(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.li)
    client.post(reverse("orders:import_new"), fields(cast, *[sent(SAMPLES / "shanye-csv" / n) for n in SHANYE]))
    coverage = looked_at().coverages.get(side="tracking")
    address = reverse("orders:coverage_edit", args=[coverage.batch_id, coverage.pk])
    given = {"starts_at": "2026-11-23T08:00", "ends_at": "2026-11-20T08:00", "couriers": ["sf"]}
    assert client.post(address, given).status_code == 422
    assert client.post(address, {**given, "ends_at": "2026-11-23T08:30"}).status_code == 302
    coverage.refresh_from_db()
    assert coverage.couriers == ["sf"]


def test_board_shows_two_numbers_with_the_digits_that_differ(cast: Cast, sign_in: SignIn) -> None:
    make_finding(make_order(cast.shop))
    page = sign_in(cast.mei).get(reverse("orders:board")).content.decode()
    assert '<mark class="differs">23</mark>' in page and '<mark class="differs">32</mark>' in page


def test_board_of_another_site_is_empty(cast: Cast, sign_in: SignIn) -> None:
    make_finding(make_order(cast.shop))
    assert NUMBER not in sign_in(cast.chen).get(reverse("orders:board")).content.decode()


def test_false_alarm_needs_a_reason_and_leaves_the_board(cast: Cast, sign_in: SignIn) -> None:
    finding, client = make_finding(make_order(cast.shop)), sign_in(cast.mei)
    address = reverse("orders:finding_dismiss", args=[finding.pk])
    assert client.post(address, {"reason": " "}).status_code == 422
    assert client.post(address, {"reason": "平台已经改过"}).status_code == 302
    finding.refresh_from_db()
    assert (finding.state, finding.settled_by) == ("dismissed", cast.mei)


@pytest.mark.parametrize("wanted", [NUMBER, "4140000000000000001", "0001", NUMBER[-4:], "sf 1234567890123"])
def test_order_is_found_by_any_of_its_numbers(cast: Cast, sign_in: SignIn, wanted: str) -> None:
    order = make_order(cast.shop, waybill=NUMBER)
    response = sign_in(cast.mei).get(reverse("orders:lookup"), {"q": wanted})
    assert response.url == reverse("orders:order_detail", args=[order.pk])


def test_order_of_another_shop_is_not_found(cast: Cast, sign_in: SignIn) -> None:
    make_order(cast.shop, waybill=NUMBER)
    assert sign_in(cast.chen).get(reverse("orders:lookup"), {"q": NUMBER}).status_code == 200


def test_order_page_puts_label_and_platform_on_one_timeline_and_masks_the_receiver(cast: Cast, sign_in: SignIn) -> None:
    order = make_order(cast.shop, waybill=NUMBER, receiver_surname="周", phone_tail="6621")
    make_label(order, "SF1234567890132")
    page = sign_in(cast.mei).get(reverse("orders:order_detail", args=[order.pk])).content.decode()
    assert NUMBER in page and "SF1234567890132" in page and "周**" in page


def test_order_page_names_its_cases_and_none_of_another_site(cast: Cast, sign_in: SignIn) -> None:
    order = make_order(cast.shop, waybill=NUMBER)
    case = make_case(cast, orders=[order.number], waybills=[])
    other = make_case(cast, orders=[], waybills=[NUMBER])
    unrelated = make_case(cast, orders=["4140000000000009999"], waybills=[])
    page = sign_in(cast.mei).get(reverse("orders:order_detail", args=[order.pk])).content.decode()
    assert case.number in page and other.number in page and unrelated.number not in page


def test_bench_answers_a_scan_with_its_verdict_and_undoes_it(cast: Cast, sign_in: SignIn) -> None:
    make_order(cast.shop, waybill=NUMBER)
    client = sign_in(cast.mei)
    given = {"client_id": uuid.uuid4(), "scanned": NUMBER}
    page = client.post(reverse("orders:bench"), given, headers={"HX-Request": "true"}).content.decode()
    assert "verdict--passed" in page
    passed = Verification.objects.get()
    undo = {"client_id": uuid.uuid4(), "verification": passed.pk}
    assert client.post(reverse("orders:bench_undo"), undo).status_code == 302
    assert Verification.objects.filter(undoes=passed).count() == 1


@pytest.mark.parametrize("name", ["orders:board", "orders:import_list", "orders:lookup"])
def test_lists_take_as_many_statements_for_thirty_rows_as_for_three(
    cast: Cast, sign_in: SignIn, statements: Any, name: str
) -> None:
    client, counts = sign_in(cast.li), []
    for size in (3, 27):
        for n in range(size):
            order = make_order(cast.shop, f"41400000000{size:02}{n:02}7777")
            make_finding(order)
            make_import(cast.shop)
        client.get(reverse(name), {"q": "7777"})
        with statements() as count:
            assert client.get(reverse(name), {"q": "7777"}).status_code == 200
        counts.append(count())
    assert counts[0] == counts[1] and Finding.objects.count() == 30
