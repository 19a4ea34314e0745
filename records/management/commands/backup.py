from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from kernel.commands import BaseCommand
from records.backup import write_backup
from records.dumping import BackupError


class Command(BaseCommand):
    help = (
        "Writes everything into one .tar.gz: the database as of one moment, evidence, uploads, keys, and a digest of "
        "each (the file is readable by its owner alone: keep it so). The product may go on running. PostgreSQL needs "
        "pg_dump. "
        "Example: manage.py backup /srv/backups/$(date +%F).tar.gz"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="where to write; an existing file is replaced when the new is whole"
        )

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            about = write_backup(file)
        except (BackupError, OSError) as error:
            raise CommandError(f"No backup was made. {error}") from error
        self.stdout.write(f"{file}: {about['bytes'] / 1e6:.1f} MB, {about['database']}, as of {about['made_at']}")
