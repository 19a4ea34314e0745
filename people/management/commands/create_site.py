"""manage.py create_site: a floor where people work."""

from typing import Any
from zoneinfo import available_timezones

from django.core.management.base import CommandError, CommandParser

from kernel import clock
from kernel.commands import BaseCommand
from kernel.errors import Refused
from people.actor import Actor
from people.services import create_site


class Command(BaseCommand):
    help = (
        "Make a site (仓库): a floor where people work, which serves one or several shops.\n"
        "Example: manage.py create_site --code hangzhou --name 杭州仓"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--code", required=True, help="short and unique, in Latin letters: hangzhou")
        parser.add_argument("--name", required=True, help="as staff call it: 杭州仓")
        parser.add_argument("--zone", default=clock.company_zone(), help="its time zone (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["zone"] not in available_timezones():
            raise CommandError(f"The time zone “{options['zone']}” is unknown; write it like Europe/Berlin.")
        try:
            site = create_site(
                code=options["code"], name=options["name"], zone=options["zone"], actor=Actor.system("command")
            )
        except Refused as refused:
            raise CommandError(f"There is a site with the code “{options['code']}” already.") from refused
        self.stdout.write(f"Site {site.code} ({site.name}) is there. Next: manage.py create_shop --site {site.code} …")
