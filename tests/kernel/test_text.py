"""Lists in sentences are parted as their language parts them."""

import re

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from kernel.text import listed


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "圆通、顺丰、邮政"), ("en", "圆通, 顺丰, 邮政")])
def test_list_is_parted_as_the_language_parts_it(language: str, said: str) -> None:
    couriers = ["圆通", "顺丰", "邮政"]
    with translation.override(language):
        assert listed(couriers) == said
        assert Template("{{ couriers|listed }}").render(Context({"couriers": couriers})) == said


def test_no_template_parts_a_list_by_the_mark_of_one_language() -> None:
    for path in sorted((settings.BASE_DIR / "templates").rglob("*.html")):
        found = re.findall(r"""join:["'] ?[、,，;；]|forloop\.last %}[、,，]""", path.read_text("utf-8"))
        assert not found, f"{path.name}: {found}"
