"""The starter library's checklists load, are bilingual, and load again without a new version."""

from pathlib import Path

import pytest
from django.conf import settings

from cases.models import Case
from checklists.errors import BadContent
from checklists.library import load_checklists, read_checklist
from checklists.models import ChecklistVersion
from training.models import Module

FOLDER = settings.BASE_DIR / "starter" / "library" / "checklists"


def is_bilingual(value: object) -> bool:
    return isinstance(value, dict) and bool(value.get("zh")) and bool(value.get("en"))


@pytest.mark.django_db
def test_library_loads_once() -> None:
    Module.objects.create(slug="daily-order-check")
    first = load_checklists(FOLDER)
    assert [version.checklist.slug for version in first] == ["morning-order-check", "no-pickup-check", "shift-handover"]
    assert load_checklists(FOLDER) == first
    assert ChecklistVersion.objects.count() == 3


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_text_is_bilingual_and_every_case_kind_exists(path: Path) -> None:
    content = read_checklist(path)
    assert is_bilingual(content["title"]) and is_bilingual(content["summary"])
    assert 7 <= len(content["items"]) <= 10
    for item in content["items"]:
        assert is_bilingual(item["title"]) and is_bilingual(item["help"]), item["slug"]
        assert all(is_bilingual(reason) for reason in item.get("reasons", []))
        assert item.get("case", Case.Kind.CHECK) in Case.Kind.values


@pytest.mark.parametrize("text", ["title: [", "- a list", "title: {zh: 甲}"])
def test_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadContent, match=r"broken\.yaml"):
        load_checklists.__wrapped__(tmp_path)
