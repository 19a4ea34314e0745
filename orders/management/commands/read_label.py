"""Reads photos of labels and prints what stands on them."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError
from django.utils import translation

from kernel.commands import BaseCommand
from kernel.errors import Refused
from orders.couriers import courier_name
from orders.labels.reading import read_label
from orders.selectors.codes import known_codes


def known_anywhere(codes: list[str]) -> dict[str, str]:
    """What the codes of a label are known as in any shop; nothing, where there is no database yet."""
    try:
        return known_codes(codes)
    except DatabaseError:
        return {}


class Command(BaseCommand):
    help = (
        "Reads photos of labels: waybill, courier, receiver's surname, the telephone's last four digits, city, order. "
        "Barcodes and print are weighed together; `method` says which gave the waybill, and `confidence` is 1 only "
        "where nothing else on the label can be it; `others` is what else can. Nothing is kept. "
        "Ends with 1 when a file could not be opened."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="JPEG, PNG, WebP or HEIC")
        parser.add_argument("--json", action="store_true", help="print a JSON list")

    def handle(self, *, files: list[Path], **options: Any) -> None:
        rows, refused = [], []
        for file in files:
            try:
                rows.append(self._read(file))
            except (Refused, FileNotFoundError) as error:
                refused.append(f"{file}: {error}")
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
        else:
            for row in rows:
                self.stdout.write(" · ".join(str(value) for value in row.values() if value not in ("", [])))
        if refused:
            raise CommandError("\n".join(refused))

    @staticmethod
    def _read(file: Path) -> dict[str, Any]:
        reading = read_label(file.read_bytes(), known_anywhere)
        fields = reading.fields
        with translation.override("zh-hans"):
            courier = courier_name(fields.courier)
        return {
            "file": file.name,
            "waybill": fields.waybill,
            "courier": courier,
            "receiver_surname": fields.receiver_surname,
            "phone_tail": fields.phone_tail,
            "city": fields.city,
            "order": fields.order,
            "method": reading.method,
            "confidence": fields.sure,
            "others": [one.number for one in fields.candidates[1:]],
            "seconds": reading.seconds,
        }
