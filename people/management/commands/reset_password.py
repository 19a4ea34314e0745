"""manage.py reset_password: a new random password for somebody who is locked out."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from kernel.commands import BaseCommand
from kernel.errors import Refused
from people.actor import Actor
from people.models import Employee
from people.services import reset_password


class Command(BaseCommand):
    help = (
        "Give an employee a new random password and print it. Every session of the person ends, the PIN is removed,\n"
        "a pause after failed attempts is lifted, and the password is to be changed at the next sign-in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the employee number (工号)")

    def handle(self, *args: Any, **options: Any) -> None:
        employee = Employee.objects.filter(number=Employee.normalize_username(options["number"])).first()
        if employee is None:
            raise CommandError(f"There is no employee with the number “{options['number']}”.")
        try:
            password = reset_password(employee=employee, actor=Actor.system("command"))
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{employee.number} ({employee.name}) may sign in with the password: {password}")
