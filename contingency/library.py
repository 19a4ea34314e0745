"""Plans as files that a manager can read: one YAML per plan, published by its file's name."""

from collections.abc import Iterable
from pathlib import Path

import yaml

from contingency.models import PlanVersion
from contingency.services import add_materials, publish_plan
from people.actor import Actor
from people.models import Site


def load_plans(folder: Path, sites: Iterable[Site]) -> list[PlanVersion]:
    """Publishes every plan of a folder for the company and lists its materials at the sites; loading again changes
    only what changed in the files."""
    places, versions, actor = list(sites), [], Actor.system("library")
    for path in sorted(Path(folder).glob("*.yaml")):
        version = publish_plan(slug=path.stem, content=yaml.safe_load(path.read_text("utf-8")), actor=actor)
        add_materials(version=version, sites=places, actor=actor)
        versions.append(version)
    return versions
