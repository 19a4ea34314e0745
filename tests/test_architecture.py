"""The plan of the house, checked where the linter cannot look."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

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
