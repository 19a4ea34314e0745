"""What `make run` does to the database before the server starts, and what it tells the person who started it.

Runs inside the virtual environment: migrates, fills an empty default database with the demo company (DEMO=0: not;
with a DATABASE_URL only on DEMO=1), or makes the one-time token for the first administrator.
"""

import json
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command, get_commands
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from tools.steps import say, stop

ROLES = {"employee": "员工", "lead": "班组长", "manager": "主管", "auditor": "稽核", "administrator": "管理员"}


def migrate() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Preparing the database …")
        call_command("migrate", interactive=False, verbosity=0)


def wants_demo() -> bool:
    from config import env  # settings are read by now

    return env.flag("DEMO", not env.text("DATABASE_URL"))


def accounts() -> list[dict[str, str]]:
    path = Path(settings.DATA_DIR) / "demo" / "accounts.json"
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return []


def fill() -> list[str]:
    """Fills what is empty; returns the lines to print under the address."""
    from people.models import Employee  # the rooms load after django.setup()
    from people.services import make_first_token

    commands = get_commands()
    if not Employee.objects.exists() and wants_demo() and "seed_demo" in commands:
        say("Creating the demo company …")
        call_command("seed_demo", verbosity=0)
    token = make_first_token()
    if token:
        if "load_library" in commands:
            call_command("load_library", verbosity=0)
        return [
            "  Nobody works here yet. The first administrator signs up once 首位管理员在此建立账号",
            "    {address}/first-administrator/",
            f"    token 口令  {token}",
        ]
    rows = accounts() if wants_demo() else []
    if not rows:
        return []
    lines = ["  Sign in to the demo company as 演示账号"]
    for row in rows:
        role = f"{row.get('role_zh') or ROLES.get(row['role'], '')} {row['role']}"
        lines.append(f"    {row['number']:<8} {row['password']:<16} {role}, {row.get('name', '')}")
    return lines


def main() -> None:
    """Writes the lines to the file named; `{address}` in them stands for the server's address."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
    except ImproperlyConfigured as error:
        stop(f"Shipshape did not start: {error}")
    try:
        migrate()
        lines = fill()
    except DatabaseError as error:
        stop(f"The database cannot be used: {str(error).strip()}")
    Path(sys.argv[1]).write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()
