"""The frame around every page: language, theme, navigation by role, error pages."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from people.scope import scope_of
from tests.cast import Cast


def render(user=None, template="base.html", path="/", cookies=None, **context):
    request = RequestFactory().get(path)
    request.COOKIES.update(cookies or {})
    request.user = user or AnonymousUser()
    if user:
        request.scope = scope_of(user)
    return render_to_string(template, context, request=request)


def test_signed_out_page_has_no_navigation() -> None:
    page = render()
    assert 'id="menu"' not in page
    assert 'class="bottom-bar"' not in page


def test_theme_follows_the_device_unless_a_cookie_says_so() -> None:
    assert "data-bs-theme" not in render()
    assert 'data-bs-theme="dark"' in render(cookies={"theme": "dark"})
    assert "data-bs-theme" not in render(cookies={"theme": "<script>"})


def test_language_of_the_page_is_declared() -> None:
    with translation.override("en"):
        assert '<html lang="en"' in render()
    with translation.override("zh-hans"):
        assert '<html lang="zh-Hans"' in render()


def test_page_has_nothing_inline() -> None:
    page = render()
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick" not in page


def test_navigation_hides_what_the_role_lacks(cast: Cast) -> None:
    mei, li = render(cast.mei), render(cast.li)
    links = {name: f'href="{reverse(name)}"' for name in ("cases:case_list", "compliance:matrix", "people:admin_home")}
    assert links["cases:case_list"] in mei
    assert links["compliance:matrix"] not in mei
    assert links["compliance:matrix"] in li
    assert links["people:admin_home"] not in li


def test_current_page_is_marked_once_in_each_bar(cast: Cast) -> None:
    page = render(cast.mei, path=f"{reverse('cases:case_list')}7/")
    assert page.count('aria-current="page"') == 2


@pytest.mark.parametrize("template", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_page_renders_without_a_request(template: str) -> None:
    assert "<h1" in render_to_string(template)


def test_back_link_of_a_refusal_stays_on_this_site() -> None:
    request = RequestFactory().get("/", headers={"referer": "https://elsewhere.example/"})
    request.user = AnonymousUser()
    page = render_to_string("refused.html", {"sentence": "No."}, request=request)
    assert "elsewhere" not in page


def test_progress_and_states_render() -> None:
    assert "3 / 9" in render_to_string("components/progress.html", {"done": 3, "total": 9})
    assert "state--late" in render_to_string("components/duty_state.html", {"status": "late"})
    assert "梅" in render_to_string("components/person.html", {"employee": SimpleNamespace(name="梅花", number="1")})


def test_codes_stay_in_one_line_and_what_people_wrote_stays_text() -> None:
    told = Template("{{ text|unbroken }}").render(Context({"text": "<b>单号不符 C-2026-000123"}))
    assert told == '&lt;b&gt;单号不符 <span class="text-nowrap">C-2026-000123</span>'


FORM = re.compile(r"""<form\b((?:[^>{]|\{[{%].*?[}%]\})*)>(.*?)</form>""", re.DOTALL)
FIELD = re.compile(r"""\|crispy|\{% crispy |<textarea|<select|<input(?![^>]*type="(?:hidden|file|checkbox)")""")


def test_forms_are_judged_by_the_server_with_a_sentence_that_stays() -> None:
    """A browser's own bubble speaks the browser's language, not the page's, and is gone in seconds."""
    forms = [
        (path.as_posix(), head)
        for path in Path("templates").rglob("*.html")
        for head, body in FORM.findall(path.read_text())
        if 'method="post"' in head and FIELD.search(body)
    ]
    assert len(forms) > 20
    assert [form for form in forms if "novalidate" not in form[1]] == []
