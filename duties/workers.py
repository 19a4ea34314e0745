"""Signs of life of the background programs, and what is done when one of them died.

A worker beats under its own name while it lives, so a task that it took can be told from one that nobody holds.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django_tasks import task
from django_tasks_db.compat import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from duties.models import Beat
from duties.services import beat

WORKER = "worker:"
SILENCE = timedelta(seconds=90)  # after this a worker counts as dead
TRIES = 5  # a task that outlived so many workers is not given to another
KEPT = timedelta(days=7)


@task
def show_life() -> None:
    """Beats for the queue as a whole: somebody takes tasks and finishes them."""
    beat("worker")


def ask_for_life(now: datetime) -> int:
    """Puts a sign of life into the queue, unless one waits there already."""
    waiting = DBTaskResult.objects.filter(task_path=show_life.module_path, status=TaskResultStatus.READY)
    if waiting.exists():
        return 0
    show_life.enqueue()
    return 1


def is_worker_alive(now: datetime) -> bool:
    """Whether any worker showed life of late."""
    return Beat.objects.filter(name__startswith=WORKER, at__gte=now - SILENCE).exists()


def given_up(task_path: str, ids: Collection[int]) -> set[int]:
    """Of things that the task of this path works on (its one argument), those that it failed at, or its workers died
    over, and that none waits for or runs on any more."""
    rows = DBTaskResult.objects.filter(task_path=task_path, args_kwargs__args__0__in=list(ids))
    states: dict[str, set[int]] = defaultdict(set)
    for args, status in rows.values_list("args_kwargs", "status") if ids else ():
        states[status].add(args["args"][0])
    return states[TaskResultStatus.FAILED] - states[TaskResultStatus.READY] - states[TaskResultStatus.RUNNING]


def requeue_tasks(now: datetime) -> int:
    """Gives tasks whose worker died to another; one that outlived TRIES workers has failed. Returns how many."""
    silent = Beat.objects.filter(name__startswith=WORKER, at__lt=now - SILENCE)
    alive = set(Beat.objects.filter(name__startswith=WORKER, at__gte=now - SILENCE).values_list("name", flat=True))
    count = 0
    with transaction.atomic():
        running = DBTaskResult.objects.select_for_update(of=("self",)).filter(
            Q(started_at__lt=now - SILENCE) | Q(started_at=None), status=TaskResultStatus.RUNNING
        )
        for result in running:
            if result.worker_ids and WORKER + result.worker_ids[-1] in alive:
                continue
            if len(result.worker_ids) >= TRIES:
                result.set_failed(RuntimeError(f"{TRIES} workers died over this task"))
            else:
                DBTaskResult.objects.filter(pk=result.pk).update(status=TaskResultStatus.READY)
            count += 1
    silent.filter(at__lt=now - timedelta(days=1)).delete()
    return count


def forget_tasks(now: datetime) -> int:
    """Drops the rows of tasks that ended well a week ago; failed ones stay a month, for whoever looks for the cause."""
    old = Q(status=TaskResultStatus.SUCCESSFUL, finished_at__lt=now - KEPT)
    failed = Q(status=TaskResultStatus.FAILED, finished_at__lt=now - 4 * KEPT)
    return DBTaskResult.objects.filter(old | failed).delete()[0]
