"""Publishing: frozen, once per content, with errors that name the place."""

import pytest

from checklists.errors import BadContent
from checklists.models import ChecklistVersion
from checklists.services import publish_checklist
from people.actor import Actor
from tests.checklists.conftest import make_content, two

pytestmark = pytest.mark.django_db


def test_same_content_makes_no_new_version() -> None:
    first = publish_checklist(slug="morning", content=make_content(), actor=Actor.system("command"))
    assert publish_checklist(slug="morning", content=make_content(), actor=Actor.system("command")) == first


def test_new_content_makes_the_next_version_and_leaves_the_old_one() -> None:
    first = publish_checklist(slug="morning", content=make_content(), actor=Actor.system("command"))
    second = publish_checklist(
        slug="morning", content=make_content(title=two("晨检", "Morning check")), actor=Actor.system("command")
    )
    assert (first.number, second.number) == (1, 2)
    assert ChecklistVersion.objects.get(pk=first.pk).title["zh"] == "订单晨检"
    assert first.items.count() == second.items.count() == 4
    second.checklist.refresh_from_db()
    assert second.checklist.title["zh"] == "晨检"


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"slug": "x", "kind": "dance", "title": two("甲", "a")}, "dance"),
        ({"slug": "x", "kind": "check", "title": "plain"}, "title"),
        ({"kind": "check", "title": two("甲", "a")}, "slug"),
        ({"slug": "x", "kind": "number", "title": two("甲", "a"), "least": "four"}, "four"),
        ({"slug": "x", "kind": "sample", "title": two("甲", "a")}, "morning, 1"),
        ({"slug": "x", "kind": "check", "title": two("甲", "a"), "colour": "red"}, "colour"),
    ],
)
def test_bad_item_is_refused_with_its_place(row: dict, word: str) -> None:
    with pytest.raises(BadContent, match=word):
        publish_checklist(slug="morning", content=make_content(items=[row]), actor=Actor.system("command"))
