"""Checklists from files: one YAML file each, that a manager can read and change."""

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from checklists.errors import BadContent
from checklists.models import ChecklistVersion
from checklists.services import publish_checklist
from people.actor import Actor


def read_checklist(path: Path) -> dict[str, Any]:
    """The content of one file. Raises BadContent naming the file, and the line where YAML stops making sense."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadContent(_("%(file)s cannot be read: %(why)s"), file=path.name, why=error) from error
    if not isinstance(content, dict) or not content.get("slug"):
        raise BadContent(_("%(file)s: a checklist begins with its slug."), file=path.name)
    return content


@transaction.atomic
def load_checklists(folder: Path) -> list[ChecklistVersion]:
    """Publishes every checklist of a folder, all or none; what has not changed makes no new version."""
    contents = [read_checklist(path) for path in sorted(folder.glob("*.yaml"))]
    actor = Actor.system("library")
    return [publish_checklist(slug=content["slug"], content=content, actor=actor) for content in contents]
