"""Commands of the product: an option that takes one value is given once, or refused; none is silently dropped."""

from argparse import ArgumentParser, Namespace, _StoreAction
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand as DjangoCommand
from django.core.management.base import CommandParser


class Once(_StoreAction):
    """Keeps a value, and refuses a second one."""

    def __call__(
        self, parser: ArgumentParser, namespace: Namespace, values: Any, option_string: str | None = None
    ) -> None:
        given: Sequence[str] = getattr(namespace, "given", ())
        if self.dest in given:
            parser.error(f"{option_string} is given more than once.")
        namespace.given = (*given, self.dest)
        super().__call__(parser, namespace, values, option_string)


class BaseCommand(DjangoCommand):
    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **options)
        for action in parser._actions:
            if type(action) is _StoreAction and action.option_strings:
                action.__class__ = Once
        return parser
