"""manage.py create_shop: a storefront."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from kernel.commands import BaseCommand
from kernel.errors import Refused
from people.actor import Actor
from people.models import Shop, Site
from people.services import create_shop


class Command(BaseCommand):
    help = (
        "Make a shop (店铺): a storefront on a platform, whose parcels leave from one site.\n"
        "Example: manage.py create_shop --code shanye --name 山野户外旗舰店 --site hangzhou"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--code", required=True, help="short and unique, in Latin letters: shanye")
        parser.add_argument("--name", required=True, help="as its platform names it: 山野户外旗舰店")
        parser.add_argument("--site", help="the code of its site; may be left out where there is only one")
        parser.add_argument(
            "--platform", default=Shop.Platform.TAOBAO, choices=Shop.Platform.values, help="default: %(default)s"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        site = self.site(options["site"])
        try:
            shop = create_shop(
                code=options["code"],
                name=options["name"],
                site=site,
                platform=options["platform"],
                actor=Actor.system("command"),
            )
        except Refused as refused:
            raise CommandError(f"There is a shop with the code “{options['code']}” already.") from refused
        self.stdout.write(f"Shop {shop.code} ({shop.name}) is there; its parcels leave from {site.code}.")

    def site(self, code: str | None) -> Site:
        sites = list(Site.objects.filter(**({"code": code} if code else {"is_active": True})).order_by("code")[:21])
        if len(sites) == 1:
            return sites[0]
        if code:
            raise CommandError(f"There is no site with the code “{code}”.")
        if not sites:
            raise CommandError("There is no site yet. Make one first: manage.py create_site --code … --name …")
        raise CommandError("There are several sites; name one with --site: " + ", ".join(s.code for s in sites))
