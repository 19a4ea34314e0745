from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from kernel.commands import BaseCommand
from records.dumping import BackupError
from records.restoring import finish_restore, restore_backup


class Command(BaseCommand):
    help = (
        "Puts a file written by backup in the place of what is here: database, evidence, uploads and keys. Stop "
        "server, worker and tick first. The copy is compared with its digests, brought to this version's tables, and "
        "its ledger verified, before anything is replaced; the old state is kept aside. A database in which people "
        "work already is refused; --force replaces it. Killed in between, nothing was replaced, or --finish "
        "completes it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, nargs="?", help="a file written by manage.py backup, same kind of database"
        )
        parser.add_argument("--force", action="store_true", help="replace a database in which people work")
        parser.add_argument("--despite-faults", action="store_true", help="also where its ledger is not sound")
        parser.add_argument("--finish", action="store_true", help="complete a restore that was killed when decided")

    def handle(self, *, file: Path | None, finish: bool, **options: Any) -> None:
        if (file is None) is not finish:
            raise CommandError("Say which file to restore, or --finish.")
        try:
            if file is None:
                told = finish_restore()
            else:
                told = restore_backup(file, force=options["force"], despite_faults=options["despite_faults"])
        except (BackupError, OSError) as error:
            raise CommandError(f"{'Not finished' if finish else 'Nothing was restored'}. {error}") from error
        old = " and ".join(place for place in (told["aside"], told["old_database"]) if place)
        self.stdout.write(f"Restored as of {told['made_at']}. What was here lies in {old}: remove it when all is well.")
        self.stdout.write("Start server, worker and tick again.")
