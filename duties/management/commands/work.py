import secrets
import threading
from argparse import ArgumentParser
from typing import Any

from django.db import DatabaseError, close_old_connections, connection
from django_tasks_db.management.commands.db_worker import Worker

from duties.models import Beat
from duties.services import beat
from duties.workers import WORKER
from kernel.commands import BaseCommand

PULSE = 20.0  # seconds


class Heart(threading.Thread):
    """Beats for its worker from a thread of its own, so that a long task does not look like a dead worker."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(daemon=True)
        self.worker = worker
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(PULSE):
            close_old_connections()
            self.pulse()
        connection.close()

    def pulse(self) -> None:
        try:
            beat(WORKER + self.worker.worker_id)
            if self.worker.running_task:
                beat("worker")
        except DatabaseError as error:
            print(f"no beat: {error}", flush=True)

    def stop(self) -> None:
        self.ended.set()
        self.join(5)


class Command(BaseCommand):
    help = (
        "Runs background tasks (imports, reconciliation, reactions) one after another until it is stopped. Several may "
        "run at once, also on several machines. A task whose worker dies is given to another by the tick. "
        "SIGTERM and Ctrl-C let the task at hand finish first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what waits, then end")
        parser.add_argument("--interval", type=float, default=0.5, help="seconds between looks into an empty queue")

    def handle(self, *, once: bool, interval: float, **options: Any) -> None:
        worker = Worker(
            queue_names=["*"],
            interval=interval,
            batch=once,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=secrets.token_hex(5),
            excluded_queue_names=[],
        )
        worker.configure_signals()
        heart = Heart(worker)
        heart.pulse()  # before it takes a task: whoever runs one has shown life
        heart.start()
        try:
            worker.run()
        finally:
            heart.stop()
            Beat.objects.filter(name=WORKER + worker.worker_id).delete()
