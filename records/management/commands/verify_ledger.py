"""manage.py verify_ledger: reads every chain again, compares it with its signatures, the second place and the rooms."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from kernel.commands import BaseCommand
from records.models import Chain
from records.selectors import ChainReport, compare_export, verify_chain, verify_ledger
from records.signing import Head, kept_heads


class Command(BaseCommand):
    help = (
        "Verifies the ledger: every entry and link, the signatures (their key is pinned outside the database), the "
        "heads written to the second place, and what the rooms hold today: answers, attempts, versions, persons, "
        "evidence files. Names what was changed, and exits with 1; what was merely not signed in time it names too. "
        "Says on the error output how far it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chain", help="only this chain, say site:3")
        parser.add_argument("--heads", type=Path, action="append", help="signed heads kept elsewhere, in their place")
        parser.add_argument("--against", type=Path, help="a download of a chain: is each of its lines still there?")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        self.is_json, self.began = options["json"], time.monotonic()
        for path in [*(options["heads"] or []), *([options["against"]] if options["against"] else [])]:
            if not path.is_file():
                raise CommandError(f"There is no file {path}.")
        second = [head for path in options["heads"] for head in kept_heads(path)] if options["heads"] else None
        faults = touched = 0
        for report in self._reports(options["chain"], second, options["against"]):
            self._tell(report)
            faults += not report.is_sound
            touched += report.is_touched
        if touched:
            raise CommandError(f"{touched} of the chains are not sound.", returncode=1)
        if faults:
            raise CommandError(f"{faults} of the chains were not signed or kept in time.", returncode=1)

    def _reports(
        self, name: str | None, second: list[Head | None] | None, against: Path | None
    ) -> Iterator[ChainReport]:
        if against:
            with against.open(encoding="utf-8", errors="replace") as lines:
                yield compare_export(lines)
        elif name is None:
            yield from verify_ledger(second, progress=self._progress)
        elif not Chain.objects.filter(pk=name).exists() and second is None:
            raise CommandError(f"There is no chain {name}.")
        else:
            its = None if second is None else [head for head in second if head and head.chain == name]
            yield verify_chain(name, second=its, is_second_whole=second is not None, progress=self._progress)

    def _tell(self, report: ChainReport) -> None:
        if self.is_json:
            first = {"is_sound": report.is_sound, "fault": report.fault, "seq": report.seq, "detail": report.detail}
            self.stdout.write(json.dumps({**asdict(report), **first}))
            return
        if report.is_sound:
            what = f"{report.entries} entries, head {report.head}" if report.head else f"{report.entries} read"
            self.stdout.write(f"{report.chain}: sound, {what}")
        for fault in report.faults:
            where = f" at entry {fault.seq}" if fault.seq is not None else ""
            self.stdout.write(f"{report.chain}: {fault.kind}{where}: {fault.detail}")

    def _progress(self, name: str, count: int) -> None:
        self.stderr.write(f"{name}: {count} read, {time.monotonic() - self.began:.0f} s")
