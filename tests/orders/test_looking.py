"""Files are looked at by the worker: the upload answers at once, the page tells how far it is, and it can end."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django_tasks_db.compat import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from duties.models import Beat
from duties.workers import TRIES, WORKER, requeue_tasks
from kernel import clock
from orders.models import Import, LabelPhoto, Order
from orders.services import bring_files, cancel_import, confirm_import, look_again, look_at_files, run_import
from orders.services.bringing import look_task
from orders.services.discarding import discard_uploads
from orders.services.importing import NotLookedAt, run_import_task
from orders.services.looking import Glance, ThrownAway
from orders.services.lost import settle_lost
from orders.services.photos import photo_path, read_photo_task
from orders.uploads import stored_path
from people.actor import Actor
from people.models import Employee
from records.models import Reaction
from records.services import CLAIM, MAX_ATTEMPTS, record_fact, requeue_facts, run_reactions
from tests.cast import Cast
from tests.orders.factories import imported, make_import, make_order, order_row, report, upload
from tests.threads import at_once

ONE = report(order_row("4140000000000000001"))
SignIn = Callable[[Employee], Client]


def brought(cast: Cast, text: str | bytes = ONE, **given: Any) -> Import:
    given = {"client_id": uuid.uuid4(), "actor": Actor.of(cast.li), **given}
    return bring_files(shop=cast.shop, uploads=[upload(text, "orders.csv")], **given)


def by_worker(batch: Import) -> Import:
    """As the worker does."""
    look_task.call(batch.pk)
    batch.refresh_from_db()
    return batch


def page_of(client: Client, batch: Import) -> str:
    return client.get(reverse("orders:import_detail", args=[batch.pk])).content.decode()


def test_upload_answers_before_anything_is_read(cast: Cast, sign_in: SignIn) -> None:
    client, key = sign_in(cast.li), uuid.uuid4()
    for _click in range(2):
        file = SimpleUploadedFile("orders.csv", ONE.encode(), "text/csv")
        given = {"client_id": key, "shop": cast.shop.pk, "files": file}
        response = client.post(reverse("orders:import_new"), given)
    batch = Import.objects.get()
    assert response["Location"] == reverse("orders:import_detail", args=[batch.pk])
    assert (batch.state, batch.files.count(), DBTaskResult.objects.count()) == ("looking", 0, 1)
    page = page_of(client, batch)
    assert (
        "正在打开文件" in page
        and 'hx-trigger="every 1s"' in page
        and reverse("orders:import_confirm", args=[batch.pk]) not in page
    )


def test_page_comes_anew_once_the_files_were_looked_at(cast: Cast, sign_in: SignIn) -> None:
    batch, client = brought(cast), sign_in(cast.li)
    url = reverse("orders:import_progress", args=[batch.pk]) + "?under_way=1"
    assert "HX-Refresh" not in client.get(url, headers={"HX-Request": "true"})
    assert by_worker(batch).state == "preview"
    assert client.get(url, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert batch.files.get().new == 1 and not Order.objects.exists()


def test_how_far_a_look_is_shows_in_rows(cast: Cast, sign_in: SignIn) -> None:
    batch = brought(cast)
    Import.objects.filter(pk=batch.pk).update(seen_rows=800, all_rows=2000)
    assert "800 / 2000" in page_of(sign_in(cast.li), batch)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_cannot_be_read_is_told_in_the_readers_language(cast: Cast, sign_in: SignIn, language: str) -> None:
    batch = brought(cast, b"%PDF-1.7 x")
    with translation.override("en" if language == "zh-hans" else "zh-hans"):
        assert by_worker(batch).state == "failed"
    client = sign_in(cast.li)
    client.cookies["django_language"] = language
    page = page_of(client, batch)
    assert ("is a PDF" if language == "en" else "PDF") in page and "orders.csv" in page
    with pytest.raises(NotLookedAt):
        confirm_import(batch=batch, actor=Actor.of(cast.li))
    assert look_again(batch=batch, actor=Actor.of(cast.li)).state == "looking"


def test_look_that_is_thrown_away_ends(cast: Cast) -> None:
    batch = brought(cast)
    glance = Glance(batch)
    glance.told_at -= 2
    glance.tell(800)
    cancel_import(batch=batch, actor=Actor.of(cast.li))
    glance.told_at -= 2
    with pytest.raises(ThrownAway):
        glance.tell(800)
    assert (by_worker(batch).state, batch.files.count()) == ("cancelled", 0)


def test_files_are_kept_while_they_wait_and_go_when_they_are_thrown_away(cast: Cast) -> None:
    batch = brought(cast)
    path, later = stored_path(batch.uploads[0]["digest"]), clock.now() + timedelta(hours=2)
    discard_uploads(later)
    assert path.exists()
    by_worker(batch)
    opened = sorted(one.name.removeprefix(path.name) for one in path.parent.glob(f"{path.name}*"))
    assert opened == ["", ".index", ".rows"]
    cancel_import(batch=batch, actor=Actor.of(cast.li))
    discard_uploads(later)
    assert not list(path.parent.glob(f"{path.name}*"))


def test_missing_worker_is_told(cast: Cast, sign_in: SignIn) -> None:
    batch, client = brought(cast), sign_in(cast.li)
    assert "没有后台程序" in page_of(client, batch)
    Beat.objects.create(name=f"{WORKER}w1", at=clock.now())
    assert "没有后台程序" not in page_of(client, batch)


def died(task: Any, pk: int) -> None:
    """As many workers as may died over it."""
    result = DBTaskResult.objects.get(task_path=task.module_path, args_kwargs__args__0=pk)
    result.status, result.worker_ids = TaskResultStatus.RUNNING, [f"w{n}" for n in range(TRIES)]
    result.started_at = clock.now() - timedelta(hours=1)
    result.save()
    assert requeue_tasks(clock.now()) == 1


def test_look_whose_workers_died_can_be_tried_again(cast: Cast, sign_in: SignIn) -> None:
    batch = brought(cast)
    assert settle_lost(clock.now()) == 0
    died(look_task, batch.pk)
    assert (settle_lost(clock.now()), settle_lost(clock.now())) == (1, 0)
    page = page_of(sign_in(cast.li), batch)
    assert "后台程序" in page and reverse("orders:import_look", args=[batch.pk]) in page
    sign_in(cast.li).post(reverse("orders:import_look", args=[batch.pk]))
    assert settle_lost(clock.now()) == 0
    assert by_worker(batch).state == "preview"


def test_import_whose_workers_died_goes_on_where_they_stopped(cast: Cast, sign_in: SignIn) -> None:
    batch = by_worker(brought(cast, report(*(order_row(f"41{n:017}") for n in range(1800)))))
    confirm_import(batch=batch, actor=Actor.system("command"))
    assert run_import(import_id=batch.pk, at_most=1) == "running"
    died(run_import_task, batch.pk)
    assert settle_lost(clock.now()) == 1
    client = sign_in(cast.li)
    page = page_of(client, batch)
    assert reverse("orders:import_confirm", args=[batch.pk]) in page
    assert reverse("orders:import_cancel", args=[batch.pk]) in page
    client.post(reverse("orders:import_confirm", args=[batch.pk]))
    assert settle_lost(clock.now()) == 0  # another task has it
    assert run_import(import_id=batch.pk) == "done"
    assert (Order.objects.count(), batch.files.get().done_rows) == (1800, 1800)


def test_failed_import_can_be_thrown_away_and_what_it_kept_stays(cast: Cast) -> None:
    batch = by_worker(brought(cast))
    confirm_import(batch=batch, actor=Actor.system("command"))
    died(run_import_task, batch.pk)
    settle_lost(clock.now())
    assert cancel_import(batch=batch, actor=Actor.of(cast.li)).state == "cancelled"
    assert run_import(import_id=batch.pk) == "cancelled"


def test_photo_whose_workers_died_is_told_as_not_readable(cast: Cast) -> None:
    given = {"site": cast.site, "shop_ids": [cast.shop.pk], "employee": cast.mei, "at": clock.now()}
    photo = LabelPhoto.objects.create(client_id=uuid.uuid4(), **given)
    photo_path(photo.client_id).parent.mkdir(exist_ok=True)
    photo_path(photo.client_id).write_bytes(b"x")
    read_photo_task.enqueue(photo.pk)
    died(read_photo_task, photo.pk)
    assert settle_lost(clock.now()) == 1
    photo.refresh_from_db()
    assert photo.state == "failed" and not photo_path(photo.client_id).exists()


def test_comparing_whose_workers_died_is_told_and_asked_for_again(cast: Cast, sign_in: SignIn) -> None:
    batch = imported(cast.shop, upload(ONE))
    for n in range(MAX_ATTEMPTS):  # each took it, and was never heard of again
        at = clock.now() - CLAIM - timedelta(minutes=1)
        Reaction.objects.update(claimed_at=at, attempts=n + 1)
    assert run_reactions(fact_id=Reaction.objects.get().fact_id) == 0
    assert Reaction.objects.get().state == "failed" and requeue_facts(clock.now()) == 0
    client, url = sign_in(cast.li), reverse("orders:import_compare", args=[batch.pk])
    page = page_of(client, batch)
    assert "三方" in page and url in page and "hx-trigger" not in page.split('id="import-progress"')[1].split(">")[0]
    client.post(url)
    assert run_reactions(fact_id=Reaction.objects.get().fact_id) == 1
    batch.refresh_from_db()
    assert batch.compared_at is not None


def test_each_claim_of_a_reaction_counts(cast: Cast) -> None:
    make_order(cast.shop)
    batch = make_import(cast.shop)
    fact = record_fact(kind="import.finished", key=f"{batch.ref}:finished", subject=batch.ref)
    run_reactions(fact_id=fact.pk)
    assert Reaction.objects.get(fact=fact).attempts == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_bring_one_import(cast: Cast) -> None:
    key = uuid.uuid4()
    found = at_once(*[partial(brought, cast, client_id=key)] * 3)
    assert len({batch.pk for batch in found}) == 1 and DBTaskResult.objects.count() == 1


def test_look_of_nothing_to_look_at_changes_nothing(cast: Cast) -> None:
    batch = by_worker(brought(cast))
    assert look_at_files(import_id=batch.pk, asks=True) == "preview"
