"""The library that the product brings."""

from io import StringIO

from django.core.management import call_command

from starter.management.commands.load_library import LIBRARY
from tests.cast import Cast
from training.library import read_module
from training.services.publishing import check_content


def test_loading_the_library_again_publishes_nothing_new(cast: Cast) -> None:
    first, again = StringIO(), StringIO()
    call_command("load_library", stdout=first)
    assert "new: module daily-order-check, version 1" in first.getvalue()
    assert "new: checklist morning-order-check, version 1" in first.getvalue()
    call_command("load_library", stdout=again)
    assert again.getvalue().startswith("0 new")


def test_every_text_of_the_modules_is_in_both_languages() -> None:
    files = sorted((LIBRARY / "modules").glob("*.yaml"))
    assert len(files) == 3
    for file in files:
        content = read_module(file)
        check_content(content["slug"], content)
        assert 3 <= len(content["lessons"]) <= 5 and 8 <= len(content["questions"]) <= 12
        texts = [
            content["title"],
            content["summary"],
            *(row[key] for row in content["lessons"] for key in ("title", "body")),
        ]
        texts += [row[key] for row in content["questions"] for key in ("text", "why")]
        texts += [option for row in content["questions"] for option in row["options"]]
        assert [text for text in texts if not (text.get("zh") and text.get("en"))] == []
