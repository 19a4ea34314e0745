"""Compares a shop's orders three ways and prints what does not match."""

import json
from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError

from kernel import clock
from kernel.commands import BaseCommand
from kernel.days import read_moment
from orders.models import Finding
from orders.services.reconciling import reconcile_orders
from people.models import Shop


class Command(BaseCommand):
    help = (
        "Compares every order of a shop three ways (platform, warehouse, courier) and keeps what does not match as "
        "findings. With --at it judges as of that moment, e.g. 2026-11-23T08:30 (the site's zone unless one is given)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--shop", required=True, help="the shop's code")
        parser.add_argument("--at", help="the moment, ISO form; now by default")
        parser.add_argument("--json", action="store_true", help="print the findings as a JSON list")

    def handle(self, **options: Any) -> None:
        shop = Shop.objects.select_related("site").filter(code=options["shop"]).first()
        if shop is None:
            raise CommandError(f"There is no shop “{options['shop']}”.")
        now = clock.now()
        at = read_moment(options["at"], now, ZoneInfo(shop.site.zone)) if options["at"] else now
        if at is None:
            raise CommandError(f"“{options['at']}” is no moment; write 2026-11-23T08:30.")
        changed = reconcile_orders(shop_id=shop.pk, at=at)
        found = Finding.objects.standing().filter(shop=shop).select_related("order").order_by("code", "id")
        if options["json"]:
            rows = [
                {
                    "order": f.order.number,
                    "waybill": f.waybill,
                    "finding": f.code,
                    "cause": f.cause,
                    "evidence": f.evidence,
                }
                for f in found
            ]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
        else:
            self.stdout.write(f"{found.count()} findings stand; {changed} were made, changed or cleared.")
