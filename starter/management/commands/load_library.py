"""manage.py load_library: publishes what the product brings; again changes nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from checklists.library import load_checklists
from checklists.models import ChecklistVersion
from contingency.library import load_plans
from contingency.models import PlanVersion
from kernel.commands import BaseCommand
from people.models import Site
from training.library import load_modules
from training.models import ModuleVersion

LIBRARY = Path(__file__).resolve().parents[2] / "library"


class Command(BaseCommand):
    help = "Publishes the modules, checklists and plans of starter/library; what has not changed stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", help="list the plans' materials at this site only, by its code")

    def handle(self, *args: Any, **options: Any) -> None:
        sites = Site.objects.filter(is_active=True)
        if options["site"]:
            sites = sites.filter(code=options["site"])
            if not sites:
                raise CommandError(f"There is no site {options['site']}.")
        before = self.published()
        load_modules(LIBRARY / "modules")
        load_checklists(LIBRARY / "checklists")
        load_plans(LIBRARY / "plans", sites)
        after = self.published()
        for kind, slug, number in sorted(after - before):
            self.stdout.write(f"new: {kind} {slug}, version {number}")
        self.stdout.write(f"{len(after - before)} new, {len(before)} were there already.")

    @staticmethod
    def published() -> set[tuple[str, str, int]]:
        checks = ChecklistVersion.objects.values_list("checklist__slug", "number")
        modules = ModuleVersion.objects.values_list("module__slug", "number")
        plans = PlanVersion.objects.values_list("plan__slug", "number")
        kinds = {"module": modules, "checklist": checks, "plan": plans}
        return {(kind, *row) for kind, rows in kinds.items() for row in rows}
