"""manage.py seed_demo: a company to try the product with, its history told relative to now."""

import json
import random
import time
import uuid
from argparse import ArgumentParser
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from cases.services import open_case
from checklists.models import Checklist, Run
from checklists.services import open_due_runs, start_run
from duties.services import beat
from kernel import clock
from kernel.clock import day_of
from kernel.commands import BaseCommand
from orders.models import Finding, Order
from orders.services import Upload, confirm_import, create_import, run_import
from orders.services.reconciling import reconcile_orders
from people.actor import Actor
from people.models import Employee
from records.signing import keep_heads, sign_heads
from starter.demo import history
from starter.demo.company import ZONE, Company, Place, make_company
from starter.demo.files import moved_files
from starter.demo.mistakes import tell_mistakes

ROLES_ZH = {
    "employee": "员工",
    "lead": "班组长",
    "manager": "主管",
    "auditor": "稽核",
    "administrator": "管理员",
}


class Command(BaseCommand):
    help = (
        "Creates the demo company: a site with two shops, teams, shifts, people, weeks of history, and the orders of "
        "one shop. Upload files of the other shop, as of now, and the sign-ins are written to DATA_DIR/demo."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--employees", type=int, default=40, help="how many people (40); at least 12")
        parser.add_argument("--weeks", type=int, default=6, help="weeks of history (6)")
        parser.add_argument("--seed", type=int, default=1, help="the same number makes the same history (1)")
        parser.add_argument(
            "--reset", action="store_true", help="empty the database first; only where APP_ENV is local"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["reset"]:
            if settings.APP_ENV == "production":
                raise CommandError("A production database is not emptied.")
            call_command("flush", interactive=False, verbosity=0)
        if Employee.objects.exists():
            raise CommandError("People work here already. Use an empty database, or --reset.")
        if options["employees"] < 12 or options["weeks"] < 1:
            raise CommandError("At least 12 people and one week.")
        began = time.monotonic()
        with transaction.atomic():
            company = seed(options["employees"], options["weeks"], random.Random(options["seed"]))
        sign_heads(clock.now())
        keep_heads(clock.now())
        if options["verbosity"]:
            self.stdout.write(f"{options['employees']} people in {time.monotonic() - began:.1f} s. Sign in as:")
            for account in company.accounts:
                self.stdout.write(f"  {account.number}  {account.password}  {account.role}, {account.name}")
            self.stdout.write(f"Files to upload: {demo_folder()}")


def demo_folder() -> Path:
    return Path(settings.DATA_DIR) / "demo"


def seed(employees: int, weeks: int, chance: random.Random) -> Company:
    """The whole company; the orders are those of the first site's first shop."""
    now = clock.now()
    since = now - timedelta(weeks=weeks)
    with clock.as_of(since - timedelta(days=61)):
        company = make_company(employees, day_of(since, ZONE), day_of(now, ZONE), chance, is_evening=is_evening(now))
    with clock.as_of(since):
        call_command("load_library", verbosity=0, stdout=StringIO())
        schedules = {place.site.pk: history.add_schedules(place) for place in company.places}
    first = company.places[0]
    days = list(history.days_between(day_of(since, ZONE), day_of(now, ZONE)))
    history.tell_parcels(first, days, now, chance)
    import_orders(first, now)
    history.tell_learning(company, since, now, chance)
    tell_mistakes(first, since, now, chance)
    for place in company.places:
        history.tell_checks(place, schedules[place.site.pk], days, now, chance)
        history.tell_cases(place, days, now, chance)
        history.tell_plans(place, since, now, chance)
    beat("schedules")  # until now the clock ran: what is past is told above
    open_due_runs(now)
    open_some_cases(first)
    start_a_check(first, now)
    write_files(company, now)
    return company


def is_evening(now: datetime) -> bool:
    """Whether the evening shift is nearer than the day's."""
    return not 3 <= now.astimezone(ZoneInfo(ZONE)).hour < 18


def import_orders(place: Place, now: datetime) -> None:
    """The first shop's files, through the same service as a manager's upload; each of the last evenings compared what
    had gone off by then, as it would have been."""
    shop = place.shops[0]
    uploads = [Upload(name, len(content), BytesIO(content)) for name, content in moved_files("yunqi-xlsx", now)]
    actor = Actor.of(place.manager) if place.manager else Actor.system("demo")
    batch = create_import(shop=shop, uploads=uploads, actor=actor, client_id=uuid.uuid4())
    confirm_import(batch=batch, actor=actor)
    run_import(import_id=batch.pk)
    for evening in (now - timedelta(days=n) for n in range(6, 0, -1)):
        gone = Order.objects.filter(shop=shop, paid_at__lt=evening).exclude(shipped_at__gte=evening)
        reconcile_orders(shop_id=shop.pk, order_ids=gone.order_by("id").values_list("id", flat=True), at=evening)
    reconcile_orders(shop_id=shop.pk)


def open_some_cases(place: Place) -> None:
    """What the lead did not wait with this morning: one case to each of three findings of different kinds."""
    wanted = {Finding.Code.NO_PICKUP_24H: "no_pickup", Finding.Code.TRANSPOSED_DIGITS: "mismatch"}
    wanted[Finding.Code.COURIER_WRONG_CITY] = "mismatch"
    lead = next(iter(place.leads.values()))
    for code, kind in wanted.items():
        finding = Finding.objects.filter(shop=place.shops[0], code=code, state="open").select_related("order").first()
        if finding:
            open_case(
                shop=place.shops[0],
                kind=kind,
                source="finding",
                actor=Actor.of(lead),
                key=f"demo:finding:{finding.pk}",
                cause=finding.cause,
                orders=[finding.order.number],
                waybills=[finding.waybill] if finding.waybill else [],
                finding_ids=[finding.pk],
                owner=lead,
            )


def start_a_check(place: Place, now: datetime) -> None:
    """At an hour when the morning's check is not open by its schedule, the lead starts one by hand."""
    checklist = Checklist.objects.get(slug="morning-order-check")
    runs = Run.objects.open().filter(shop=place.shops[0], version__checklist=checklist)
    if runs.filter(duty__closes_at__gt=now, duty__missed_at=None).exists():
        return
    lead = next(iter(place.leads.values()))
    start_run(
        checklist=checklist,
        site=place.site,
        shop=place.shops[0],
        shift=None,
        due_at=now + timedelta(hours=2),
        actor=Actor.of(lead),
        client_id=uuid.uuid4(),
    )


def write_files(company: Company, now: datetime) -> None:
    """The sign-ins, for whoever started the demo alone, and the other shop's files to upload."""
    folder = demo_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in moved_files("shanye-csv", now):
        (folder / name).write_bytes(content)
    rows = [vars(account) | {"role_zh": ROLES_ZH[account.role]} for account in company.accounts]
    path = folder / "accounts.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
