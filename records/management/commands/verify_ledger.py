"""manage.py verify_ledger: reads every chain again and says what was changed, removed, inserted or reordered."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from records.models import Chain
from records.selectors import verify_chain, verify_ledger


class Command(BaseCommand):
    help = "Verifies the chains of the ledger; exits with 1 at the first fault of any of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chain", help="only this chain, say site:3")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["chain"]
        if name and not Chain.objects.filter(pk=name).exists():
            raise CommandError(f"There is no chain {name}.")
        faults = 0
        for report in [verify_chain(name)] if name else verify_ledger():
            faults += not report.is_sound
            if options["json"]:
                self.stdout.write(json.dumps({**asdict(report), "is_sound": report.is_sound}))
            elif report.is_sound:
                self.stdout.write(f"{report.chain}: sound, {report.entries} entries, head {report.head}")
            else:
                self.stdout.write(f"{report.chain}: {report.fault} at entry {report.seq}: {report.detail}")
        if faults:
            raise CommandError(f"{faults} of the chains are not sound.", returncode=1)
