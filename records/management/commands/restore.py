from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from records.backup import BackupError, read_backup


class Command(BaseCommand):
    help = (
        "Puts a file written by backup into an empty installation: database, evidence, uploads and keys. Stop server, "
        "worker and tick first. A database in which people work already is refused; --force replaces it. "
        "Newer migrations are applied afterwards. Check with: manage.py verify_ledger"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="a file written by manage.py backup, from the same kind of database"
        )
        parser.add_argument("--force", action="store_true", help="replace what the database holds now; it is lost")

    def handle(self, *, file: Path, force: bool, **options: Any) -> None:
        try:
            about = read_backup(file, force=force)
        except (BackupError, OSError) as error:
            raise CommandError(f"Nothing was restored. {error}") from error
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(f"Restored as of {about['made_at']}. Start server, worker and tick again.")
