"""A worker that dies in mid-task loses nothing: the tick gives the task to another."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django_tasks_db.compat import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from duties.models import Beat
from duties.workers import TRIES, WORKER, ask_for_life, requeue_tasks
from kernel import clock
from tests.faults.tasks import hang_first_time

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[..., "subprocess.Popen[bytes]"]


def url_of_test_database() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    who = f"{quote(database['USER'])}:{quote(database['PASSWORD'])}"
    return f"postgres://{who}@{quote(database['HOST'], safe='')}:{database['PORT']}/{database['NAME']}"


@pytest.fixture
def start_worker() -> Iterator[Start]:
    workers: list[subprocess.Popen[bytes]] = []

    def start(*options: str) -> "subprocess.Popen[bytes]":
        env = os.environ | {"DATABASE_URL": url_of_test_database(), "DATA_DIR": str(settings.DATA_DIR)}
        workers.append(
            subprocess.Popen([sys.executable, "manage.py", "work", *options], cwd=settings.BASE_DIR, env=env)
        )
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()
        worker.wait()


def running(mark: Path) -> DBTaskResult:
    for _ in range(300):
        if mark.exists():
            return DBTaskResult.objects.get()
        time.sleep(0.1)
    raise AssertionError("the worker took nothing")


def test_task_of_a_killed_worker_is_done_by_another(start_worker: Start, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    hang_first_time.enqueue(str(mark))
    first = start_worker()
    result = running(mark)
    assert result.status == TaskResultStatus.RUNNING
    assert Beat.objects.filter(name=WORKER + result.worker_ids[0]).exists()
    first.kill()
    first.wait()
    assert requeue_tasks(clock.now()) == 0  # it may only be slow
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        assert requeue_tasks(clock.now()) == 1
        assert requeue_tasks(clock.now()) == 0
    assert start_worker("--once").wait(60) == 0
    result.refresh_from_db()
    assert (result.status, result.return_value, len(result.worker_ids)) == (TaskResultStatus.SUCCESSFUL, "done", 2)


def held_task(worker: str, *, tries: int = 1) -> DBTaskResult:
    hang_first_time.enqueue("nowhere")
    result = DBTaskResult.objects.get()
    result.status, result.worker_ids = TaskResultStatus.RUNNING, [worker] * tries
    result.started_at = clock.now() - timedelta(hours=2)
    result.save()
    return result


def test_long_task_of_a_living_worker_is_left_alone() -> None:
    result = held_task("w1")
    Beat.objects.create(name=WORKER + "w1", at=clock.now())
    assert requeue_tasks(clock.now()) == 0
    result.refresh_from_db()
    assert result.status == TaskResultStatus.RUNNING


def test_task_that_kills_every_worker_is_given_up() -> None:
    result = held_task("w1", tries=TRIES)
    assert requeue_tasks(clock.now()) == 1
    result.refresh_from_db()
    assert result.status == TaskResultStatus.FAILED


def test_signs_of_life_do_not_pile_up_while_no_worker_runs() -> None:
    assert ask_for_life(clock.now()) == 1
    assert ask_for_life(clock.now()) == 0
    assert DBTaskResult.objects.count() == 1
