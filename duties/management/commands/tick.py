import logging
import signal
import threading
from argparse import ArgumentParser
from time import monotonic
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, close_old_connections
from django.utils.module_loading import import_string

from duties.services import beat
from kernel import clock
from kernel.commands import BaseCommand

logger = logging.getLogger("tick")


def run_steps() -> tuple[dict[str, int], list[str]]:
    """Every step once, each on its own: one that fails does not keep the others from their work."""
    done: dict[str, int] = {}
    failed = []
    for step in import_string(settings.TICK_STEPS):
        try:
            done[step.__name__] = step(clock.now())
        except Exception:
            logger.exception("step %s failed", step.__name__)
            failed.append(step.__name__)
    beat("tick")
    return done, failed


class Command(BaseCommand):
    help = (
        "Moves the clock's hand: opens what is due, marks what was missed, reminds, escalates, rechecks orders and "
        "requeues tasks whose worker died. Run it every minute (cron or systemd), or keep it running with --every 60. "
        "Running it twice, late, or on two machines changes nothing. Ends with 1 when a step failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--every", type=int, metavar="SECONDS", help="go on until stopped, once per so many seconds"
        )

    def handle(self, *, every: int | None, **options: Any) -> None:
        if every is None:
            _done, failed = run_steps()
            if failed:
                raise CommandError(f"These steps failed: {', '.join(failed)}")
            return
        if every < 1:
            raise CommandError("--every takes a whole number of seconds from 1.")
        ended = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            ended.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        while not ended.is_set():
            began = monotonic()
            self.turn()
            ended.wait(max(1.0, every - (monotonic() - began)))

    def turn(self) -> None:
        close_old_connections()
        try:
            done, _failed = run_steps()
        except DatabaseError:
            logger.exception("the database cannot be reached; trying again")
            return
        counts = ", ".join(f"{name} {count}" for name, count in done.items() if count and name != "ask_for_life")
        if counts:
            logger.info("%s", counts)
