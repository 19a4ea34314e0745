"""Modules from files: one YAML file each, that a manager can read and change."""

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from people.actor import Actor
from training.errors import BadModule
from training.models import ModuleVersion
from training.services import publish_module


def read_module(path: Path) -> dict[str, Any]:
    """The content of one file. Raises BadModule naming the file, and the line where YAML stops making sense."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadModule(_("%(file)s cannot be read: %(why)s"), file=path.name, why=error) from error
    if not isinstance(content, dict) or not content.get("slug"):
        raise BadModule(_("%(file)s: a module begins with its slug."), file=path.name)
    return content


@transaction.atomic
def load_modules(folder: Path) -> list[ModuleVersion]:
    """Publishes every module of a folder, all or none; what has not changed makes no new version."""
    contents = [read_module(path) for path in sorted(folder.glob("*.yaml"))]
    actor = Actor.system("library")
    return [publish_module(slug=content["slug"], content=content, actor=actor) for content in contents]
