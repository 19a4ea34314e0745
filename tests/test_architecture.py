"""The plan of the house, checked where the linter cannot look."""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings

from config.reactions import REACTIONS
from config.ticking import STEPS

ROOT = Path(settings.BASE_DIR)
SIBLINGS = {"training", "orders"}
RANK = {room: height for height, room in enumerate(reversed(settings.ROOMS))}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (p for p in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in p.parts)


def test_relations_of_models_point_down_only() -> None:
    wrong = []
    for model in apps.get_models():
        room = model._meta.app_label
        for field in model._meta.get_fields():
            other = getattr(field, "related_model", None)
            if room not in RANK or field.auto_created or other is None or other == "self":
                continue
            target = other._meta.app_label
            upward = target in RANK and RANK[target] > RANK[room]
            if upward or {room, target} == SIBLINGS:
                wrong.append(f"{model.__name__}.{field.name} → {target}")
    assert not wrong


def test_the_linter_knows_the_same_order_as_the_settings() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    rooms = [room.strip() for layer in layers for room in layer.split("|")]
    assert rooms == ["config", *settings.ROOMS, "kernel"]


def inner_imports(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (n.lineno for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom))


def test_no_import_hides_in_a_function() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources("config", "kernel", *settings.ROOMS)
        for line in inner_imports(ast.parse(path.read_text("utf-8")))
    ]
    assert not wrong


READERS = {"PIL", "numpy", "pillow_heif", "python_calamine", "rapidocr", "zxingcpp"}


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_files_from_outside_are_read_in_the_sandbox_alone() -> None:
    """docs/adr/0030. What runs there is started by name, and imported by nothing else."""
    wrong = []
    for path in sources("config", "kernel", *settings.ROOMS):
        if "sandboxed" not in path.parts:
            names = list(imported(ast.parse(path.read_text("utf-8"))))
            native = [name for name in names if name.split(".")[0] in READERS]
            wrong += [
                f"{path.relative_to(ROOT)}: {name}" for name in (*native, *(n for n in names if ".sandboxed" in n))
            ]
    assert not wrong


def test_no_signals_hold_rooms_together() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in sources("config", "kernel", *settings.ROOMS)
        if re.search(r"django\.(db\.models|core|contrib\.auth)\.?signals|@receiver", path.read_text("utf-8"))
    ]
    assert not wrong


def is_built(room: str) -> bool:
    """Whether a room holds more than its frame."""
    frame = {"__init__.py", "apps.py", "urls.py"}
    return any(path.name not in frame for path in sources(room))


@pytest.mark.parametrize("room", [room for room in (*settings.ROOMS, "kernel") if is_built(room)])
def test_every_room_says_what_it_is_for(room: str) -> None:
    assert len((ROOT / room / "README.md").read_text("utf-8")) > 300


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_template_has_no_inline_style_or_script(path: Path) -> None:
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text("utf-8"), flags=re.S)
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=", text)
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in tag or 'type="application/json"' in tag, tag


def test_files_stay_short_enough_to_read() -> None:
    long = [str(p.relative_to(ROOT)) for p in sources(*settings.ROOMS) if len(p.read_text("utf-8").splitlines()) > 400]
    assert not long


OTHER_READERS = re.compile(r"<int:|forms\.(Date|DateTime|Time)Field|\bparse_date(time)?\(")


def test_days_and_ids_are_read_by_the_kernel_alone() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in sources("config", *settings.ROOMS)
        for found in OTHER_READERS.finditer(path.read_text("utf-8"))
    ]
    assert not wrong


# --- who acts

MACHINERY = {  # written inside another service's transaction, or by what has no person behind it
    "cases": {"take_numbers"},
    "checklists": {"open_runs"},
    "duties": {"beat"},
    "notifications": {"send_notice", "send_notices", "requeue_deliveries"},
    "orders": {
        "look_at_files",
        "run_import",
        "reconcile_orders",
        "reconcile_touched",
        "recheck_orders",
        "apply_rules",
        "forget_buyers",
    },
    "people": {"create_first_administrator", "make_first_token"},  # the one-time token is the permission
}
HELPERS = {  # they write nothing
    "cases": {
        "check_deductible",
        "contact_payload",
        "deduction_rule",
        "duty_title",
        "lacking",
        "opening_digest",
        "opening_payload",
    }
    | {"shipped"},
    "checklists": {"digest_lines", "review_payload", "submission_payload"},
    "contingency": {"drill_duty", "planned_payload", "step_payload"},
    "orders": {"judge_parcel", "close_numbers"},
    "people": {"is_list", "is_weak_pin", "may_roster"},
    "training": {"due_after", "assigned_payload", "completion_payload", "assignment_duty"},
}
ROOMS_THAT_ASK = [room for room in settings.ROOMS if room not in ("records", "compliance", "starter")]


@cache
def names_imported() -> dict[str, set[tuple[str, Path]]]:
    """Module → the names that are imported from it, and where."""
    found: dict[str, set[tuple[str, Path]]] = defaultdict(set)
    for path in sources("config", *settings.ROOMS):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                found[node.module].update((alias.name, path) for alias in node.names)
    return found


def entrances(room: str) -> dict[str, Callable[..., Any]]:
    """The functions of a room's services that anything outside of them calls."""
    home = ROOT / room / "services"
    modules = [f"{room}.services", *(f"{room}.services.{path.stem}" for path in home.glob("[a-z]*.py"))]
    modules += ["duties.leaving"] if room == "duties" else []
    called: set[str] = set(getattr(import_module(modules[0]), "__all__", ()))
    for module in modules:
        called.update(name for name, path in names_imported()[module] if home not in path.parents)
    known = [pair for module in modules for pair in vars(import_module(module)).items()]
    return {
        name: thing
        for name, thing in known
        if (name in called or not home.is_dir()) and name[0] != "_"
        if callable(thing) and not isinstance(thing, type) and getattr(thing, "__module__", "") in modules
    }


def writing_services(room: str) -> set[str]:
    """Those that ask who acts: each has a row in tests/<room>/test_who.py."""
    free = MACHINERY.get(room, set()) | HELPERS.get(room, set())
    return {name for name, service in entrances(room).items() if name not in free and service not in by_itself()}


def by_itself() -> set[Any]:
    """What the clock and the worker run: nobody asks for it."""
    reactions = [reaction for some in REACTIONS.values() for reaction in some]
    return {*STEPS, *reactions}


@pytest.mark.parametrize("room", ROOMS_THAT_ASK)
def test_every_service_that_writes_asks_who_acts(room: str) -> None:
    free = MACHINERY.get(room, set()) | HELPERS.get(room, set())
    asked, wrong = entrances(room), []
    for name, service in asked.items():
        actor = signature(service).parameters.get("actor")
        asks = actor is not None and actor.kind is actor.KEYWORD_ONLY and actor.default is actor.empty
        if asks == (name in free or service in by_itself()):
            wrong.append(name)
    assert not wrong and free <= set(asked)


@pytest.mark.parametrize("room", ROOMS_THAT_ASK)
def test_no_page_reaches_what_asks_nobody(room: str) -> None:
    free = MACHINERY.get(room, set()) - {"create_first_administrator"} | {step.__name__ for step in by_itself()}
    wrong = []
    for path in sources(*settings.ROOMS):
        if "forms" in path.parts or "views" in path.parts or path.stem in ("forms", "views"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                named = getattr(node, "attr", None) or getattr(node, "id", None)
                if named in free and named not in ("remind_duties",):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {named}")
    assert not wrong
