"""Imports files of a shop without the page."""

import json
import uuid
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from kernel.commands import BaseCommand
from kernel.errors import Refused
from kernel.text import listed
from orders.models import ImportFile, RowFault, RowNote
from orders.services import Upload, confirm_import, create_import, run_import
from orders.services.reconciling import reconcile_touched
from people.actor import Actor
from people.models import Shop


def _told(file: ImportFile) -> Iterator[str]:
    """What the import's page says of a file, beside its rows."""
    yield file.get_left_out_display()
    yield file.stranger_sentence
    for _code, n, sentence in file.told_notes:
        yield f"{n} × {sentence}"
    if file.unknown_words:
        yield _("States not known") + ": " + listed(file.unknown_words)
    if file.unknown_refunds:
        yield _("Words about refunds not known") + ": " + listed(file.unknown_refunds)
    if file.unknown_couriers:
        yield _("Couriers not known") + ": " + listed(file.unknown_couriers)


class Command(BaseCommand):
    help = (
        "Imports order reports, label logs and tracking files of one shop and compares them. What a file is, is told "
        "by its content; the options only group them. Rows that cannot be read are listed and stop nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--shop", required=True, help="the shop's code")
        words = {
            "orders": "order and item reports, CSV or XLSX",
            "labels": "label logs of the printing tool",
            "tracking": "tracking: all events, or the latest of each waybill",
        }
        for name, said in words.items():
            parser.add_argument(
                f"--{name}", nargs="+", action="extend", default=[], metavar="FILE", type=Path, help=said
            )
        parser.add_argument("--json", action="store_true", help="print the summary as JSON")

    def handle(self, **options: Any) -> None:
        shop = Shop.objects.filter(code=options["shop"]).first()
        if shop is None:
            raise CommandError(f"There is no shop “{options['shop']}”.")
        paths: list[Path] = [*options["orders"], *options["labels"], *options["tracking"]]
        lacking = [str(path) for path in paths if not path.is_file()]
        if lacking:
            raise CommandError(f"No such file: {', '.join(lacking)}")
        try:
            uploads = [Upload(path.name, path.stat().st_size, path.open("rb")) for path in paths]
            batch = create_import(shop=shop, uploads=uploads, actor=Actor.system("command"), client_id=uuid.uuid4())
            confirm_import(batch=batch, actor=Actor.system("command"))
            run_import(import_id=batch.pk)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        reconcile_touched(batch=batch, gives_way=False)
        files: list[dict[str, Any]] = [
            {
                "file": file.title,
                "kind": file.kind,
                "rows": file.rows,
                "new": file.new,
                "changed": file.changed,
                "unchanged": file.unchanged,
                "notes": [
                    {"line": note.line, "code": note.code, "value": note.value}
                    for note in RowNote.objects.filter(file=file).order_by("line", "id")
                ],
                "told": list(filter(None, _told(file))),
                "errors": [
                    {"line": fault.line, "code": fault.code, "column": fault.column, "value": fault.value}
                    for fault in RowFault.objects.filter(file=file).order_by("line")
                ],
            }
            for file in batch.files.order_by("id")
        ]
        if options["json"]:
            self.stdout.write(json.dumps({"import": batch.pk, "files": files}, ensure_ascii=False, indent=1))
        else:
            for file in files:
                for told in file["told"]:
                    self.stdout.write(f"{file['file']}: {told}")
                self.stdout.write(
                    f"{file['file']} ({file['kind']}): {file['rows']} rows, {file['new']} new, "
                    f"{file['changed']} changed, {file['unchanged']} unchanged, {len(file['errors'])} refused"
                )
