"""A disk that is full, or can only be read: whoever sends something is told that it was not saved, and `/healthz`
tells whoever watches."""

import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from checklists.models import Answer
from duties.models import Beat
from kernel import clock
from orders.models import Import
from people.models import Employee
from records.models import Evidence
from tests.cast import Cast
from tests.checklists.conftest import start_by_hand
from tests.checklists.test_pages import picture
from tests.orders.factories import order_row, report

SignIn = Callable[[Employee], Client]


@pytest.fixture
def small_disk(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A disk of a megabyte that holds data and evidence."""
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1M", "small", str(tmp_path)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("this machine lets nobody mount a disk")
    settings.DATA_DIR, settings.EVIDENCE_DIR = tmp_path, tmp_path / "evidence"
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def fill(disk: Path) -> None:
    with pytest.raises(OSError, match="No space"), (disk / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def make_read_only(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


def patient(client: Client) -> Client:
    """Shows what a browser would be shown."""
    client.raise_request_exception = False
    return client


def bring(cast: Cast, client: Client) -> Any:
    file = SimpleUploadedFile("orders.csv", report(order_row("4140000000000000001")).encode())
    return client.post(reverse("orders:import_new"), {"client_id": uuid.uuid4(), "shop": cast.shop.pk, "files": file})


def health(client: Client) -> dict[str, str]:
    return client.get("/healthz").json()


@pytest.mark.parametrize("spoil", [fill, make_read_only])
def test_files_that_find_no_room_are_told_as_not_saved(
    cast: Cast, sign_in: SignIn, small_disk: Path, spoil: Callable[[Path], None]
) -> None:
    client = patient(sign_in(cast.li))
    spoil(small_disk)
    response = bring(cast, client)
    assert response.status_code == 507 and "没有保存" in response.content.decode()
    assert not Import.objects.exists()


def test_photo_that_finds_no_room_leaves_no_answer(cast: Cast, sign_in: SignIn, small_disk: Path) -> None:
    run = start_by_hand(cast)
    client, item = patient(sign_in(cast.mei)), run.version.items.get(slug="printer")
    fill(small_disk)
    url = reverse("checklists:item_answer", args=[run.pk, item.pk])
    given = {"value": "fail", "note": "卡纸", "client_id": uuid.uuid4(), "photo": picture()}
    response = client.post(url, given, headers={"HX-Request": "true"})
    assert response.status_code == 507 and "磁盘" in response.content.decode()
    assert not Answer.objects.exists() and not Evidence.objects.exists()


@pytest.mark.parametrize(("spoil", "state"), [(fill, "full"), (make_read_only, "read-only")])
def test_health_tells_the_disk(
    client: Client, db: None, small_disk: Path, spoil: Callable[[Path], None], state: str
) -> None:
    assert health(client)["disk"] == "low"  # a megabyte is little
    spoil(small_disk)
    response = client.get("/healthz")
    assert (response.status_code, response.json()["disk"]) == (503, state)


def test_health_is_well_where_all_is(client: Client, db: None) -> None:
    for name in ("worker", "tick"):
        Beat.objects.create(name=name, at=clock.now())
    assert set(health(client).values()) <= {"ok", "low"}


@pytest.fixture
def read_only_database(cast: Cast) -> Iterator[None]:
    on, off = {
        "sqlite": ("PRAGMA query_only=ON", "PRAGMA query_only=OFF"),
        "postgresql": ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off"),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(on)
        yield
        cursor.execute(off)


@pytest.mark.django_db(transaction=True)
def test_database_that_can_only_be_read_is_told(cast: Cast, sign_in: SignIn, request: pytest.FixtureRequest) -> None:
    client = patient(sign_in(cast.li))
    request.getfixturevalue("read_only_database")
    assert health(client)["database"] == "read-only"
    response = bring(cast, client)
    assert response.status_code == 507 and "没有保存" in response.content.decode()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL cannot be filled from here")
def test_database_that_finds_no_room_is_told(cast: Cast, sign_in: SignIn) -> None:
    client = patient(sign_in(cast.li))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count={cursor.fetchone()[0]}")
    try:
        answers = []
        for _ in range(200):
            answers.append(bring(cast, client))
            if answers[-1].status_code != 302:
                break
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count=1073741823")
    assert answers[-1].status_code == 507 and "没有保存" in answers[-1].content.decode()
    assert Import.objects.count() == len(answers) - 1
