"""manage.py open_due_runs: what the tick opens, by hand and as of a moment."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError
from django.utils import translation

from checklists.services import open_runs
from kernel import clock
from kernel.commands import BaseCommand


class Command(BaseCommand):
    help = (
        "Opens the runs of schedules that are due, as the tick does every minute; those whose whole time went by since "
        "it last did are opened as missed. With --at it looks at the schedules as of that moment, e.g. "
        "2026-11-23T09:00 (the company's zone unless one is given). Doing it again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", metavar="MOMENT", help="ISO 8601, with or without a zone; now by default")

    def handle(self, *, at: str | None, **options: Any) -> None:
        done = open_runs(_moment(at) if at is not None else clock.now())
        self.stdout.write(f"opened {done.opened}, missed {done.missed}")
        for schedule in done.faulty:
            with translation.override("en"):
                why = schedule.get_fault_display()
            self.stderr.write(f"schedule {schedule.pk} ({schedule.checklist.slug}, {schedule.site.code}): {why}")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(clock.company_zone()))
        moment.astimezone(ZoneInfo("UTC"))
    except (ValueError, OverflowError):
        raise CommandError(
            f"“{text}” is no moment; write it like 2026-11-23T09:00 or 2026-11-23T09:00+08:00."
        ) from None
    return moment
