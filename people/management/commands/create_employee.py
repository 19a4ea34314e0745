"""manage.py create_employee: a person who signs in."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from kernel import clock
from kernel.commands import BaseCommand
from kernel.errors import Refused
from people.actor import Actor
from people.models import Role, Shop, Site, Team
from people.services import add_membership, hire_employee


class Command(BaseCommand):
    help = (
        "Make an employee and print a random password, which is to be changed at the first sign-in.\n"
        "Examples:\n"
        "  manage.py create_employee --number 1001 --name 陈梅 --role employee --site hangzhou --team 早班组\n"
        "  manage.py create_employee --number 9001 --name 孙丽 --administrator"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--number", required=True, help="the employee number (工号) that the person signs in with")
        parser.add_argument("--name", required=True, help="the name that colleagues see")
        parser.add_argument("--role", choices=Role.values, help="what the person does there; needs --site or --shop")
        parser.add_argument("--site", help="the code of a site")
        parser.add_argument("--shop", help="the code of a shop, instead of a site")
        parser.add_argument("--team", help="the name of a team of that site")
        parser.add_argument("--administrator", action="store_true", help="administers the whole company")
        parser.add_argument("--language", default="zh-hans", choices=["zh-hans", "en"], help="default: %(default)s")

    def handle(self, *args: Any, **options: Any) -> None:
        place, actor = self.place(options), Actor.system("command")
        try:
            with transaction.atomic():
                employee, password = hire_employee(
                    number=options["number"],
                    name=options["name"],
                    language=options["language"],
                    is_administrator=options["administrator"],
                    actor=actor,
                )
                if options["role"]:
                    site = place["site"] if "site" in place else place["shop"].site
                    today = clock.today(site.zone)
                    add_membership(employee=employee, role=options["role"], starts_on=today, actor=actor, **place)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{employee.number} ({employee.name}) may sign in with the password: {password}")

    def place(self, options: dict[str, Any]) -> dict[str, Any]:
        if bool(options["role"]) != bool(options["site"] or options["shop"]):
            raise CommandError("A role needs a place, and a place a role: --role … with --site … or --shop …")
        if options["site"] and options["shop"]:
            raise CommandError("Give --site or --shop, not both.")
        if options["team"] and not options["site"]:
            raise CommandError("A team belongs to a site: give --site too.")
        if not options["role"] and not options["administrator"]:
            raise CommandError("Say what the person may do: --role … with a place, or --administrator.")
        place: dict[str, Any] = {}
        for noun, model in (("site", Site), ("shop", Shop)):
            if options[noun]:
                place[noun] = model.objects.filter(code=options[noun]).first()
                if place[noun] is None:
                    raise CommandError(f"There is no {noun} with the code “{options[noun]}”.")
        if options["team"]:
            place["team"] = Team.objects.filter(site=place["site"], name=options["team"]).first()
            if place["team"] is None:
                raise CommandError(f"The site {options['site']} has no team called “{options['team']}”.")
        return place
